import { describe, expect, test } from 'vitest';
import type { Attribution, InventoryEntry } from '../../src/model.ts';
import { judge } from '../../src/verdicts/judge.ts';
import { daily, every, key, logs, system, worldOf } from './history.ts';
import type { DaysAgo } from './history.ts';

const WHOLE = [logs(800)];

interface Move {
  readonly before: readonly DaysAgo[];
  readonly after: readonly DaysAgo[];
  readonly attribution?: Attribution;
  readonly entry?: Partial<InventoryEntry>;
}

function judgeMove({ before, after, attribution = 'rule', entry = {} }: Move) {
  const keys = [
    key([system('billing', { used: before, attribution })], entry),
    key([system('billing', { used: after, attribution })], {}, { key: 'key-2' }),
  ] as const;
  return judge(keys[0], worldOf(keys, WHOLE));
}

const required = (move: Move) => judgeMove(move).systems[0]?.rhythm?.requiredSilenceDays;

describe('a named system moved', () => {
  test('when it works on with another key', () => {
    const report = judgeMove({ before: daily(790, 25), after: daily(24, 1) });
    expect(report).toMatchObject({ verdict: 'safe', systems: [{ state: 'moved', movedTo: 'key-2' }] });
    expect(report.substitution).toEqual({ successor: 'key-2', moved: ['billing'], straddling: [], remaining: [] });
  });

  test.each<readonly [string, Move]>([
    ['unless it took up the other key more than 60 days before', { before: daily(790, 25), after: daily(86, 1) }],
    ['unless it had the other key first', { before: daily(80, 25), after: daily(81, 1) }],
    ['unless it used the other key on 5 days since', { before: daily(790, 25), after: every(1, 4, 1) }],
    ['unless it kept half its pace', { before: daily(790, 25), after: every(3, 24, 0) }],
    ['unless its name is derived', { before: daily(790, 25), after: daily(24, 1), attribution: 'derived' }],
    [
      'unless its name is derived, also if a successor is declared',
      { before: daily(790, 25), after: daily(24, 1), attribution: 'overflow', entry: { successor: 'key-2' } },
    ],
  ])('%s', (_, move) => {
    expect(required(move)).not.toBe(21);
  });

  test('at the edges of these rules', () => {
    expect(required({ before: daily(790, 25), after: daily(85, 1) })).toBe(21);
    expect(required({ before: daily(790, 25), after: every(2, 24, 0) })).toBe(21);
  });

  test('to the declared successor first', () => {
    const report = judgeMove({ before: daily(790, 25), after: daily(24, 1), entry: { successor: 'key-2' } });
    expect(report.substitution?.successor).toBe('key-2');
    expect(report.verdict).toBe('safe');
  });
});

test('a system that calls with both keys straddles them', () => {
  const report = judgeMove({ before: daily(790, 2), after: daily(20, 1), entry: { successor: 'key-2' } });
  expect(report.substitution).toEqual({ successor: 'key-2', moved: [], straddling: ['billing'], remaining: [] });
  expect(report).toMatchObject({ findings: ['straddling'], verdict: 'in-use' });
});

test('a system that did not take up the successor remains', () => {
  const report = judgeMove({ before: daily(790, 2), after: [], entry: { successor: 'key-2' } });
  expect(report.substitution).toEqual({ successor: 'key-2', moved: [], straddling: [], remaining: ['billing'] });
  expect(report.findings).toEqual([]);
});

test('a system with very many keys takes up keys all the time, which proves no move', () => {
  const old = key([system('app', { used: daily(790, 25) })]);
  const others = Array.from({ length: 100 }, (_, index) =>
    key([system('app', { used: daily(24, 1) })], {}, { key: `key-${index + 2}` }),
  );
  expect(judge(old, worldOf([old, ...others.slice(1)], WHOLE)).verdict).toBe('safe');
  expect(judge(old, worldOf([old, ...others], WHOLE)).verdict).toBe('waiting');
});

test('a key that names itself as successor has none to move to', () => {
  const own = key([system('billing', { used: daily(790, 25) })], { successor: 'key-1' });
  expect(judge(own, worldOf([own], WHOLE)).verdict).toBe('waiting');
});
