import fs from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createFingerprinter } from '../../src/attribution/fingerprint.ts';
import { FORMATS } from '../../src/formats/index.ts';
import { detectFormat } from '../../src/ingest/detect-format.ts';
import { settingsByPath } from '../../src/ingest/log-settings.ts';
import { parseLog } from '../../src/ingest/parse-log.ts';
import { SECRET } from '../ingest/harness.ts';

const ROOT = path.resolve(import.meta.dirname, '../../fixtures/formats');
const FOLDERS = fs.readdirSync(ROOT);

/** As without any option. */
const OPTIONS = {
  sources: [],
  source: undefined,
  logFormat: 'auto',
  logFormatString: undefined,
  records: undefined,
  fields: {},
  timezone: undefined,
  systems: [],
};
const settingsOf = settingsByPath(OPTIONS, createFingerprinter(SECRET));

function sampleOf(folder: string): string {
  const name = fs.readdirSync(path.join(ROOT, folder)).find((file) => file.startsWith('sample.')) ?? '';
  return path.join(ROOT, folder, name);
}

describe.each(FOLDERS.filter((name) => !name.startsWith('in-')))('a log in the format %s', (folder) => {
  it('is recognised among all formats', async () => {
    const file = sampleOf(folder);
    expect(FORMATS.map(({ name }) => name)).toContain(folder);
    expect((await detectFormat(file, settingsOf(file), Readable.from([]))).format).toBe(folder);
  });
});

describe.each(FOLDERS)('the samples of %s', (folder) => {
  it('are understood as expected', async () => {
    const file = sampleOf(folder);
    const lines: string[] = [];
    await parseLog(file, settingsOf(file), [], Readable.from([]), async (some) => {
      lines.push(...some);
    });
    const parsed = lines.map((line) => ({ ...(JSON.parse(line) as object), file: path.basename(file) }));
    const expected = fs
      .readFileSync(path.join(ROOT, folder, 'expected.jsonl'), 'utf8')
      .trim()
      .split('\n');
    expect(parsed).toEqual(expected.map((line) => JSON.parse(line) as unknown));
  });
});
