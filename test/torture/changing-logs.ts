import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzip } from '../ingest/made-logs.ts';
import { FIXED_SECRET } from '../run-cli.ts';
import { listOperations, runProgram } from './faulty-run.ts';
import { checkLines, runOver } from './histories.ts';
import type { Reference } from './reference.ts';
import { inParallel, type OnDone, type Result, share, type Which } from './result.ts';
import { lineNumber, textOfLine } from './rotation.ts';

/** What may happen to logs while a run reads them. What is appended is in `more`. */
const ACTS: Readonly<Record<string, string>> = {
  append: 'cat more >> logs/app.log',
  rename: 'mv logs/app.log logs/app.log.1 && cat more > logs/app.log',
  'rename, and the writer goes on': 'mv logs/app.log logs/app.log.1 && cat more >> logs/app.log.1',
  copytruncate: 'cp logs/app.log logs/app.log.1 && : > logs/app.log && cat more >> logs/app.log',
  'copytruncate and compress':
    'cp logs/app.log logs/app.log.1 && : > logs/app.log && gzip logs/app.log.1 && cat more >> logs/app.log',
  'rename and compress': 'mv logs/app.log logs/app.log.1 && gzip logs/app.log.1 && cat more > logs/app.log',
  'compress what is read': 'gzip logs/old.log',
  'move the folder': 'mv logs place && mkdir logs && mv place logs/place && cat more >> logs/place/app.log',
};

/** The lines in files before the first night, on the second one, and what is written meanwhile. */
const [FIRST, SECOND, MORE] = [40, 70, 90];

/**
 * Logs are rotated while a run reads them, before each operation of the run: after the next run every line counts once,
 * since none of this loses a line.
 */
export async function changeEverywhere(
  { shim, cli }: Pick<Reference, 'shim' | 'cli'>,
  which: Which,
  onDone?: OnDone,
): Promise<Result> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-changing-'));
  const start = path.join(dir, 'start');
  await begin(start);
  const whole = path.join(dir, 'whole');
  fs.cpSync(start, whole, { recursive: true, preserveTimestamps: true });
  const operations = await listOperations(RUN, { cwd: whole, shim, below: whole, cli });
  const jobs = operations.flatMap(({ number }) => Object.keys(ACTS).map((name) => ({ name, at: number })));
  const result = await inParallel(
    share(jobs, which),
    async ({ name, at }) => {
      const cwd = fs.mkdtempSync(path.join(dir, 'run-'));
      fs.cpSync(start, cwd, { recursive: true, preserveTimestamps: true });
      const injection = { shim, below: cwd, fault: { mode: 'act', at, act: ACTS[name] ?? '' } } as const;
      const { status, stderr } = await runProgram(RUN, { cwd, injection, cli });
      const title = `${name} before operation ${at}`;
      if (status !== 0 && status !== 3) throw new Error(`${title}: the run ended with ${status}: ${stderr}`);
      await runOver(cwd, path.join(cwd, 'logs'));
      const isWritten = name !== 'compress what is read';
      const lines = Array.from({ length: isWritten ? MORE : SECOND }, (_, number) => lineNumber(number));
      try {
        checkLines(cwd, lines, false);
      } catch (error) {
        throw new Error(title, { cause: error });
      }
      fs.rmSync(cwd, { recursive: true });
    },
    onDone,
  );
  fs.rmSync(dir, { recursive: true });
  return result;
}

const RUN = [
  'ingest',
  'logs',
  '--db',
  'x.db',
  '--source',
  'gateway',
  '--log-format',
  'json',
  '--secret-file',
  'secret',
];

/** One log that was read before, in part, and others that were not. */
async function begin(dir: string): Promise<void> {
  const at = (name: string): string => path.join(dir, name);
  const lines = (from: number, to: number): string => {
    let text = '';
    for (let n = from; n < to; n++) text += textOfLine(lineNumber(n));
    return text;
  };
  fs.mkdirSync(at('logs'), { recursive: true });
  fs.writeFileSync(at('secret'), FIXED_SECRET, { mode: 0o600 });
  fs.writeFileSync(at('logs/app.log'), lines(0, FIRST) + lines(FIRST, FIRST + 1).slice(0, 30));
  await runOver(dir, at('logs'));
  fs.appendFileSync(at('logs/app.log'), lines(FIRST, FIRST + 1).slice(30) + lines(FIRST + 1, SECOND - 20));
  fs.writeFileSync(at('logs/old.log'), lines(SECOND - 20, SECOND - 10));
  fs.writeFileSync(at('logs/older.log.gz'), gzip(lines(SECOND - 10, SECOND)));
  fs.writeFileSync(at('more'), lines(SECOND, MORE));
}
