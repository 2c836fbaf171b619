import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BLOCK, blockRow, IS_BLOCK_OF } from '../../../src/engines/sqlite/caller-blocks.ts';
import { encodeSum, sumUp } from '../../../src/engines/sqlite/caller-sum.ts';
import { blockOf, decodeBlock, isUsed } from '../../../src/engines/sqlite/day-block.ts';
import type { WritableStore } from '../../../src/engines/sqlite/store.ts';
import type { Usage } from '../../../src/model.ts';
import { DAY_MS } from '../../../src/tally/rollup.ts';
import { dump } from '../../ingest/dump.ts';
import { addStreams, AT, DAY, newStore, tallyOf, usageOf } from './made-store.ts';
import { usages } from './made-usage.ts';

/** The same calls over years, so that a caller has several blocks. */
const callsOfYears = fc
  .tuple(usages, fc.array(fc.integer({ min: -12, max: 12 }), { minLength: 1, maxLength: 60 }))
  .map(([calls, places]) =>
    calls.map((call, n) => ({ ...call, at: call.at + places[n % places.length]! * 97 * DAY_MS })),
  );

/** The issuer of a key is kept, also when the tail that told it is read again. */
const withoutIssuer = callsOfYears.map((calls) => calls.map((call): Usage => ({ ...call, issuer: undefined })));

const parts = fc.array(fc.record({ length: fc.nat(30), isTail: fc.boolean() }), { maxLength: 6 });

describe('the days of callers', () => {
  it('are the same rows however the calls are cut into transactions, settled parts and tails', () => {
    fc.assert(
      fc.property(callsOfYears, parts, (calls, cuts) => {
        const whole = filled([{ settled: calls }]);
        const cut = filled(piecesOf(calls, cuts));
        expect(dump(cut.db).uses).toEqual(dump(whole.db).uses);
        expect(dump(cut.db).places).toEqual(dump(whole.db).places);
        checkCallers(whole);
        checkCallers(cut);
      }),
      { numRuns: 25, endOnFailure: true },
    );
  });

  it('are those of the new tail when a tail is replaced, and all is settled in the end', () => {
    fc.assert(
      fc.property(withoutIssuer, withoutIssuer, (first, second) => {
        const store = newStore();
        const [stream = 0] = addStreams(store, [{ tail: tallyOf(first) }]);
        for (const [settled, tail] of [
          [[], second],
          [[...first, ...second], []],
        ] as const) {
          store.ledger.begin();
          store.ledger.addTally(stream, tallyOf(settled), tallyOf(tail));
          store.ledger.commit();
          expect(dump(store.db).uses).toEqual(dump(filled([{ settled: [...settled, ...tail] }]).db).uses);
          checkCallers(store);
        }
      }),
      { numRuns: 10, endOnFailure: true },
    );
  });

  it('lie in as many rows as there are blocks', () => {
    const store = filled([{ settled: Array.from({ length: 1000 }, (_, n) => usageOf({ at: AT + n * DAY_MS })) }]);
    expect(blocksIn(store)).toHaveLength(blockOf(DAY + 999) - blockOf(DAY) + 1);
  });

  it('have rows of their own from the first day that there can be to the last', () => {
    const days = [-100_000_000, -1, 0, 100_000_000];
    const store = filled([
      { settled: days.flatMap((day) => ['a', 'b'].map((caller) => usageOf({ caller, at: day * DAY_MS }))) },
    ]);
    const found = blocksIn(store).map(({ caller, block, counts }) => [
      caller,
      decodeBlock(block, counts).map(({ day }) => day),
    ]);
    expect(found).toEqual(
      [1, 2].flatMap((caller) => [
        [caller, [-100_000_000]],
        [caller, [-1]],
        [caller, [0]],
        [caller, [100_000_000]],
      ]),
    );
    expect(new Set([1, 2].flatMap((caller) => [-390_625, 390_624].map((block) => blockRow(caller, block)))).size).toBe(
      4,
    );
  });

  it('leave no caller behind that neither a block nor a tail tells of', () => {
    const store = newStore();
    const [one = 0, other = 0] = addStreams(store, [
      {
        settled: tallyOf([usageOf()]),
        tail: tallyOf([usageOf(), usageOf({ caller: 'go' }), usageOf({ caller: 'py' })]),
      },
      { tail: tallyOf([usageOf({ caller: 'go' })]) },
    ]);
    const after = (stream: number, tail: readonly Usage[] = []): number => {
      store.ledger.begin();
      store.ledger.addTally(stream, tallyOf([]), tallyOf(tail));
      store.ledger.commit();
      return summedUp(store).length;
    };
    expect([
      summedUp(store).length,
      after(one),
      after(other),
      after(one, [usageOf({ caller: 'go' })]),
      after(one),
    ]).toEqual([3, 2, 1, 2, 1]);
    expect(dump(store.db).uses).toEqual(dump(filled([{ settled: [usageOf()] }]).db).uses);
  });

  it('are summed up by days of any call and the first day of use', () => {
    const store = filled([
      { settled: [usageOf({ outcome: 'refused' }), usageOf({ at: AT + DAY_MS, outcome: 'failed' })] },
      { tail: [usageOf({ at: AT - 9 * DAY_MS })] },
    ]);
    expect(summedUp(store)).toEqual([{ days: 2, first_used_day: DAY + 1 }]);
  });
});

