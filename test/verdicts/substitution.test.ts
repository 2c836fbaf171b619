import { describe, expect, test } from 'vitest';
import type { Attribution, InventoryEntry } from '../../src/model.ts';
import { explain } from '../../src/verdicts/explain.ts';
import { judge } from '../../src/verdicts/judge.ts';
import { daily, every, key, logs, system, worldOf, callsPerDay, placesOf } from './history.ts';
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

describe('a successor that is declared beside the inventory', () => {
  const old = key([system('billing', { used: daily(795, 25) }), system('export', { used: daily(795, 1) })], {
    successor: 'key-3',
  });
  const next = key(
    [system('billing', { used: daily(24, 1) }), system('export', { used: daily(9, 1) })],
    {},
    { key: 'key-2' },
  );
  const declared = (successors: Readonly<Record<string, string>>) =>
    judge(old, worldOf([old, next], WHOLE, { successors: new Map(Object.entries(successors)) }));

  test('counts, and before that of the inventory', () => {
    expect(declared({}).substitution).toMatchObject({ successor: 'key-3' });
    expect(declared({ 'key-1': 'key-2' }).substitution).toEqual({
      successor: 'key-2',
      moved: ['billing'],
      straddling: ['export'],
      remaining: [],
    });
  });

  test('is told in the sentence, per system and with its day; a discovered one is told as such', () => {
    expect(declared({ 'key-1': 'key-2' }).sentence).toBe(
      'export called yesterday (2026-12-19); billing moved to key-2 on 2026-11-26; export calls with key-2 too, since 2026-12-11: safe on 2027-01-19 if nothing calls',
    );
    expect(declared({}).sentence).toContain('billing moved to key-2 on 2026-11-26 (discovered)');
  });

  test('of another key changes nothing', () => {
    expect(declared({ 'key-2': 'key-9' })).toEqual(declared({}));
  });

  test('shortens nothing for a caller without a name', () => {
    const py = (used: readonly DaysAgo[]) => system('py', { used, attribution: 'derived' });
    const keys = [key([py(daily(795, 25))]), key([py(daily(24, 1))], {}, { key: 'key-2' })] as const;
    const successors = new Map([['key-1', 'key-2']]);
    const report = judge(keys[0], worldOf(keys, WHOLE, { successors }));
    expect(report.systems[0]?.rhythm?.requiredSilenceDays).toBe(30);
    expect(report.substitution).toEqual({ successor: 'key-2', moved: [], straddling: [], remaining: ['py'] });
  });
});

test.each(['disabled', 'deleted'] as const)('a move to a key that is %s proves nothing', (status) => {
  const keys = [
    key([system('billing', { used: daily(795, 25) })], { successor: 'key-2' }),
    key([system('billing', { used: daily(24, 1) })], { status }, { key: 'key-2' }),
  ] as const;
  const world = worldOf(keys, WHOLE);
  const report = judge(keys[0], world);
  expect(report).toMatchObject({ verdict: 'waiting', reason: 'rhythm' });
  expect(explain(keys[0], world, report, callsPerDay, placesOf).substitution[0]).toBe(
    `successor: key-2 (${status}: a move to it proves nothing)`,
  );
});

describe('the explanation says of a successor', () => {
  const old = (successor?: string) => key([system('billing', { used: daily(795, 25) })], { successor });
  const told = (first: ReturnType<typeof key>, ...others: readonly ReturnType<typeof key>[]) => {
    const world = worldOf([first, ...others], WHOLE);
    return explain(first, world, judge(first, world), callsPerDay, placesOf).substitution;
  };

  test('that nobody knows it', () => {
    expect(told(old('key-2'))).toEqual(['successor: key-2 (in no inventory and in no log)', 'remaining: billing']);
  });

  test('that it is not used yet', () => {
    expect(told(old('key-2'), key([], {}, { key: 'key-2' }))).toEqual([
      'successor: key-2 (not used yet)',
      'remaining: billing',
    ]);
  });

  test('that it leads back', () => {
    const others = [
      key([], { successor: 'key-3' }, { key: 'key-2' }),
      key([], { successor: 'key-1' }, { key: 'key-3' }),
    ];
    expect(told(old('key-2'), ...others)[0]).toBe('successor: key-2 (its successor leads back to this key)');
  });

  test('that it was discovered', () => {
    expect(told(old(), key([system('billing', { used: daily(24, 1) })], {}, { key: 'key-2' }))).toEqual([
      'discovered, no successor is declared: key-2',
      'moved: billing',
    ]);
  });

  test('nothing, if it is the key itself', () => {
    expect(told(old('key-1'))).toEqual([]);
  });
});

test('of two keys that name each other, a system moves to the younger one only', () => {
  const keys = [
    key([system('billing', { used: daily(795, 25) })], { successor: 'key-2' }),
    key([system('billing', { used: daily(24, 1) })], { successor: 'key-1' }, { key: 'key-2' }),
  ] as const;
  const verdicts = keys.map((each) => judge(each, worldOf(keys, WHOLE)));
  expect(verdicts.map(({ substitution }) => substitution?.moved)).toEqual([['billing'], []]);
});

describe('the way to the successor', () => {
  const migration = (...first: Parameters<typeof key>) => {
    const successor = key(
      [system('billing', { used: daily(24, 1) }), system('checkout', { used: daily(40, 1) })],
      {},
      { key: 'key-2' },
    );
    const old = key(...first);
    const world = worldOf([old, successor], WHOLE);
    return explain(old, world, judge(old, world), callsPerDay, placesOf).migration;
  };
  const callers = [
    system('billing', { used: daily(795, 25) }),
    system('checkout', { used: daily(795, 1) }),
    system('export', { used: daily(795, 2) }),
    system('gone', { used: daily(795, 400) }),
  ];

  test('says who straddles, remains and has moved, and what is still to change, the most urgent first', () => {
    const told = migration(callers, { successor: 'key-2' });
    expect(told.map((one) => [one.system, one.standing])).toEqual([
      ['checkout', 'straddling'],
      ['export', 'remaining'],
      ['billing', 'moved'],
    ]);
    const [checkout, exported, billing] = told;
    expect(checkout).toMatchObject({
      safeOn: expect.any(String),
      places: [{ place: expect.stringMatching(/^header of /) }],
    });
    expect(checkout!.since! < checkout!.lastUsedOn!).toBe(true);
    expect(exported).toMatchObject({ since: null, places: [{}] });
    expect(billing).toMatchObject({ since: expect.any(String), safeOn: null, places: [] });
  });

  test('is empty where nobody moves anywhere', () => {
    expect(migration([system('other', { used: daily(795, 1) })])).toEqual([]);
  });
});
