import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { playStory } from '../../fixtures/demo/story.ts';
import { runCli } from '../run-cli.ts';
import { ROOT } from './source-files.ts';

export const SAMPLE_FOLDER: string = join(ROOT, 'reports', 'sample');

const NOW = '2026-11-01T00:00:00Z';
const CONFIG = join(ROOT, 'fixtures', 'demo', 'lastcall.yaml');

const REPORTS = {
  'report.txt': 'table',
  'report.json': 'json',
  'report.csv': 'csv',
  'report.md': 'markdown',
  'report.html': 'html',
} as const;

const VIEWS: Readonly<Record<string, readonly string[]>> = {
  'explain-gw-orders-2023.txt': ['explain', 'gw-orders-2023'],
  'explain-edge-stock-audit.txt': ['explain', 'edge-stock-audit'],
  'coverage.txt': ['coverage'],
  'backtest.txt': ['backtest'],
};

/** What lastcall says of the demo, by file name: the real program on the real files, at a fixed time. */
export function renderSampleReports(): ReadonlyMap<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'lastcall-sample-'));
  const run = (args: readonly string[]): string => {
    const { status, stdout, stderr } = runCli([...args, '--config', CONFIG, '--db', 'sample.db'], {
      cwd: folder,
      env: { LASTCALL_NOW: NOW },
    });
    if (status !== 0) throw new Error(`lastcall ${args.join(' ')} ended with ${status}: ${stderr}`);
    return stdout;
  };
  try {
    run(['scan', ...Object.entries(REPORTS).flatMap(([file, reporter]) => ['-o', `${reporter}=${file}`])]);
    const reports = Object.keys(REPORTS).map((file) => [file, readFileSync(join(folder, file), 'utf8')] as const);
    const story = ['handoff.txt', [...playStory()].join('')] as const;
    const views = Object.entries(VIEWS).map(([file, args]) => [file, run(args)] as const);
    return new Map([...reports, ...views, story].map(([file, text]) => [file, withoutChance(text)]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// The id of a database is random: it tells two of them apart. Where the clone lies is nobody's business.
function withoutChance(text: string): string {
  return text
    .replaceAll(ROOT, '')
    .replace(
      /(?<before>(?:"database": \{\s*"id": "|of database ))[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/,
      '$<before>00000000-0000-0000-0000-000000000000',
    );
}