/** What is kept per caller must be what its settled blocks say, and no row may be without its caller. */
function checkCallers(store: WritableStore): void {
  const blocks = blocksIn(store);
  const callers = store.db.prepare<[], CallerRow>('SELECT id, days, first_used_day, summary FROM callers').all();
  const expected = callers.map(({ id }): CallerRow => {
    const days = blocks
      .filter(({ caller }) => caller === id)
      .flatMap(({ block, counts }) => decodeBlock(block, counts));
    const [first = null] = days.filter(isUsed).map(({ day }) => day);
    return { id, days: days.length, first_used_day: first, summary: days.length === 0 ? null : encodeSum(sumUp(days)) };
  });
  expect(callers).toEqual(expected);
  const count = (table: string): unknown => store.db.prepare(`SELECT count(*) AS n FROM ${table}`).get();
  expect(count('rollups')).toEqual({ n: blocks.length });
  const tails = store.db.prepare<[], { caller_id: number }>('SELECT caller_id FROM tails').all();
  const told = new Set([...blocks.map(({ caller }) => caller), ...tails.map(({ caller_id }) => caller_id)]);
  expect([...told].toSorted((x, y) => x - y)).toEqual(callers.map(({ id }) => id));
}

interface Block {
  readonly caller: number;
  readonly block: number;
  readonly counts: Buffer;
}

interface CallerRow {
  readonly id: number;
  readonly days: number;
  readonly first_used_day: number | null;
  readonly summary: Uint8Array | null;
}

function blocksIn(store: WritableStore): Block[] {
  return store.db
    .prepare<[], Block>(
      `SELECT callers.id AS caller, ${BLOCK} AS block, counts FROM callers JOIN rollups ON ${IS_BLOCK_OF} ORDER BY rollups.id`,
    )
    .all();
}

function summedUp(store: WritableStore): unknown[] {
  return store.db.prepare('SELECT days, first_used_day FROM callers').all();
}

type Part = { readonly settled?: readonly Usage[]; readonly tail?: readonly Usage[] };

function piecesOf(calls: readonly Usage[], cuts: readonly { length: number; isTail: boolean }[]): Part[] {
  let from = 0;
  const pieces = cuts.map(({ length, isTail }): Part => {
    const piece = calls.slice(from, (from += length));
    return isTail ? { tail: piece } : { settled: piece };
  });
  return [...pieces, { settled: calls.slice(from) }];
}

function filled(pieces: readonly Part[]): WritableStore {
  const store = newStore();
  addStreams(
    store,
    pieces.map(({ settled = [], tail = [] }) => ({ settled: tallyOf(settled), tail: tallyOf(tail) })),
  );
  return store;
}
