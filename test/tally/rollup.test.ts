import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../../src/tally/event-digests.ts';
import {
  addSkip,
  addUsage,
  DAY_MS,
  HOUR_MS,
  MAX_DEFECTS_KEPT,
  mergeTally,
  newTally,
  type Tally,
} from '../../src/tally/rollup.ts';
import type { Rollup, SkipReason, Usage } from '../../src/model.ts';
import { AT, DAY, keyRef, usageOf } from '../engines/sqlite/made-store.ts';
import { listed } from '../made-events.ts';
import { usages } from '../engines/sqlite/made-usage.ts';

describe('adding a record', () => {
  it('counts it once, and once for each of its keys', () => {
    const tally = newTally();
    addUsage(tally, usageOf({ keys: [keyRef('k_one'), keyRef('k_two')] }), 100);
    addUsage(tally, usageOf({ keys: [] }), 50);
    expect(tally.counts).toMatchObject({ records: 2, keyed: 1, countedBytes: 150, quarantined: 0, skipped: 0 });
    expect([...tally.rollups.values()].map(({ key, accepted }) => [key.key, accepted])).toEqual([
      ['k_one', 1],
      ['k_two', 1],
    ]);
    expect([...tally.hours.values()]).toEqual([
      { source: 'gateway', hour: AT / HOUR_MS, records: 2, quarantined: 0, firstAt: AT, lastAt: AT },
    ]);
  });

  it('keeps use and refusal apart, with the first and last instant of each', () => {
    const tally = newTally();
    const calls = [
      ['refused', 5],
      ['accepted', 3],
      ['failed', 1],
      ['refused', 2],
    ] as const;
    for (const [outcome, ms] of calls) addUsage(tally, usageOf({ outcome, at: AT + ms }), 1);
    expect([...tally.rollups.values()]).toEqual([
      expect.objectContaining({
        day: DAY,
        accepted: 1,
        failed: 1,
        refused: 2,
        firstUsedAt: AT + 1,
        lastUsedAt: AT + 3,
        firstRefusedAt: AT + 2,
        lastRefusedAt: AT + 5,
      }),
    ]);
    expect([tally.firstAt, tally.lastAt]).toEqual([AT + 1, AT + 5]);
  });

  it('goes to the UTC day and hour of its instant, before 1970 too', () => {
    const tally = newTally();
    for (const at of [-1, 0, DAY_MS - 1, DAY_MS]) addUsage(tally, usageOf({ at }), 1);
    expect([...tally.rollups.values()].map(({ day, accepted }) => [day, accepted])).toEqual([
      [-1, 1],
      [0, 2],
      [1, 1],
    ]);
    expect([...tally.hours.values()].map(({ hour }) => hour)).toEqual([-1, 0, 23, 24]);
  });

  it('keeps apart what differs in source, key, system, attribution or day alone', () => {
    const tally = newTally();
    const calls = [
      {},
      { source: 'other' },
      { key: 'k_two' },
      { caller: 'go' },
      { system: { name: 'curl', attribution: 'rule' as const } },
      { at: AT + DAY_MS },
    ];
    for (const call of calls) addUsage(tally, usageOf(call), 1);
    expect(tally.rollups.size).toBe(calls.length);
  });

  it('weighs callers, who take more memory than their days', () => {
    const [oneCaller, manyCallers] = [newTally(), newTally()];
    for (let n = 0; n < 10; n++) {
      addUsage(oneCaller, usageOf({ at: AT + n * DAY_MS }), 1);
      addUsage(manyCallers, usageOf({ key: `k_${n}` }), 1);
    }
    expect(oneCaller.rollups.size).toBe(manyCallers.rollups.size);
    expect(manyCallers.rollups.weight).toBeGreaterThan(4 * oneCaller.rollups.weight);
  });
});

