import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { createFingerprinter } from '../../src/attribution/fingerprint.ts';
import type { IngestResult } from '../../src/ingest/context.ts';
import { openReaders, type ReaderPool } from '../../src/ingest/reader-pool.ts';
import type { Section, SectionJob } from '../../src/ingest/section.ts';
import { type Lab, newLab, SECRET, settingsOf, SMALL_PARTS as SIZES } from './harness.ts';
import { gzip, jsonLine, jsonLog } from './made-logs.ts';

const OPTIONS = { ...settingsOf({}), workers: undefined, secret: SECRET, secretFile: '' };
const READER = { fingerprinter: createFingerprinter(SECRET) };

const pools = [2, 3, 4].map((count) => openReaders(count, OPTIONS, READER, SIZES) as ReaderPool);
afterAll(() => Promise.all(pools.map((pool) => pool.close())));

/** Reads no log whole, however short it is. */
function inParts(pool: ReaderPool): ReaderPool {
  const { size, mostWeight, stretchBytes } = pool;
  return {
    size,
    mostWeight,
    stretchBytes,
    sectionBytes: pool.sectionBytes.bind(pool),
    isWorthIt: pool.isWorthIt.bind(pool),
    expect: () => pool.expect(),
    prepare: (one) => pool.prepare(one),
    read: pool.read.bind(pool),
    take: pool.take.bind(pool),
    readWhole: () => Promise.resolve(undefined),
    close: () => pool.close(),
  };
}

const line = fc.oneof(
  { weight: 12, arbitrary: fc.nat(400).map(jsonLine) },
  fc.constantFrom('\n', ' \n', '\r\n', '{"time":\n', 'started\n', '{"api_key":"example-key-number-1"}\n', '\0\0\0\n'),
  fc.nat(40).map((n) => jsonLine(n).replace('\n', '\r\n')),
  fc.nat(40).map((n) => jsonLine(n).replace('"path"', `"note":"${'x'.repeat(n * 100)}","path"`)),
);
const log = fc
  .tuple(fc.boolean(), fc.array(line, { maxLength: 60 }), fc.constantFrom('', '{"time":"2026-', jsonLine(7).trimEnd()))
  .map(([hasMark, lines, tail]) => (hasMark ? '\ufeff' : '') + jsonLog(0, 12) + lines.join('') + tail);

