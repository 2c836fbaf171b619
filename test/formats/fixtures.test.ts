import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FORMATS, recogniseFormat } from '../../src/formats/index.ts';
import { takeSample } from '../../src/formats/sample.ts';
import { planReading } from '../../src/ingest/reading-plan.ts';
import { HEAD_BYTES } from '../../src/sources/identity.ts';
import { expectedFile, fixtureFolders, parseSamples, sampleFile } from './fixture-folders.ts';
import { cpuMs } from '../cpu-time.ts';

const FOLDERS = fixtureFolders();
/** They fit what more special formats are made of. */
const GENERAL = new Set(['combined', 'csv', 'json', 'w3c']);

const SAMPLES = FOLDERS.flatMap((folder) =>
  folder.samples.map((sample) => ({
    folder,
    title: `${folder.name}/${sample}`,
    head: fs.readFileSync(sampleFile(folder, sample)).subarray(0, HEAD_BYTES),
  })),
);

describe('a sample of a log format', () => {
  it.each(FOLDERS)('of $name is read as expected (npm run goldens, and read the diff)', async (folder) => {
    expect(await parseSamples(folder)).toBe(fs.readFileSync(expectedFile(folder), 'utf8'));
  });

  it.each(SAMPLES)('$title is taken for what it is', ({ folder, head }) => {
    const { name } = planReading(head, folder.choice).format;
    expect([folder.name, name]).toEqual([folder.name, expect.toSatisfy(() => isOf(folder.name, name))]);
  });

  it.each(SAMPLES)('$title is claimed by no other special format', ({ folder, head }) => {
    const sample = takeSample(head);
    const claims = FORMATS.filter((format) => format.recognise(sample) > 0.5).map(({ name }) => name);
    expect(claims.filter((name) => !GENERAL.has(name) && !isOf(folder.name, name))).toEqual([]);
  });

  it.each(SAMPLES)('$title is taken for the same when one more line of noise stands before it', ({ folder, head }) => {
    const isLines = head.toString().split('\n').length > 3 && !['[', '{'].includes(head.toString()[0] ?? '');
    if (!isLines || folder.name.includes('csv') || folder.name.startsWith('custom')) return;
    const noisy = Buffer.concat([Buffer.from('starting up\n'), head]);
    expect(planReading(noisy, folder.choice).format.name).toBe(planReading(head, folder.choice).format.name);
  });
});

it('a few requests of uWSGI do not make other requests noise', () => {
  const [uwsgi = ''] = readSample('uwsgi', 'uwsgi.log').filter((line) => line.startsWith('[pid: '));
  const [combined = ''] = readSample('combined', 'access.log');
  const mixed = [uwsgi, ...Array.from({ length: 20 }, () => combined)].join('\n');
  expect(recogniseFormat(takeSample(Buffer.from(`${mixed}\n`)))?.name).toBe('combined');
});

it('every log format has samples', () => {
  const missing = FORMATS.filter(({ name }) => !FOLDERS.some((folder) => isOf(folder.name, name)));
  expect(missing.map(({ name }) => name)).toEqual([]);
});

it('no text format takes much longer for a hostile line that is ten times as long', () => {
  const parts = ['"', '" "', '\\"', ' ', ' - ', '[', '] ', '{', '|', ' : ', ', ', '1/', '"a" ', ' 200 ', '\t', '#', 'a => generated ']; // prettier-ignore
  const heads = SAMPLES.map(({ head }) => head.toString().split('\n')[0] ?? '').filter((line) => line.length < 2000);
  for (const { name, syntax } of FORMATS) {
    if (syntax.kind !== 'text') continue;
    const ms = cpuMs(() => {
      for (const part of parts) {
        for (const head of ['', ...heads]) {
          for (const cut of [head.length, head.length >> 1]) syntax.match(head.slice(0, cut) + part.repeat(20_000));
        }
      }
    });
    expect(ms / (parts.length * heads.length * 2), name).toBeLessThan(20);
  }
});

function readSample(name: string, sample: string): string[] {
  const folder = FOLDERS.find((one) => one.name === name);
  return folder === undefined ? [] : fs.readFileSync(sampleFile(folder, sample), 'utf8').split('\n');
}

function isOf(folder: string, format: string): boolean {
  return folder === format || folder.startsWith(`${format}-`);
}