describe('adding what is no record', () => {
  it('counts what is quarantined apart from what is skipped, and by reason', () => {
    const tally = newTally();
    addSkip(tally, { offset: 0, length: 7, reason: 'malformed-json' }, true, 'gateway', AT);
    addSkip(tally, { offset: 7, length: 2, reason: 'blank' }, false, 'gateway', AT);
    addSkip(tally, { offset: 9, length: 3, reason: 'blank' }, false, 'gateway', AT);
    expect(tally.counts).toEqual({
      records: 0,
      keyed: 0,
      quarantined: 1,
      skipped: 2,
      countedBytes: 0,
      quarantinedBytes: 7,
      skippedBytes: 5,
    });
    expect(Object.fromEntries(tally.skips)).toEqual({
      'malformed-json': { records: 1, bytes: 7 },
      blank: { records: 2, bytes: 5 },
    });
    expect(tally.quarantine).toEqual([{ offset: 0, length: 7, reason: 'malformed-json' }]);
    expect([...tally.hours.values()]).toMatchObject([{ records: 0, quarantined: 1 }]);
    expect([tally.firstAt, tally.lastAt]).toEqual([undefined, undefined]);
  });

  it('counts a defect without a record before it in no hour', () => {
    const tally = newTally();
    addSkip(tally, { offset: 0, length: 7, reason: 'malformed-json' }, true, 'gateway', undefined);
    expect([tally.hours.size, tally.counts.quarantined]).toEqual([0, 1]);
  });

  it('keeps the place of the first defects only', () => {
    const tallies = [newTally(), newTally()];
    for (const tally of tallies) {
      for (let offset = 0; offset < MAX_DEFECTS_KEPT - 1; offset++) {
        addSkip(tally, { offset, length: 1, reason: 'malformed-line' }, true, 'gateway', AT);
      }
    }
    const merged = merge(tallies);
    expect([merged.quarantine.length, merged.counts.quarantined]).toEqual([MAX_DEFECTS_KEPT, 2 * MAX_DEFECTS_KEPT - 2]);
  });
});

type Entry = Usage | { reason: SkipReason; isBad: boolean; at: number | undefined };

const entries: fc.Arbitrary<Entry[]> = fc
  .tuple(
    usages,
    fc.array(
      fc.record({
        reason: fc.constantFrom<SkipReason>('blank', 'malformed-json', 'no-time'),
        isBad: fc.boolean(),
        at: fc.constantFrom(undefined, AT, AT + 2 * HOUR_MS),
      }),
      { maxLength: 6 },
    ),
  )
  .map((lists) => lists.flat());

describe('merging tallies', () => {
  it('does not depend on their order', () => {
    const law = fc.property(entries, entries, (a, b) => {
      expect(content([a, b])).toEqual(content([b, a]));
    });
    fc.assert(law, { seed: 5 });
  });

  it('does not depend on how they are grouped', () => {
    fc.assert(
      fc.property(entries, entries, entries, (a, b, c) => {
        const left = merge([merge([fold(a), fold(b)]), fold(c)]);
        const right = merge([fold(a), merge([fold(b), fold(c)])]);
        expect(plain(left)).toEqual(plain(right));
      }),
      { seed: 6 },
    );
  });

  it('is the same as adding all to one', () => {
    const law = fc.property(entries, entries, (a, b) => {
      expect(content([a, [], b])).toEqual(plain(fold([...a, ...b])));
    });
    fc.assert(law, { seed: 7 });
  });
});

function fold(list: readonly Entry[]): Tally {
  const tally = newTally();
  for (const one of list) {
    if ('keys' in one) {
      addUsage(tally, one, 10);
      tally.events.set(digestOf(`${one.outcome} ${one.at}`), DAY);
    } else addSkip(tally, { offset: 0, length: 3, reason: one.reason }, one.isBad, 'gateway', one.at);
  }
  return tally;
}

function merge([first = newTally(), ...others]: readonly Tally[]): Tally {
  for (const other of others) mergeTally(first, other);
  return first;
}

function content(lists: readonly (readonly Entry[])[]): object {
  return plain(merge(lists.map(fold)));
}

function callerDay({ source, key, system, day }: Rollup): string {
  return JSON.stringify([source, key.key, system.attribution, system.name, day]);
}

/** Maps have an order, which is not part of what a tally says; nor is the order of defects. */
function plain(tally: Tally): object {
  const sorted = (map: ReadonlyMap<string, unknown>): unknown[] => [...map].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return {
    ...tally,
    rollups: sorted(new Map([...tally.rollups.values()].map((rollup) => [callerDay(rollup), rollup]))),
    hours: sorted(tally.hours),
    skips: sorted(tally.skips),
    events: listed(tally.events),
    quarantine: tally.quarantine.map(({ reason }) => reason).toSorted(),
  };
}
