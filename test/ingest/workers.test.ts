import { inspect } from 'node:util';
import zlib from 'node:zlib';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { createFingerprinter } from '../../src/attribution/fingerprint.ts';
import { openForReading } from '../../src/engines/sqlite/store.ts';
import type { IngestResult } from '../../src/ingest/ingest.ts';
import { openReaders, type ReaderPool } from '../../src/ingest/reader-pool.ts';
import type { Section, SectionJob } from '../../src/ingest/section.ts';
import { type Lab, newLab, SECRET, settingsOf } from './harness.ts';
import { gzip, jsonLine, jsonLog } from './made-logs.ts';

/** So small that a few lines are a part. */
const SIZES = { leastBytes: 1, leastInAll: 0, sectionBytes: 700 };
const OPTIONS = { ...settingsOf({}), workers: undefined, secret: SECRET, secretFile: '' };
const CANARY = createFingerprinter(SECRET).canary();

const pools = [2, 3, 4].map((count) => openReaders(count, OPTIONS, CANARY, SIZES) as ReaderPool);
afterAll(() => Promise.all(pools.map((pool) => pool.close())));

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

  it('gives what one thread gives for compressed logs, whole, damaged, and for what follows them', async () => {
    const compressed = (text: string, how: number): Buffer => {
      const whole = how === 1 ? zlib.zstdCompressSync(text) : gzip(text);
      return how === 2 ? whole.subarray(0, Math.floor(whole.length * 0.7)) : whole;
    };
    const kinds = fc.array(fc.tuple(log, fc.nat(2)), { minLength: 2, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(kinds, fc.array(line, { maxLength: 20 }), async (all, more) => {
        const names = all.map(
          ([text, how], i) => [`${i}.log.gz`, compressed(`${jsonLine(500 + i)}${text}`, how)] as const,
        );
        const later = Object.fromEntries(
          all.map(([text], i) => [`${i}.log`, `${jsonLine(500 + i)}${text}${more.join('')}`]),
        );
        await checkAll(Object.fromEntries(names), later);
      }),
      { seed: 6, numRuns: 6 },
    );
  }, 120_000);

  it('has threads read compressed logs, but not one alone', async () => {
    const read = vi.spyOn(pools[0] as ReaderPool, 'read');
    for (const [names, calls] of [
      [['a'], 0],
      [['a', 'b'], 2],
    ] as const) {
      // prettier-ignore
      const lab = newLab();
      for (const [i, name] of names.entries()) lab.write(`${name}.log.gz`, gzip(jsonLog(i * 100, i * 100 + 100)));
      expect((await lab.read([''], { readers: pools[0] })).records).toBe(names.length * 100);
      expect(read).toHaveBeenCalledTimes(calls);
    }
    read.mockRestore();
  });

  it('reads on the main thread a compressed log that holds too much for another', async () => {
    const [pool] = pools as [ReaderPool];
    const read = async (job: SectionJob): Promise<Section> => ({ ...(await pool.read(job)), isTooMuch: true });
    const logs = { 'a.log.gz': gzip(jsonLog(0, 100)), 'b.log.gz': gzip(jsonLog(100, 200)) };
    const readers = { size: 2, sectionBytes: 700, isWorthIt: () => true, read, close: () => pool.close() };
    expect(await readAll(newLab(), logs, readers)).toEqual(await readAll(newLab(), logs, undefined));
  });

  it('goes on where it was interrupted', async () => {
    const whole = newLab();
    whole.write('a.log', jsonLog(0, 300));
    await whole.read();
    const lab = newLab();
    lab.write('a.log', jsonLog(0, 300));
    let asked = 0;
    const first = await lab.read([''], { readers: pools[0], isInterrupted: () => ++asked > 6 });
    expect(first.isInterrupted).toBe(true);
    expect(first.records).toBeGreaterThan(0);
    expect(first.records).toBeLessThan(300);
    expect((await lab.read([''], { readers: pools[0] })).records).toBe(300 - first.records);
    expect(lab.dump()).toEqual(whole.dump());
  });

  it('takes no raw key from thread to thread', async () => {
    const [pool] = pools as [ReaderPool];
    const sections: Section[] = [];
    const read = async (job: SectionJob): Promise<Section> => {
      const section = await pool.read(job);
      sections.push(section);
      return section;
    };
    const lab = newLab();
    lab.write('a.log', jsonLog(0, 100));
    const isWorthIt = (): boolean => true;
    await lab.read([''], { readers: { size: 2, sectionBytes: 700, isWorthIt, read, close: () => pool.close() } });
    expect(sections.length).toBeGreaterThan(5);
    const told = inspect(sections, { depth: Infinity, maxArrayLength: Infinity, maxStringLength: Infinity });
    expect(told).toContain('k_');
    expect(told).not.toContain('example-key-number-');
  });

  it('fails, and keeps nothing, when a thread ends early', async () => {
    const broken = openReaders(2, OPTIONS, 'the canary of another secret', SIZES) as ReaderPool;
    const lab = newLab();
    lab.write('a.log', jsonLog(0, 300));
    lab.write('b.log', jsonLog(300, 600));
    await expect(lab.read([''], { readers: broken })).rejects.toThrow('the secret changed');
    await broken.close();
    expect(lab.dump().uses).toEqual([]);
    expect((await lab.read([''], { readers: pools[0] })).records).toBe(600);
  });
});

async function check(logs: readonly string[], more: readonly string[]): Promise<void> {
  const named = Object.fromEntries(logs.map((text, i) => [`${i}.log`, text]));
  await checkAll(named, { '0.log': `${logs[0]}${more.join('')}` });
}

type Logs = Readonly<Record<string, string | Buffer>>;

/** What any number of threads make of these logs, and of those that are there later, is the same. */
async function checkAll(logs: Logs, later: Logs): Promise<void> {
  const labs = [undefined, ...pools].map((readers) => ({ lab: newLab(), readers }));
  const [one, ...several] = await Promise.all(
    labs.map(async ({ lab, readers }) => [await readAll(lab, logs, readers), await readAll(lab, later, readers)]),
  );
  for (const other of several) expect(other).toEqual(one);
}

async function readAll(lab: Lab, logs: Logs, readers: ReaderPool | undefined) {
  for (const [name, content] of Object.entries(logs)) lab.write(name, content);
  const { problems, formats, ...totals }: IngestResult = await lab.read([''], { readers });
  const said = problems.map((problem) => ({ ...problem, file: problem.file.replace(lab.dir, '') }));
  return { said, totals, formats: [...formats].toSorted(), dump: lab.dump(), streams: streamsOf(lab) };
}

/** Where each log is known to end, and by which bytes it is known. */
function streamsOf(lab: Lab): unknown {
  const store = openForReading(lab.db, undefined);
  const columns = 'position, resume_at, header, head_length, head_hash, read_length, crc, tail_hash';
  const counted = 'records, keyed, quarantined, skipped, pending_records, pending_quarantined, first_at, last_at';
  const rows = store.db.prepare(`SELECT ${columns}, ${counted} FROM streams ORDER BY path`).all();
  const places = store.db.prepare('SELECT offset, length, reason FROM quarantine ORDER BY 1, 2, 3').all();
  const heads = store.db.prepare('SELECT length, hash FROM heads ORDER BY 1, 2').all();
  store.close();
  return { rows, places, heads };
}

function csv(rows: number): string {
  const lines = Array.from(
    { length: rows },
    (_, n) => `2026-09-01T10:00:${String(n % 60).padStart(2, '0')}Z,key-${n % 3}`,
  );
  return `time,api_key\n${lines.join('\n')}\n`;
}
