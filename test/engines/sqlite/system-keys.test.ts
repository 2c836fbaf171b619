import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SystemKeys } from '../../../src/engines/sqlite/system-keys.ts';
import { SystemNames } from '../../../src/engines/sqlite/system-names.ts';
import type { SystemRef, Usage } from '../../../src/model.ts';
import { DAY_MS } from '../../../src/tally/rollup.ts';
import { addStreams, AT, keyRef, newStore, tallyOf, usageOf } from './made-store.ts';

const NAMES = ['job', 'web', 'a\0b', 'grüße 🗝', ''];

const SYSTEMS = NAMES.flatMap((name) =>
  (['rule', 'field', 'derived'] as const).map((attribution): SystemRef => ({ name, attribution })),
);

const calls: fc.Arbitrary<Usage> = fc
  .record({
    system: fc.constantFrom(...SYSTEMS),
    key: fc.integer({ min: 1, max: 6 }),
    day: fc.integer({ min: 0, max: 4 }),
    outcome: fc.constantFrom('accepted' as const, 'refused' as const),
    source: fc.constantFrom('gateway', 'eastern'),
  })
  .map(({ system, key, day, outcome, source }) => {
    const keys = key === 6 ? [keyRef('ASIA1', 'aws_sts_session_key')] : [keyRef(`k_${key}`)];
    return usageOf({ system, keys, at: AT + day * DAY_MS, outcome, source });
  });

describe('systems that are all held for an audit', () => {
  it('call with the same keys as those that are looked up, be they too many to be held or asked for one by one', () => {
    fc.assert(
      fc.property(fc.array(calls, { maxLength: 60 }), fc.array(calls, { maxLength: 4 }), (settled, tail) => {
        const { db } = newStoreWith(settled, tail);
        const ids = db.prepare<[], { id: number; name: string; attribution: string }>('SELECT * FROM systems').all();
        const named = ids.filter(({ attribution }) => attribution !== 'derived');
        const options = { mostKeys: 4, sources: 2, hasSessions: true };
        const [held, lookedUp, alone] = [
          new SystemKeys(db, options),
          new SystemKeys(db, { ...options, mostHeld: 0 }),
          new SystemKeys(db, options),
        ];
        for (const keys of [held, lookedUp]) keys.load(named.map(({ id, name }) => [name, id]));
        for (const name of NAMES) {
          expect(told(held, name), name).toEqual(told(alone, name));
          expect(told(lookedUp, name), name).toEqual(told(alone, name));
        }
      }),
      { numRuns: 25 },
    );
  });

  it('have the same names as those that are looked up', () => {
    const { db } = newStoreWith(
      SYSTEMS.map((system) => usageOf({ system })),
      [],
    );
    db.pragma('foreign_keys = OFF');
    db.exec('DELETE FROM systems WHERE id IN (1, 4, 5)');
    const ids = db.prepare<[], number>('SELECT id FROM systems').pluck().all();
    const all = [new SystemNames(db), new SystemNames(db), new SystemNames(db, { systems: 1, bytes: 1 })];
    for (const names of all.slice(1)) names.hold();
    for (const names of all) names.load(ids);
    const [lookedUp, held, tooMany] = all.map((names) => ids.map((id) => names.get(id)));
    expect(lookedUp).toHaveLength(SYSTEMS.length - 3);
    expect(new Set(lookedUp?.map(({ name }) => name))).toEqual(new Set(NAMES));
    expect([held, tooMany]).toEqual([lookedUp, lookedUp]);
  });
});

function newStoreWith(settled: readonly Usage[], tail: readonly Usage[]): ReturnType<typeof newStore> {
  const store = newStore();
  addStreams(store, [{ settled: tallyOf(settled), tail: tallyOf(tail) }]);
  return store;
}

function told(systems: SystemKeys, name: string): unknown[] {
  const keys = systems.of(name).map((one) => ({ ...one, useDays: one.useDays() }));
  return keys.toSorted((a, b) => a.key - b.key);
}
