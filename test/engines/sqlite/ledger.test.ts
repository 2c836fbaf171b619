import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../src/tally/event-digests.ts';
import type { Usage } from '../../../src/model.ts';
import { addSkip, newTally, type Tally } from '../../../src/tally/rollup.ts';
import { dump, type Dump } from '../../ingest/dump.ts';
import { addStreams, AT, DAY, identity, newStore, tallyOf, usageOf } from './made-store.ts';
import { shuffledPieces, usages } from './made-usage.ts';

describe('the ledger', () => {
  it('holds the same rows however the calls are cut into tallies and in whatever order they come', () => {
    fc.assert(
      fc.property(shuffledPieces(usages), fc.boolean(), ({ all, pieces }, areTails) => {
        const parts = pieces.map((piece) => (areTails ? { tail: tallyOf(piece) } : { settled: tallyOf(piece) }));
        expect(rowsOf(parts)).toEqual(rowsOf([{ settled: tallyOf(all) }]));
      }),
      { seed: 3, numRuns: 15, endOnFailure: true },
    );
  });

  it('replaces what the tail of a log said before, and adds what is settled', () => {
    const store = newStore();
    const [id = 0] = addStreams(store, [{ settled: tally(1), tail: tally(5) }]);
    const [other = 0] = addStreams(store, [{ tail: tally(7) }]);
    store.ledger.begin();
    store.ledger.addTally(id, tally(2), tally(3));
    store.ledger.addTally(other, newTally(), newTally());
    store.ledger.commit();
    expect(callsIn(store)).toBe(1 + 2 + 3);
    expect(count(store, 'SELECT sum(records) AS n FROM days')).toBe(1 + 2 + 3);
    expect(count(store, 'SELECT sum(records + pending_records) AS n FROM streams')).toBe(1 + 2 + 3);
  });

  it('knows an event of a tail only until the tail is replaced', () => {
    const store = newStore();
    const tail = tally(1);
    tail.events.set(digestOf('event'), DAY);
    const [id = 0] = addStreams(store, [{ tail }]);
    expect([
      store.ledger.hasEvent(digestOf('event'), DAY, id),
      store.ledger.hasEvent(digestOf('event'), DAY, id + 1),
    ]).toEqual([false, true]);
    store.ledger.begin();
    store.ledger.addTally(id, newTally(), newTally());
    store.ledger.commit();
    expect(store.ledger.hasEvent(digestOf('event'), DAY, id + 1)).toBe(false);
  });

  it('keeps nothing of a transaction that is rolled back, not even the names that it made', () => {
    const store = newStore();
    const before = dump(store.db);
    store.ledger.begin();
    store.ledger.addTally(store.ledger.addStream(identity(), 1), tally(3), newTally());
    store.ledger.rollback();
    expect(dump(store.db)).toEqual(before);
    addStreams(store, [{ settled: tally(2) }]);
    expect(dump(store.db)).toEqual(rowsOf([{ settled: tally(2) }]));
  });

  it('keeps the place of a thousand defects of a log, and the number of all', () => {
    const store = newStore();
    const settled = newTally();
    for (let n = 0; n < 1500; n++) {
      addSkip(settled, { offset: n * 10, length: 10, reason: 'malformed-json' }, true, 'gateway', AT);
    }
    addStreams(store, [{ settled }]);
    expect(count(store, 'SELECT count(*) AS n FROM quarantine')).toBe(1000);
    expect(count(store, 'SELECT records AS n FROM skips')).toBe(1500);
    expect(count(store, 'SELECT quarantined AS n FROM streams')).toBe(1500);
  });

  it('says whether some input is still unread', () => {
    const { ledger } = newStore();
    const place = { path: '/logs/a.gz', stream: 0, source: undefined, file: '1 2 3' };
    const fault = { detail: 'cut', fromAt: undefined, toAt: undefined };
    expect(ledger.hasOpenFaults()).toBe(false);
    ledger.addFault({ ...place, path: '/logs/b.gz', stream: 9 }, { ...fault, reason: 'rewritten-log' }, 1);
    expect(ledger.hasOpenFaults()).toBe(false);
    ledger.addFault(place, { ...fault, reason: 'unread-input' }, 1);
    ledger.addFault(place, { ...fault, reason: 'unread-input' }, 2);
    expect(ledger.hasOpenFaults()).toBe(true);
    ledger.clearFaults({ ...place, path: '/logs/c.gz', file: '' });
    expect(ledger.hasOpenFaults()).toBe(true);
    ledger.clearFaults({ ...place, path: '/logs/renamed.gz' });
    expect(ledger.hasOpenFaults()).toBe(false);
  });

  it('finds a log by the longest head that both have', () => {
    const store = newStore();
    const head = (length: number, text: string): { length: number; hash: Buffer } => ({
      length,
      hash: Buffer.from(text),
    });
    const heads = [head(1024, 'abcd'), head(512, 'abc'), head(256, 'ab'), head(4, 'a')];
    store.ledger.begin();
    const id = store.ledger.addStream(identity({ headLength: 1024, headHash: Buffer.from('abcd'), heads }), 1);
    store.ledger.commit();
    const found = (wanted: typeof heads): number[] => store.ledger.streamsByHeads(wanted, '').map((one) => one.id);
    expect(found([head(4096, 'abcde'), ...heads])).toEqual([id]);
    expect(found(heads.slice(1))).toEqual([id]);
    expect(found([head(512, 'xyz'), head(256, 'ab')])).toEqual([]);
    expect(found([head(1024, 'xyz'), head(512, 'abc')])).toEqual([]);
  });

  it('tells which logs were replaced at their path, until it is told to forget them', () => {
    const { ledger } = newStore();
    ledger.begin();
    const [lost, next] = [ledger.addStream(identity(), 1), ledger.addStream(identity(), 2)];
    ledger.addStream(identity({ path: '/logs/b.log' }), 1);
    ledger.addStream(identity({ path: '-' }), 1);
    ledger.addStream(identity({ path: '-' }), 2);
    ledger.commit();
    const pairs = (scan: number): number[][] => ledger.replacedStreams(scan).map((one) => [one.lost.id, one.next.id]);
    expect(pairs(2)).toEqual([[lost, next]]);
    ledger.markSeen(lost, 2);
    expect(pairs(2)).toEqual([]);
    ledger.markSeen(next, 3);
    expect(pairs(3)).toEqual([[lost, next]]);
    ledger.forgetPath(lost);
    expect(pairs(3)).toEqual([]);
  });
});

function rowsOf(parts: readonly { settled?: Tally; tail?: Tally }[]): Dump {
  const store = newStore();
  addStreams(store, parts);
  const rows = dump(store.db);
  store.close();
  return rows;
}

function tally(calls: number): Tally {
  return tallyOf(Array.from({ length: calls }, (): Usage => usageOf()));
}

function callsIn(store: ReturnType<typeof newStore>): number {
  return dump(store.db).uses.reduce((sum, use) => sum + Number(use.split(' | ')[7]), 0);
}

function count(store: ReturnType<typeof newStore>, sql: string): number | undefined {
  return store.db.prepare<[], { n: number }>(sql).get()?.n;
}