describe('reading with several threads', () => {
  it('gives what one thread gives, whatever the logs, and after they have grown', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(log, { minLength: 1, maxLength: 3 }), fc.array(line, { maxLength: 20 }), check),
      { seed: 5, numRuns: 10 },
    );
  }, 120_000);

  it('leaves to one thread what must be read in order', async () => {
    const logs = {
      'a.log': jsonLog(0, 90),
      'b.log.gz': gzip(jsonLog(200, 290)),
      'c.csv': csv(60),
      'd.log': jsonLog(0, 50),
    };
    const [one, several] = await Promise.all([undefined, pools[0]].map((readers) => readAll(newLab(), logs, readers)));
    expect(several).toEqual(one);
  });

  it('goes on where it was interrupted', async () => {
    const whole = newLab();
    whole.write('a.log', jsonLog(0, 300));
    await whole.read();
    const lab = newLab();
    lab.write('a.log', jsonLog(0, 300));
    let asked = 0;
    const readers = inParts(pools[0] as ReaderPool);
    const first = await lab.read([''], { readers, isInterrupted: () => ++asked > 6 });
    expect(first.isInterrupted).toBe(true);
    expect(first.records).toBeGreaterThan(0);
    expect(first.records).toBeLessThan(300);
    expect((await lab.read([''], { readers })).records).toBe(300 - first.records);
    expect(lab.dump()).toEqual(whole.dump());
  });

  // What is so deep is not counted in groups.
  it('has one thread read the rest of a log a part of which makes too many rollups', async () => {
    const lines = Array.from({ length: 3000 }, (_, n) =>
      jsonLine(n).replace(/"example-key[^"]*"/, `"example-key-${n}","note":${'['.repeat(70)}${']'.repeat(70)}`),
    );
    const logs = { 'a.log': lines.join('') };
    const one = await readAll(newLab(), logs, undefined);
    for (const [mostWeight, isWhole] of [
      [100, false],
      [1e9, true],
    ] as const) {
      const readers = openReaders(2, OPTIONS, READER, { ...SIZES, sectionBytes: 2 ** 30, mostWeight }) as ReaderPool;
      const parts: Section[] = [];
      const read = async (job: SectionJob): Promise<Section> => {
        const part = await readers.read(job);
        parts.push(part);
        return part;
      };
      expect(await readAll(newLab(), logs, { ...inParts(readers), read })).toEqual(one);
      await readers.close();
      expect(parts.every(({ isDamaged }) => !isDamaged)).toBe(isWhole);
    }
  });

  it.each([1000, 40])(
    'reads a stretch again in one thread when a part was damaged; %i rollups a part',
    async (most) => {
      const pool = openReaders(2, OPTIONS, READER, { ...SIZES, mostWeight: most }) as ReaderPool;
      const lines = Array.from({ length: 900 }, (_, n) =>
        jsonLine(n).replace(/"example-key[^"]*"/, `"example-key-${n}"`),
      );
      const logs = { 'a.log': lines.join(''), 'b.log': jsonLog(1000, 1200) };
      const one = await readAll(newLab(), logs, undefined);
      for (const damagedPart of [0, 3, 40]) {
        let parts = 0;
        const read = async (job: SectionJob): Promise<Section> => {
          const section = await pool.read(job);
          return parts++ === damagedPart ? { ...section, isDamaged: true, bytes: 0, hashed: 0 } : section;
        };
        const damaged = { ...inParts(pool), sectionBytes: () => 700, read };
        expect(await readAll(newLab(), logs, damaged)).toEqual(one);
        expect(parts).toBeGreaterThan(damagedPart);
      }
      await pool.close();
    },
  );

  it('reads only the damaged stretch again, of a log that had ended within a line', async () => {
    const sizes = { ...SIZES, sectionBytes: 600_000, stretchBytes: 600_000 };
    const pool = openReaders(2, OPTIONS, READER, sizes) as ReaderPool;
    const lines = Array.from({ length: 2500 }, (_, n) =>
      jsonLine(n).replace(/"example-key[^"]*"/, `"example-key-${n}","note":"${'x'.repeat(2000)}"`),
    );
    const text = lines.join('');
    const readOn = async (readers: ReaderPool | undefined): Promise<unknown> => {
      const lab = newLab();
      await readAll(lab, { 'a.log': text.slice(0, 5000) }, undefined);
      return readAll(lab, { 'a.log': text }, readers);
    };
    let stretches = 0;
    const take: ReaderPool['take'] = (number, into) => (stretches++, pool.take(number, into));
    const read = async (job: SectionJob): Promise<Section> => {
      const section = await pool.read(job);
      return stretches === 0 ? section : { ...section, isDamaged: true, bytes: 0, hashed: 0 };
    };
    expect(await readOn({ ...inParts(pool), sectionBytes: () => sizes.sectionBytes, read, take })).toEqual(
      await readOn(undefined),
    );
    expect(stretches).toBe(2);
    await pool.close();
  });

  it('hands over no raw key with what it counted', async () => {
    const [pool] = pools as [ReaderPool];
    const sections: Section[] = [];
    const groups: unknown[] = [];
    const read = async (job: SectionJob): Promise<Section> => {
      const section = await pool.read(job);
      sections.push(section);
      return section;
    };
    const take: ReaderPool['take'] = async (number, into) => {
      await pool.take(number, into);
      groups.push(...into.rollups.values());
    };
    const lab = newLab();
    lab.write('a.log', jsonLog(0, 100));
    await lab.read([''], { readers: { ...inParts(pool), read, take } });
    expect(sections.length).toBeGreaterThan(5);
    const told = inspect([sections, groups], { depth: Infinity, maxArrayLength: Infinity, maxStringLength: Infinity });
    expect(told).toContain('k_');
    expect(told).not.toContain('example-key-number-');
  });

  it('goes on when the table of groups is full, which holds those that another thread knew', async () => {
    const lines = Array.from({ length: 75_000 }, (_, n) =>
      jsonLine(n % 900).replace(/"ip":"[^"]*"/, `"ip":"10.${(n >> 16) % 4}.${(n >> 8) % 256}.${n % 256}"`),
    );
    // Those of the first part call again at the end.
    const logs = { 'a.log': lines.join('') + lines.slice(0, 900).join('') };
    const pool = openReaders(2, OPTIONS, READER, { ...SIZES, sectionBytes: 1_000_000, mostWeight: 1e6 }) as ReaderPool;
    expect(await readAll(newLab(), logs, inParts(pool))).toEqual(await readAll(newLab(), logs, undefined));
    await pool.close();
  }, 60_000);

  it('fails, and keeps nothing, when a thread ends early', async () => {
    const broken = openReaders(2, OPTIONS, { ...READER, canary: 'the canary of another secret' }, SIZES) as ReaderPool;
    const lab = newLab();
    lab.write('a.log', jsonLog(0, 300));
    lab.write('b.log', jsonLog(300, 600));
    await expect(lab.read([''], { readers: inParts(broken) })).rejects.toThrow('the secret changed');
    await broken.close();
    expect(lab.dump().uses).toEqual([]);
    expect((await lab.read([''], { readers: pools[0] })).records).toBe(600);
  });
});

async function check(logs: readonly string[], more: readonly string[]): Promise<void> {
  const named = Object.fromEntries(logs.map((text, i) => [`${i}.log`, text]));
  const readers = [undefined, ...pools, ...pools.slice(0, 2).map(inParts)];
  const labs = readers.map((by) => ({ lab: newLab(), readers: by }));
  const [one, ...several] = await Promise.all(
    labs.map(async ({ lab, readers: by }) => [
      await readAll(lab, named, by),
      await readAll(lab, { '0.log': `${logs[0]}${more.join('')}` }, by),
    ]),
  );
  for (const other of several) expect(other).toEqual(one);
}

async function readAll(lab: Lab, logs: Readonly<Record<string, string | Buffer>>, readers: ReaderPool | undefined) {
  for (const [name, content] of Object.entries(logs)) lab.write(name, content);
  const { problems, formats, ...totals }: IngestResult = await lab.read([''], { readers });
  const said = problems.map((problem) => ({ ...problem, file: problem.file.replace(lab.dir, '') }));
  return { said, totals, formats: [...formats].toSorted(), dump: lab.dump(), streams: lab.streams() };
}

function csv(rows: number): string {
  const lines = Array.from(
    { length: rows },
    (_, n) => `2026-09-01T10:00:${String(n % 60).padStart(2, '0')}Z,key-${n % 3}`,
  );
  return `time,api_key\n${lines.join('\n')}\n`;
}
