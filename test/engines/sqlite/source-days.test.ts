import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeHours, SourceDays } from '../../../src/engines/sqlite/source-days.ts';
import { Names } from '../../../src/engines/sqlite/names.ts';
import type { WritableStore } from '../../../src/engines/sqlite/store.ts';
import { HOUR_MS, type HourCount } from '../../../src/tally/rollup.ts';
import { newStore } from './made-store.ts';

const hourCounts: fc.Arbitrary<HourCount[]> = fc.uniqueArray(
  fc
    .record({
      source: fc.constantFrom('east', 'west'),
      hour: fc.oneof(fc.integer({ min: -60, max: 60 }), fc.integer({ min: 490_000, max: 490_080 })),
      records: fc.oneof(fc.nat(1000), fc.constantFrom(0, 255, 256, 2 ** 32, 2 ** 44)),
      quarantined: fc.oneof(fc.constant(0), fc.nat(1000), fc.constant(2 ** 40)),
      moments: fc.tuple(fc.nat(HOUR_MS - 1), fc.nat(HOUR_MS - 1)),
    })
    .filter(({ records, quarantined }) => records + quarantined > 0)
    .map(({ moments, ...count }) => ({
      ...count,
      firstAt: count.hour * HOUR_MS + Math.min(...moments),
      lastAt: count.hour * HOUR_MS + Math.max(...moments),
    })),
  { maxLength: 30, selector: ({ source, hour }) => `${source} ${hour}` },
);

describe('the hours of sources', () => {
  it('come back as they were added, day by day, in however many parts', () => {
    fc.assert(
      fc.property(hourCounts, hourCounts, (first, second) => {
        const store = stored([first, second]);
        expect(hoursIn(store)).toEqual(sumOf([...first, ...second]));
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });

  it('are summed up by day, with the instants of the first and the last record', () => {
    fc.assert(
      fc.property(hourCounts, (hours) => {
        const store = stored([hours.slice(0, 3), hours.slice(3)]);
        const names = new Map(
          readAll<{ id: number; name: string }>(store, 'SELECT id, name FROM sources').map(({ id, name }) => [
            id,
            name,
          ]),
        );
        for (const { source_id, day, ...row } of rowsIn(store)) {
          const ofDay = hours.filter((one) => one.source === names.get(source_id) && Math.floor(one.hour / 24) === day);
          const withRecords = ofDay.filter(({ records }) => records > 0);
          expect(row).toMatchObject({
            records: ofDay.reduce((sum, one) => sum + one.records, 0),
            quarantined: ofDay.reduce((sum, one) => sum + one.quarantined, 0),
            first_at: withRecords.length === 0 ? null : Math.min(...withRecords.map(({ firstAt }) => firstAt)),
            last_at: withRecords.length === 0 ? null : Math.max(...withRecords.map(({ lastAt }) => lastAt)),
          });
        }
      }),
      { numRuns: 30, endOnFailure: true },
    );
  });

  it('of a tail are apart from what is settled, until the tail is dropped', () => {
    const store = newStore();
    const days = new SourceDays(store.db, new Names(store.db));
    const hour = (records: number): HourCount => ({
      source: 'east',
      hour: 5,
      records,
      quarantined: 1,
      firstAt: 5 * HOUR_MS,
      lastAt: 5 * HOUR_MS,
    });
    days.add([hour(1)], 0);
    days.add([hour(2)], 7);
    days.add([hour(4)], 8);
    expect(rowsIn(store).map(({ records }) => records)).toEqual([1, 2, 4]);
    days.dropTail(7);
    days.dropTail(0);
    expect(rowsIn(store).map(({ records }) => records)).toEqual([1, 4]);
  });
});

interface Row {
  readonly source_id: number;
  readonly day: number;
  readonly records: number;
  readonly quarantined: number;
  readonly first_at: number | null;
  readonly last_at: number | null;
  readonly hours: Buffer;
}

function stored(parts: readonly (readonly HourCount[])[]): WritableStore {
  const store = newStore();
  const days = new SourceDays(store.db, new Names(store.db));
  for (const part of parts) store.db.transaction(() => days.add(part, 0))();
  return store;
}

function readAll<T>(store: WritableStore, sql: string): T[] {
  return store.db.prepare<[], T>(sql).all();
}

function rowsIn(store: WritableStore): Row[] {
  return readAll<Row>(store, 'SELECT * FROM days ORDER BY source_id, day, stream_id');
}

function hoursIn(store: WritableStore): ReadonlyMap<string, readonly number[]> {
  const rows = readAll<Row & { name: string }>(store, 'SELECT * FROM days JOIN sources ON sources.id = source_id');
  return new Map(
    rows
      .flatMap(({ name, day, hours }) =>
        decodeHours(hours).map(
          ({ records, quarantined }, hour) => [`${name} ${day * 24 + hour}`, [records, quarantined]] as const,
        ),
      )
      .filter(([, [records, quarantined]]) => records! + quarantined! > 0),
  );
}

function sumOf(counts: readonly HourCount[]): ReadonlyMap<string, readonly number[]> {
  const hours = new Map<string, readonly number[]>();
  for (const { source, hour, records, quarantined } of counts) {
    const [before = 0, quarantinedBefore = 0] = hours.get(`${source} ${hour}`) ?? [];
    hours.set(`${source} ${hour}`, [before + records, quarantinedBefore + quarantined]);
  }
  return hours;
}
