import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endOfFolder } from '../../src/sources/dated-folders.ts';
import { listSince } from '../../src/sources/dated-listing.ts';
import type { ListedFolder, S3Reader } from '../../src/sources/s3-client.ts';

const dayOf = (date: string): number => Date.parse(date) / 86_400_000;

describe('the date in the name of a folder', () => {
  it.each([
    ['AWSLogs/1/CloudTrail/eu-west-1/2026/09/01/', '2026-09-01', true],
    ['2026/09/', '2026-09-30', false],
    ['2024/02/', '2024-02-29', false],
    ['logs/dt=2026-09-01/', '2026-09-01', true],
    ['logs/2026-09/', '2026-09-30', false],
    ['year=2026/month=09/day=01/', '2026-09-01', true],
    ['year=2026/month=09/', '2026-09-30', false],
    ['http/20260901/', '2026-09-01', true],
  ])('%s ends with %s', (folder, last, isDay) => {
    expect(endOfFolder(folder)).toEqual({ lastDay: dayOf(last), isDay });
  });

  it.each(['2026/', 'a/', '2026/13/', '2026/02/30/', '111122223333/', 'v2026/09/x/', '1999/09/01/', '202609011/'])(
    'is not seen in %s',
    (folder) => {
      expect(endOfFolder(folder)).toBeUndefined();
    },
  );
});

/** A bucket that lists so many entries on a page, and counts for what it was asked. */
function bucketOf(keys: readonly string[], size: number): { reader: S3Reader; asked: () => number } {
  let asked = 0;
  async function* pages(prefix: string, isFlat: boolean): AsyncGenerator<ListedFolder> {
    const entries = new Set<string>();
    for (const key of keys.filter((one) => one.startsWith(prefix)).toSorted()) {
      const slash = isFlat ? -1 : key.indexOf('/', prefix.length);
      entries.add(slash < 0 ? key : key.slice(0, slash + 1));
    }
    const all = [...entries];
    for (let at = 0; at === 0 || at < all.length; at += size) {
      asked++;
      const page = all.slice(at, at + size);
      const objects = page
        .filter((one) => !one.endsWith('/'))
        .map((key) => ({ key, size: 1, etag: '', modifiedMs: 0 }));
      yield { objects, folders: page.filter((one) => one.endsWith('/')), isLast: at + size >= all.length };
    }
  }
  const reader: S3Reader = {
    async *list({ prefix }) {
      for await (const { objects } of pages(prefix, true)) yield* objects;
    },
    pages: ({ prefix }) => pages(prefix, false),
    read: () => Promise.reject(new Error('nothing is read')),
    close: () => undefined,
  };
  return { reader, asked: () => asked };
}

async function listed(keys: readonly string[], since: string, size = 5, prefix = ''): Promise<[string[], number]> {
  const { reader, asked } = bucketOf(keys, size);
  const found = new Set<string>();
  await listSince(reader, { bucket: 'b', prefix }, dayOf(since), ({ key }) => found.add(key));
  return [[...found].toSorted(), asked()];
}

/** Whether a folder above the key says that it is over. */
function isOld(key: string, since: string, prefix: string): boolean {
  const folders = [...key.matchAll(/\//g)].map(({ index }) => key.slice(0, index + 1));
  return folders.some(
    (folder) => folder.length > prefix.length && (endOfFolder(folder)?.lastDay ?? Infinity) < dayOf(since),
  );
}

describe('a listing from a day on', () => {
  const key = fc
    .tuple(
      fc.constantFrom('', 'a/', 'AWSLogs/1/eu/', 'AWSLogs/2/us/', 'odd/2026/'),
      fc.constantFrom(
        '',
        '2026/08/31/',
        '2026/09/01/',
        '2026/09/01/13/',
        '2025/12/',
        'dt=2026-08-01/',
        '20260902/',
        'x/y/',
      ),
      fc.stringMatching(/^[a-z]{1,3}$/),
    )
    .map((parts) => parts.join(''));

  it('has all but what lies in folders that are over, on pages of any size', async () => {
    const since = fc.constantFrom('2025-01-01', '2026-01-01', '2026-09-01', '2026-09-02', '2027-01-01');
    const prefix = fc.constantFrom('', 'a/', 'AWSLogs/', 'AWS', '2026/');
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(key, { maxLength: 40 }),
        since,
        fc.constantFrom(1, 2, 5, 1000),
        prefix,
        async (keys, from, size, under) => {
          const [found] = await listed(keys, from, size, under);
          const all = keys.filter((one) => one.startsWith(under)).toSorted();
          // Where folders without dates fill more than a page, all of them are listed.
          expect(all).toEqual(expect.arrayContaining(found));
          expect(found).toEqual(expect.arrayContaining(all.filter((one) => !isOld(one, from, under))));
          if (size === 1000) expect(found).toEqual(all.filter((one) => !isOld(one, from, under)));
        },
      ),
      { numRuns: 200 },
    );
  });

  const DAYS = [...Array(700).keys()].map((n) =>
    new Date(Date.UTC(2024, 11, 1) + n * 86_400_000).toISOString().slice(0, 10),
  );
  const YEARS = DAYS.flatMap((day) =>
    [...Array(20).keys()].map((n) => `AWSLogs/1/CloudTrail/eu/${day.replaceAll('-', '/')}/${n}.gz`),
  );

  it('asks for some days, where a full one asks for years', async () => {
    const [found, asked] = await listed(YEARS, '2026-10-20', 1000);
    expect(found).toHaveLength(12 * 20);
    expect(asked).toBeLessThan(30);
  });

  it('is a full one where the store names no folders', async () => {
    const { reader } = bucketOf(['2026/09/01/a.gz', '2020/01/01/b.gz'], 10);
    const found: string[] = [];
    async function* nothing(): AsyncGenerator<ListedFolder> {
      yield await Promise.resolve({ objects: [], folders: [], isLast: true });
    }
    const poor = { ...reader, pages: nothing };
    await listSince(poor, { bucket: 'b', prefix: '' }, dayOf('2026-09-01'), (object) => found.push(object.key));
    expect(found).toEqual(['2020/01/01/b.gz', '2026/09/01/a.gz']);
  });

  it('is a full one where folders without dates fill more than a page', async () => {
    const tenants = [...Array(50).keys()].map((n) => `tenant-${n}/2020/01/01/a.gz`);
    const [found, asked] = await listed(tenants, '2026-01-01', 10);
    expect(found).toHaveLength(50);
    expect(asked).toBeLessThan(10);
  });
});
