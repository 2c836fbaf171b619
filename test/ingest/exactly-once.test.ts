import fs from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UnreachableInput } from '../../src/sources/decompress.ts';
import { type LogFile, logOfBytes } from '../../src/sources/log-file.ts';
import type { Dump } from './dump.ts';
import { type Lab, newLab, readOnce } from './harness.ts';
import { gzip, jsonLine, jsonLog, zstd } from './made-logs.ts';

const GATEWAY = { source: 'gateway' };
const NO_OBJECTS = { listed: [], hasRoom: false, prefetch: () => undefined, close: () => undefined };

/** Good lines with all that may stand between them; instants ascend. */
const LOG = [...Array(60).keys()]
  .map(
    (n) =>
      jsonLine(n) +
      (n % 20 === 7 ? '{"broken\n' : n % 20 === 9 ? '\n' : n % 20 === 11 ? '{"api_key":"no-time-here"}\n' : ''),
  )
  .join('');
const HALF = lineStart(LOG, LOG.length / 2);

/** Ways in which one and the same log comes to us. All must amount to one run over it. */
const WAYS: Readonly<Record<string, (lab: Lab) => Promise<void>>> = {
  async 'read twice'(lab) {
    lab.write('a.log', LOG);
    await lab.read(undefined, GATEWAY);
    await lab.read(undefined, GATEWAY);
  },
  async 'renamed between runs'(lab) {
    lab.write('a.log', LOG.slice(0, HALF));
    await lab.read(undefined, GATEWAY);
    lab.move('a.log', 'a.log.1');
    lab.append('a.log.1', LOG.slice(HALF));
    await lab.read(undefined, GATEWAY);
  },
  async 'rotated, and the writer goes on writing to the old file'(lab) {
    lab.write('a.log', LOG.slice(0, HALF - 700));
    await lab.read(undefined, GATEWAY);
    lab.move('a.log', 'a.log.1');
    lab.append('a.log.1', LOG.slice(HALF - 700, HALF));
    lab.write('a.log', LOG.slice(HALF));
    await lab.read(undefined, GATEWAY);
  },
  async 'rotated three times'(lab) {
    const parts = [0, 0.3, 0.6, 1].map((share) => lineStart(LOG, LOG.length * share));
    for (let n = 0; n < 3; n++) {
      if (n > 1) lab.move('a.log.1', 'a.log.2');
      if (n > 0) lab.move('a.log', 'a.log.1');
      lab.write('a.log', LOG.slice(parts[n], parts[n + 1]));
      await lab.read(undefined, GATEWAY);
    }
  },
  async 'compressed with gzip after it was read'(lab) {
    lab.write('a.log', LOG);
    await lab.read(undefined, GATEWAY);
    lab.remove('a.log');
    lab.write('a.log.1.gz', gzip(LOG));
    await lab.read(undefined, GATEWAY);
  },
  async 'compressed with zstd before its last part was read'(lab) {
    lab.write('a.log', LOG.slice(0, HALF + 13));
    await lab.read(undefined, GATEWAY);
    lab.remove('a.log');
    lab.write('a.zst', zstd(LOG));
    await lab.read(undefined, GATEWAY);
  },
  async 'plain and compressed side by side'(lab) {
    lab.write('a.log', LOG);
    lab.write('b.gz', gzip(LOG));
    lab.write('c.zst', zstd(LOG));
    await lab.read(undefined, GATEWAY);
  },
  async 'copied, linked and named in several ways'(lab) {
    lab.write('a.log', LOG);
    lab.write('sub/copy.log', LOG);
    fs.linkSync(lab.path('a.log'), lab.path('hard.log'));
    fs.symlinkSync(lab.path('a.log'), lab.path('soft.log'));
    await lab.read(['', 'a.log', 'sub/../a.log', 'soft.log'], GATEWAY);
    await lab.read(['soft.log', 'hard.log'], GATEWAY);
  },
  async 'first seen as a copy of its first half'(lab) {
    lab.write('a.log', LOG.slice(0, HALF));
    lab.write('b.log', LOG);
    await lab.read(undefined, GATEWAY);
    await lab.read(undefined, GATEWAY);
  },
  async 'moved to another host'(lab) {
    lab.write('web01/a.log', LOG);
    await lab.read(undefined, GATEWAY);
    fs.cpSync(lab.path('web01'), lab.path('web02'), { recursive: true });
    fs.rmSync(lab.path('web01'), { recursive: true });
    await lab.read(undefined, GATEWAY);
  },
  async 'in gzip members that were appended between runs, cut within a line'(lab) {
    for (const cuts of [
      [0, 1000],
      [1000, HALF + 5],
      [HALF + 5, LOG.length],
    ] as const) {
      fs.appendFileSync(lab.path('a.gz'), gzip(LOG.slice(...cuts)));
      await lab.read(undefined, GATEWAY);
    }
  },
  async 'interrupted at its start and read again'(lab) {
    lab.write('a.log', LOG);
    await lab.read(undefined, { ...GATEWAY, isInterrupted: () => true });
    await lab.read(undefined, GATEWAY);
  },
  async 'piped, then piped again with what was written since'(lab) {
    for (const end of [700, 700, HALF + 9, LOG.length, LOG.length])
      await lab.read(['-'], { ...GATEWAY, stdin: [Buffer.from(LOG.slice(0, end))] });
  },
  async 'as a file, then through a pipe'(lab) {
    lab.write('a.log', LOG.slice(0, HALF + 9));
    await lab.read(undefined, GATEWAY);
    await lab.read(['-'], { ...GATEWAY, stdin: [Buffer.from(LOG)] });
  },
  async 'through a pipe in single bytes'(lab) {
    await lab.read(['-'], { ...GATEWAY, stdin: [...Buffer.from(LOG)].map((byte) => Buffer.from([byte])) });
  },
  async 'compressed through a pipe'(lab) {
    await lab.read(['-'], { ...GATEWAY, stdin: [gzip(LOG.slice(0, HALF)), gzip(LOG.slice(HALF))] });
  },
};

