import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KeyReport, KeyReports, Verdict } from '../../src/model.ts';
import { groupKeys, KEYS_SHOWN } from '../../src/reporters/key-groups.ts';
import { compare } from '../../src/reporters/key-names.ts';
import { BLOCKER_WORDS, FINDING_WORDS, VERDICT_WORDS, wordsOf } from '../../src/reporters/vocabulary.ts';
import { sampleKey, sampleReport } from './sample-report.ts';

const DAYS = Array.from(
  { length: 40 },
  (_, n) => `2027-0${1 + Math.floor(n / 20)}-${String(1 + (n % 20)).padStart(2, '0')}`,
);

const [{ systems: [SYSTEM] = [] } = sampleKey()] = [...sampleReport().keys].filter(({ systems }) => systems.length > 0);

/** Many keys with few days, so that the order among equals counts. */
function manyKeys(count: number, seed: number): readonly KeyReport[] {
  let state = seed;
  const next = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const findings = wordsOf(FINDING_WORDS);
  const reasons = wordsOf(BLOCKER_WORDS);
  const verdicts = wordsOf(VERDICT_WORDS);
  return Array.from({ length: count }, (_, n) => {
    const day = DAYS[next(DAYS.length)]!;
    const systems = Array.from({ length: next(3) }, () => ({
      ...SYSTEM!,
      system: `job ${next(7)}`,
      state: next(2) === 0 ? ('active' as const) : ('gone' as const),
    }));
    return sampleKey({
      key: `k_${n}`,
      verdict: verdicts[next(verdicts.length)]!,
      safeOn: next(4) === 0 ? null : day,
      lastUsedAt: next(5) === 0 ? null : `${day}T00:00:00.000Z`,
      findings: findings.filter(() => next(6) === 0),
      reason: reasons[next(reasons.length)]!,
      systems,
    });
  });
}

const ORDERS: Readonly<Record<Verdict, (keys: readonly KeyReport[]) => readonly KeyReport[]>> = {
  safe: (keys) => keys,
  'in-use': (keys) => keys.toSorted((a, b) => compare(b.lastUsedAt ?? '', a.lastUsedAt ?? '')),
  waiting: (keys) => keys.toSorted((a, b) => compare(a.safeOn ?? '~', b.safeOn ?? '~')),
  unknown: (keys) => keys,
};

function counted(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

describe('the groups of many keys', () => {
  const many = fc
    .tuple(fc.constantFrom(0, 1, 99, 400, 9000), fc.integer())
    .map(([count, seed]) => manyKeys(count, seed));

  it('by verdict are what filtering and sorting the whole list gives', () => {
    fc.assert(
      fc.property(many, (keys) => {
        const { verdicts } = groupKeys(keys);
        expect([...verdicts.keys()]).toEqual(wordsOf(VERDICT_WORDS));
        for (const [verdict, group] of verdicts) {
          const having = keys.filter((key) => key.verdict === verdict);
          expect([group.count, group.first?.key]).toEqual([having.length, having[0]?.key]);
          expect(idsOf(group.shown)).toEqual(idsOf(ORDERS[verdict](having).slice(0, KEYS_SHOWN)));
        }
      }),
      { numRuns: 12 },
    );
  });

  it('by finding are those that have it, in the order of the report', () => {
    fc.assert(
      fc.property(many, (keys) => {
        const { findings } = groupKeys(keys);
        const having = wordsOf(FINDING_WORDS)
          .map((finding) => [finding, keys.filter((key) => key.findings.includes(finding))] as const)
          .filter(([, group]) => group.length > 0);
        expect(
          [...findings].map(([finding, group]) => [finding, group.count, idsOf(group.shown), group.first?.key]),
        ).toEqual(
          having.map(([finding, group]) => [finding, group.length, idsOf(group.slice(0, KEYS_SHOWN)), group[0]?.key]),
        );
      }),
      { numRuns: 12 },
    );
  });

  it('are counted by active system, by reason, and from the first to the last day', () => {
    fc.assert(
      fc.property(many, (keys) => {
        const { callers, unknownReasons, safeDays } = groupKeys(keys);
        const having = (verdict: Verdict): readonly KeyReport[] => keys.filter((key) => key.verdict === verdict);
        const active = having('in-use').flatMap(({ systems }) =>
          systems.filter(({ state }) => state === 'active').map(({ system }) => system),
        );
        const days = having('waiting')
          .flatMap(({ safeOn }) => safeOn ?? [])
          .toSorted();
        expect(Object.fromEntries(callers)).toEqual(counted(active));
        expect(Object.fromEntries(unknownReasons)).toEqual(counted(having('unknown').map(({ reason }) => reason)));
        expect(safeDays).toEqual({ first: days[0], last: days.at(-1) });
      }),
      { numRuns: 12 },
    );
  });

  it('need one walk through them', () => {
    let walks = 0;
    const keys: KeyReports = {
      length: 2,
      [Symbol.iterator]: () => {
        walks++;
        return manyKeys(2, 1)[Symbol.iterator]();
      },
    };
    const { verdicts } = groupKeys(keys);
    expect([...verdicts.values()].reduce((sum, group) => sum + group.count, 0)).toBe(2);
    expect(walks).toBe(1);
  });
});

function idsOf(keys: readonly KeyReport[]): readonly string[] {
  return keys.map(({ key }) => key);
}
