import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { createFingerprinter } from '../../src/attribution/fingerprint.ts';
import { openReaders, type ReaderPool, type ReadWhole } from '../../src/ingest/reader-pool.ts';
import { type Lab, newLab, SECRET, settingsOf } from './harness.ts';
import { keyOf } from './reading.ts';
import { gzip, jsonLog, trail, trailEvent, zstd } from './made-logs.ts';

/** No log is read in parts. */
const SIZES = {
  leastBytes: Infinity,
  leastInAll: 0,
  leastInShort: 0,
  sectionBytes: 2 ** 30,
  mostWeight: 1000,
  stretchBytes: 2 ** 30,
};
const OPTIONS = { ...settingsOf({}), workers: undefined, secret: SECRET, secretFile: '' };
const READER = { fingerprinter: createFingerprinter(SECRET) };

const pools = [2, 3].map((count) => openReaders(count, OPTIONS, READER, SIZES) as ReaderPool);
afterAll(() => Promise.all(pools.map((pool) => pool.close())));

/** Of few events, so that most come more than once. */
const event = fc.nat(60).map(trailEvent);
const oddEvent = fc.oneof(
  { weight: 30, arbitrary: event },
  event.map((one) => ({ ...one, eventID: '00000000-0000-4000-8000-00000000000A' })),
  event.map((one) => ({ ...one, eventID: 'no uuid' })),
  event.map((one) => ({ ...one, eventID: undefined })),
  event.map((one) => ({ ...one, eventID: 'a\u0000b\\' })),
  event.map((one) => ({ ...one, eventTime: 'never' })),
  event.map((one) => ({ ...one, userIdentity: undefined })),
  event.map((one) => ({ ...one, additionalEventData: { key: 'AKIAEXAMPLEEXAMPLE00' } })),
);
const trailText = fc.oneof(
  { weight: 6, arbitrary: fc.array(event, { maxLength: 40 }).map((Records) => JSON.stringify({ Records })) },
  { weight: 3, arbitrary: fc.array(oddEvent, { maxLength: 40 }).map((Records) => JSON.stringify({ Records })) },
  fc.array(oddEvent, { maxLength: 20 }).map((events) => events.map((one) => `${JSON.stringify(one)}\n`).join('')),
  fc.tuple(fc.nat(40), fc.integer({ min: 1, max: 300 })).map(([n, cut]) => trail([n, n + 1, n + 2]).slice(0, -cut)),
);
const otherText = fc.oneof(
  fc.tuple(fc.nat(30), fc.nat(30)).map(([from, count]) => jsonLog(from, from + count)),
  fc.tuple(fc.nat(30), fc.nat(30)).map(([from, count]) => `${jsonLog(from, from + count)}{"time":`),
  fc.nat(20).map(csv),
  fc.constantFrom('', '\n', 'nothing that anybody knows\n', '{"Records":[]}'),
);
const pack = fc.constantFrom<(text: string) => Buffer>(
  (text) => Buffer.from(text),
  gzip,
  gzip,
  (text) => Buffer.concat([gzip(text.slice(0, 700)), gzip(text.slice(700))]),
  (text) => gzip(text).subarray(0, -9),
  zstd,
);
const log = fc.tuple(fc.oneof({ weight: 3, arbitrary: trailText }, otherText), pack);