const CSV_PARTS = [
  'time,key,ip\n2026-09-01T10:00:00Z,example-1,10.0.0.1\n',
  '2026-09-01T11:00:00Z,example-1,10.0.0.2\n',
  'time,ip,key\n2026-09-01T12:00:00Z,10.0.0.2,example-2\n2026-09-01T13:00:00Z,10.0.0.2,example-1\n',
];
const W3C_PARTS = [
  '#Date: 2026-09-01 00:00:00\n#Fields: time c-ip x-api-key\n10:00:00 10.0.0.1 example-1\n',
  '11:00:00 10.0.0.2 example-1\n#Date: 2026-09-02 00:00:00\n',
  '#Fields: time x-api-key c-ip\n12:00:00 example-2 10.0.0.2\n13:00:00 example-1 10.0.0.2\n',
];

describe('a log counts once', () => {
  it.each(Object.entries(WAYS))('when it is %s', async (_, way) => {
    const lab = newLab();
    await way(lab);
    expect(lab.dump()).toEqual(await once());
  });

  it.each([
    ['csv', CSV_PARTS],
    ['w3c', W3C_PARTS],
  ])('when its columns change within it and it is cut anywhere between runs: %s', async (format, parts) => {
    const log = parts.join('');
    const whole = await readOnce({ 'a.log': log }, GATEWAY);
    expect(whole).toMatchObject({
      sources: [`gateway | ${format} | 4 | 0 | ${format === 'csv' ? 2 : 4}`],
      quarantine: [],
    });
    for (let cut = 1; cut < log.length; cut += 9) {
      const lab = newLab();
      lab.write('a.log', log.slice(0, cut));
      await lab.read(undefined, GATEWAY);
      lab.append('a.log', log.slice(cut));
      await lab.read(undefined, GATEWAY);
      expect([cut, lab.dump()]).toEqual([cut, whole]);
    }
  });

  it('when it is read after every byte that is written', async () => {
    const log = `${['time,key,status', '2026-09-01T10:00:00Z,example-é,200', '', '2026-09-01T11:00:00Z,example-2,401'].join('\r\n')}\r\n`;
    const lab = newLab();
    for (const byte of Buffer.from(log)) {
      lab.append('a.csv', Buffer.from([byte]));
      await lab.read(undefined, { ...GATEWAY, format: 'csv' });
    }
    expect(lab.dump()).toEqual(await readOnce({ 'a.csv': log }, { ...GATEWAY, format: 'csv' }));
  });

  it('when it is cut anywhere between runs and grows on under other names', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 200, max: LOG.length }), { minLength: 1, maxLength: 3 }),
        async (cuts) => {
          const lab = newLab();
          let name = 'a.log';
          lab.write(name, '');
          let from = 0;
          for (const to of [...cuts.toSorted((a, b) => a - b), LOG.length]) {
            lab.append(name, LOG.slice(from, to));
            await lab.read(undefined, GATEWAY);
            from = to;
            lab.move(name, `${name}.1`);
            name += '.1';
          }
          expect(lab.dump()).toEqual(await once());
        },
      ),
      { seed: 1, numRuns: 12 },
    );
  });

  it('whatever the order of the logs and however they are spread over files', async () => {
    const lines = LOG.split(/(?<=\n)/);
    const usesOnce = (await once()).uses;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(lines.length), { maxLength: 5 }), fc.nat(1000), async (cuts, shuffle) => {
        const lab = newLab();
        const places = [0, ...cuts.toSorted((a, b) => a - b), lines.length];
        const parts = places.slice(1).map((end, i) => lines.slice(places[i], end).join(''));
        for (const [i, part] of parts.entries()) lab.write(`${(i * 7 + shuffle) % 11}-${i}.log`, part);
        await lab.read(undefined, { ...GATEWAY, format: 'json' });
        expect(lab.dump().uses).toEqual(usesOnce);
      }),
      { seed: 2, numRuns: 12 },
    );
  });

  it.each([0, 1, 200, 1023])('when it has %i bytes', async (length) => {
    const line = `{"time":"2026-09-01T00:00:00Z","key":"k","x":"`;
    const log = length < 60 ? ' '.repeat(length) : `${line}${'x'.repeat(length - line.length - 3)}"}\n`;
    const lab = newLab();
    lab.write('a.log', log);
    lab.write('b.log', '');
    for (let run = 0; run < 2; run++) await lab.read(undefined, { ...GATEWAY, format: 'json' });
    expect(lab.dump().uses).toHaveLength(length < 60 ? 0 : 1);
    expect(lab.dump().sources.join()).toBe(
      length === 0 ? '' : `gateway | json | ${length < 60 ? '0 | 0 | 0' : '1 | 0 | 0'}`,
    );
  });

  it('with and without a final line end, with LF and with CRLF', async () => {
    const { skips: _, ...expected } = await once();
    for (const log of [LOG.trimEnd(), LOG.replaceAll('\n', '\r\n'), `\ufeff${LOG}`]) {
      const { skips: __, ...found } = await readOnce({ 'a.log': log }, GATEWAY);
      expect(found).toEqual(expected);
    }
  });

  it('beside another with the same first 64 KiB', async () => {
    const banner = jsonLog(0, 600);
    const logs = { 'a.log': banner + jsonLog(1000, 1050), 'b.log': banner + jsonLog(2000, 2050) };
    const lab = newLab();
    for (const [name, log] of Object.entries(logs)) lab.write(name, log);
    for (let run = 0; run < 2; run++) await lab.read(undefined, GATEWAY);
    expect(lab.dump().sources).toEqual(['gateway | json | 1300 | 0 | 0']);
    expect(lab.dump().faults).toEqual([]);
  });

  it('when copytruncate cut it and it grew beyond its old length', async () => {
    const lab = newLab();
    lab.write('a.log', jsonLog(0, 50));
    await lab.read(undefined, GATEWAY);
    fs.copyFileSync(lab.path('a.log'), lab.path('a.log.1'));
    lab.write('a.log', jsonLog(100, 200));
    await lab.read(undefined, GATEWAY);
    expect(lab.dump()).toEqual(await readOnce({ 'a.log': jsonLog(100, 200), 'a.log.1': jsonLog(0, 50) }, GATEWAY));
  });

  it('when the run is interrupted between the new log and its predecessor', async () => {
    const lab = newLab();
    lab.write('a.log', LOG.slice(0, HALF));
    await lab.read(undefined, GATEWAY);
    lab.move('a.log', 'a.log.1');
    lab.write('a.log', LOG.slice(HALF));
    let asked = 0;
    await lab.read(undefined, { ...GATEWAY, isInterrupted: () => ++asked > 1 });
    await lab.read(undefined, GATEWAY);
    expect(lab.dump()).toEqual(await once());
  });

  it('through nights of rotation, each of which drops the oldest log: none of that is a fault', async () => {
    const lab = newLab();
    for (let night = 0; night < 6; night++) {
      lab.append('app.log', jsonLog(night * 20, night * 20 + 10));
      const now = Date.now() + night * 3_600_000;
      expect((await lab.read(undefined, { ...GATEWAY, now })).problems).toEqual([]);
      if (night > 1) lab.remove('app.log.2');
      if (night > 0) lab.move('app.log.1', 'app.log.2');
      lab.move('app.log', 'app.log.1');
      lab.append('app.log.1', jsonLog(night * 20 + 10, night * 20 + 20));
    }
    expect(lab.faults()).toEqual([]);
    expect(lab.dump().sources).toEqual((await readOnce({ 'a.log': jsonLog(0, 110) }, GATEWAY)).sources);
  });

  it('when another log that is known goes by its name: what may be lost is a fault', async () => {
    for (const link of [fs.linkSync, fs.copyFileSync]) {
      const lab = newLab();
      lab.write('a.log', jsonLog(0, 10));
      lab.write('b.log', jsonLog(10, 20));
      await lab.read(undefined, GATEWAY);
      lab.remove('a.log');
      link(lab.path('b.log'), lab.path('a.log'));
      for (let night = 0; night < 2; night++) await lab.read(undefined, GATEWAY);
      expect(lab.faults()).toMatchObject([{ path: 'a.log', reason: 'rewritten-log' }]);
      expect(lab.dump().sources).toEqual((await readOnce({ 'a.log': jsonLog(0, 20) }, GATEWAY)).sources);
    }
  });

  it('when its predecessor was in memory of no run: what may be lost is a fault', async () => {
    const lab = newLab();
    lab.write('a.log', LOG.slice(0, HALF));
    await lab.read(undefined, GATEWAY);
    lab.write('a.log', LOG.slice(HALF));
    const { problems } = await lab.read(undefined, GATEWAY);
    expect(problems.filter(({ message }) => message.includes('replaced'))).toMatchObject([{ isIncomplete: true }]);
    expect(lab.faults()).toMatchObject([{ path: 'a.log', reason: 'rewritten-log' }]);
  });

  it('when an empty file is in the place of its predecessor: what may be lost is a fault until it is known', async () => {
    const lab = newLab();
    lab.write('a.log', LOG.slice(0, HALF));
    await lab.read(undefined, GATEWAY);
    lab.remove('a.log');
    lab.write('a.log', '');
    await lab.read(undefined, GATEWAY);
    expect(lab.faults()).toMatchObject([{ path: 'a.log', reason: 'rewritten-log' }]);
    lab.write('a.log', LOG.slice(HALF));
    await lab.read(undefined, GATEWAY);
    expect(lab.faults()).toMatchObject([{ path: 'a.log', reason: 'rewritten-log' }]);
    expect(lab.dump().sources).toEqual((await once()).sources);
  });

  it('while a compressed copy that sorts before it is still growing', async () => {
    const compressed = gzip(LOG);
    for (const length of [5, 200, compressed.length - 3]) {
      const lab = newLab();
      lab.write('b.log', LOG);
      lab.write('a.gz', compressed.subarray(0, length));
      await lab.read(undefined, GATEWAY);
      expect(lab.dump().uses).toEqual((await once()).uses);
      lab.write('a.gz', compressed);
      await lab.read(undefined, GATEWAY);
      expect(lab.dump()).toEqual(await once());
    }
  });

  it('while a compressed copy that sorts behind it is still growing', async () => {
    const lab = newLab();
    lab.write('a.log', LOG);
    lab.write('b.gz', gzip(LOG).subarray(0, 400));
    await lab.read(undefined, GATEWAY);
    expect(lab.dump().uses).toEqual((await once()).uses);
  });

  it('while a compressed copy of it lies beside it cut short, and the other logs are read', async () => {
    const log = jsonLog(0, 1500);
    const lab = newLab();
    lab.write('a.log', log);
    lab.write('c.gz', gzip(log).subarray(0, -1500));
    lab.write('d.log', LOG);
    const { problems } = await lab.read(undefined, GATEWAY);
    const incomplete = problems.filter(({ message }) => message.includes('not complete'));
    expect(incomplete.map(({ file }) => file.slice(-4))).toEqual(['c.gz']);
    expect(lab.dump().uses).toEqual((await readOnce({ 'a.log': log, 'd.log': LOG }, GATEWAY)).uses);
  });

  it.each([
    ['before a byte of it is seen', 1, 0],
    ['before a byte of it is counted', 2, 0],
    ['in its middle', 2, 5000],
  ])('when reading it fails %s', async (_, failing, at) => {
    const bytes = Buffer.from(jsonLog(0, 200));
    let pass = 0;
    const raw = async function* (from: number): AsyncGenerator<Buffer> {
      if (++pass !== failing) return yield bytes.subarray(from);
      if (at > from) yield bytes.subarray(from, at);
      throw new UnreachableInput('the disk is broken');
    };
    const stat = { device: 'd', inode: '1', size: bytes.length, modifiedNs: '1', changedNs: '1', bornNs: '1' };
    const open = (path: string): LogFile => logOfBytes({ path, stat, raw, head: async () => bytes.subarray(0, 8) });
    const objects = { ...NO_OBJECTS, expand: async (path: string) => [path], statOf: () => stat, open };
    const lab = newLab();
    const read = (): ReturnType<Lab['read']> => lab.read(['s3://bucket/a.log'], { ...GATEWAY, objects });
    expect((await read()).problems).toMatchObject([{ message: 'the disk is broken', isIncomplete: true }]);
    expect((await read()).problems).toEqual([]);
    expect(lab.dump()).toEqual(await readOnce({ 'a.log': bytes }, GATEWAY));
  });

  it('when it shrinks', async () => {
    const lab = newLab();
    lab.write('a.log', LOG);
    await lab.read(undefined, GATEWAY);
    lab.write('a.log', LOG.slice(0, 3000));
    await lab.read(undefined, GATEWAY);
    expect(lab.dump().uses).toEqual((await once()).uses);
  });

  it('when it begins like its predecessor', async () => {
    const header = `time,key,${'a_column_with_a_long_name,'.repeat(9)}status\n`;
    const [one, other] = [1, 2].map((hour) => `2026-09-01T0${hour}:00:00Z,example-key-1,${','.repeat(9)}200\n`);
    const lab = newLab();
    lab.write('a.csv', header + one);
    await lab.read(undefined, GATEWAY);
    lab.move('a.csv', 'a.csv.1');
    lab.write('a.csv', header + other);
    await lab.read(undefined, GATEWAY);
    expect(lab.dump()).toEqual(await readOnce({ 'a.csv.1': header + one, 'a.csv': header + other }, GATEWAY));
  });

  // Known: the fault stays with the old path.
  it('when it was too short to be recognised before it was renamed', async () => {
    const lab = newLab();
    lab.write('a.log', LOG.slice(0, 5));
    await lab.read(undefined, GATEWAY);
    lab.move('a.log', 'a.log.1');
    lab.append('a.log.1', LOG.slice(5));
    await lab.read(undefined, GATEWAY);
    expect(lab.dump()).toEqual(await once());
    expect(lab.faults()).toEqual([]);
  });

  it('when a shorter part of what was piped is piped again', async () => {
    const lab = newLab();
    for (const end of [LOG.length, HALF])
      await lab.read(['-'], { ...GATEWAY, stdin: [Buffer.from(LOG.slice(0, end))] });
    expect(lab.dump().uses).toEqual((await once()).uses);
  });

  it('with defects at the same hour when records are out of order', async () => {
    const [late, early, bad] = [jsonLine(10), jsonLine(1), 'oops\n'];
    const lab = newLab();
    for (const part of [late + early, bad + late]) {
      lab.append('a.log', part);
      await lab.read(undefined, GATEWAY);
    }
    expect(lab.dump().hours).toEqual((await readOnce({ 'a.log': late + early + bad + late }, GATEWAY)).hours);
  });
});

let expected: Promise<Dump> | undefined;

function once(): Promise<Dump> {
  return (expected ??= readOnce({ 'a.log': LOG }, GATEWAY));
}

function lineStart(text: string, near: number): number {
  return near >= text.length ? text.length : near === 0 ? 0 : text.indexOf('\n', near) + 1;
}
