import { expect, it } from 'vitest';
import { readSessions } from '../../../src/engines/sqlite/sessions.ts';
import { DAY_MS } from '../../../src/tally/rollup.ts';
import { addStreams, AT, keyRef, newStore, tallyOf, usageOf } from './made-store.ts';

it('session credentials are counted by whom they were issued to', () => {
  const store = newStore();
  const session = (key: string, issuer: string | undefined, at = AT) =>
    usageOf({ keys: [keyRef(key, 'aws_sts_session_key')], issuer, at });
  addStreams(store, [
    {
      settled: tallyOf([
        session('ASIA1', 'role/a'),
        session('ASIA1', 'role/a', AT + 9),
        session('ASIA2', 'role/a'),
        session('ASIA3', undefined),
        usageOf(),
      ]),
    },
  ]);
  expect(readSessions(store.db)).toEqual([
    { issuer: 'role/a', credentials: 2, requests: 3, lastUsedAt: AT + 9 },
    { issuer: 'unknown issuer', credentials: 1, requests: 1, lastUsedAt: AT },
  ]);
});

it('session credentials that were only refused were never used, and one of many days, sources and tails is one', () => {
  const store = newStore();
  const session = (key: string, overrides: Parameters<typeof usageOf>[0]) =>
    usageOf({ keys: [keyRef(key, 'aws_sts_session_key')], ...overrides });
  const used = [0, 300, 600].flatMap((day) =>
    ['east', 'west'].map((source) => session('ASIA1', { issuer: 'role/a', source, at: AT + day * DAY_MS })),
  );
  addStreams(store, [
    { settled: tallyOf(used), tail: tallyOf([session('ASIA1', { issuer: 'role/a', at: AT })]) },
    { settled: tallyOf([session('ASIA2', { issuer: 'role/b', outcome: 'refused' })]) },
  ]);
  expect(readSessions(store.db)).toEqual([
    { issuer: 'role/a', credentials: 1, requests: 7, lastUsedAt: AT + 600 * DAY_MS },
    { issuer: 'role/b', credentials: 1, requests: 1, lastUsedAt: undefined },
  ]);
});