describe('short logs that are read whole, by several threads', () => {
  it('come to what one thread makes of them, whatever they hold, and after they have grown', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(log, { minLength: 1, maxLength: 8 }), fc.array(log, { maxLength: 4 }), check),
      { seed: 11, numRuns: 30 },
    );
  }, 120_000);

  it('are read whole, each of them once, where nothing is wrong with them', async () => {
    const lab = newLab();
    for (let n = 0; n < 12; n++) lab.write(`${n}.json.gz`, gzip(trail([n, n + 1, n + 2])));
    const read = watched(pools[0] as ReaderPool);
    const result = await lab.read([''], { readers: read.pool });
    expect(result).toMatchObject({ files: 12, records: 14, duplicates: 22 });
    expect(read.answers.length).toBe(12);
    expect(read.answers).not.toContain(undefined);
    await lab.read([''], { readers: read.pool });
    expect(read.answers.length).toBe(12);
  });

  it('go on where reading stopped before, under whatever name', async () => {
    const [one, several] = await Promise.all(
      [undefined, pools[1]].map(async (readers) => {
        const lab = newLab();
        for (const [from, to] of [
          [0, 40],
          [40, 70],
        ] as const) {
          lab.write('a.log', jsonLog(0, to));
          lab.write('b.log', jsonLog(100 + from, 100 + to));
          await lab.read([''], { readers });
        }
        lab.write('a.log', jsonLog(200, 230));
        lab.write('a.log.1', `${jsonLog(0, 70)}${jsonLog(70, 75)}`);
        lab.write('b.log.gz', gzip(jsonLog(100, 170)));
        const { records, problems } = await lab.read([''], { readers });
        return { records, problems: problems.length, dump: lab.dump() };
      }),
    );
    expect(several).toEqual(one);
  });

  it.each([
    ['is cut', (text: string) => text.slice(0, 0)],
    ['becomes one of another format', (text: string) => csv(99).padEnd(text.length, '\n')],
    ['becomes one whose records are read otherwise', (text: string) => trail([1, 2]).padEnd(text.length)],
  ])('are read in the usual way where one %s after it was read', async (_, change) => {
    const [lab, text] = [newLab(), jsonLog(0, 90)];
    for (const name of ['a.log', 'b.log']) lab.write(name, name === 'a.log' ? text : jsonLog(90, 99));
    const read = watched(pools[0] as ReaderPool, (path) => {
      if (path === lab.path('a.log')) lab.write('a.log', change(text));
    });
    await lab.read([''], { readers: read.pool });
    expect(read.answers).not.toContain(undefined);
    const left = newLab();
    left.write('a.log', change(text));
    left.write('b.log', jsonLog(90, 99));
    await left.read(['']);
    expect(lab.dump().uses).toEqual(left.dump().uses);
  });

  it('take no raw key from thread to thread', async () => {
    const lab = newLab();
    for (let n = 0; n < 12; n++) lab.write(`${n}.log.gz`, gzip(jsonLog(n, n + 9)));
    const read = watched(pools[0] as ReaderPool);
    await lab.read([''], { readers: read.pool });
    const counted = read.answers.map((one) => one && { ...one.log, head: undefined, bytes: undefined });
    const told = inspect(counted, { depth: Infinity, maxArrayLength: Infinity, maxStringLength: Infinity });
    expect(told).toContain('k_');
    expect(told).not.toContain('example-key-number-');
  });

  it('say which keys may stand in their paths, by fingerprint', async () => {
    const [lab, key] = [newLab(), '123456:AAExampleExampleExample0123456789abc'];
    const line = `{"time":"2026-09-01T10:00:00Z","path":"/bot${key}/send","ip":"192.0.2.1"}\n`;
    for (let n = 0; n < 12; n++) lab.write(`${n}.log`, line + jsonLog(n, n + 9));
    const read = watched(pools[0] as ReaderPool);
    await lab.read([''], { readers: read.pool });
    const found = read.answers.map((one) => one?.log.unread.inPaths);
    expect(found).toEqual(
      Array.from({ length: 12 }, () => [expect.objectContaining({ key: keyOf(key), template: '/bot{key}' })]),
    );
  });

  it('fail, and nothing of them is kept, when a thread ends early', async () => {
    const broken = openReaders(2, OPTIONS, { ...READER, canary: 'the canary of another secret' }, SIZES) as ReaderPool;
    const lab = newLab();
    for (let n = 0; n < 40; n++) lab.write(`${n}.log`, jsonLog(n * 300, n * 300 + 300));
    await expect(lab.read([''], { readers: broken })).rejects.toThrow('the secret changed');
    await broken.close();
    expect(lab.dump().uses).toEqual([]);
    expect((await lab.read([''], { readers: pools[0] })).records).toBe(12_000);
  });
});

async function check(
  logs: readonly (readonly [string, (text: string) => Buffer])[],
  more: readonly (readonly [string, (text: string) => Buffer])[],
): Promise<void> {
  const [one, ...several] = await Promise.all(
    [undefined, ...pools].map(async (readers) => {
      const lab = newLab();
      return [await readAll(lab, logs, readers), await readAll(lab, more, readers)];
    }),
  );
  for (const other of several) expect(other).toEqual(one);
}

async function readAll(
  lab: Lab,
  logs: readonly (readonly [string, (text: string) => Buffer])[],
  readers: ReaderPool | undefined,
): Promise<unknown> {
  for (const [n, [text, packed]] of logs.entries()) lab.write(`${n}.log`, packed(text));
  const { problems, formats, ...totals } = await lab.read([''], { readers });
  const said = problems.map((problem) => ({ ...problem, file: problem.file.replace(lab.dir, '') }));
  return { said, totals, formats: [...formats].toSorted(), dump: lab.dump(), streams: lab.streams() };
}

/** A pool, and what it answers. `then`: what happens to a log after it was read. */
function watched(
  pool: ReaderPool,
  then = (_path: string): void => undefined,
): { pool: ReaderPool; answers: (ReadWhole | undefined)[] } {
  const answers: (ReadWhole | undefined)[] = [];
  const readWhole: ReaderPool['readWhole'] = async (job, bytes) => {
    const answer = await pool.readWhole(job, bytes);
    answers.push(answer);
    then(job.handle.path);
    return answer;
  };
  const never = (): never => {
    throw new Error('a short log was read in parts');
  };
  const { size, mostWeight, stretchBytes } = pool;
  const parts = {
    sectionBytes: never,
    isWorthIt: () => false,
    expect: never,
    prepare: never,
    read: never,
    take: never,
  };
  return { pool: { size, mostWeight, stretchBytes, ...parts, readWhole, close: () => pool.close() }, answers };
}

function csv(rows: number): string {
  const row = (_: unknown, n: number): string =>
    `2026-09-01T10:00:${String(n % 60).padStart(2, '0')}Z,example-key-number-${n % 3}\n`;
  return `time,api_key\n${Array.from({ length: rows }, row).join('')}`;
}
