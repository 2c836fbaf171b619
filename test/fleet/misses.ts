import type { DayNumber } from '../../src/model.ts';
import { DEFAULT_POLICY } from '../../src/verdicts/policy.ts';
import { factsOf } from '../../src/verdicts/facts.ts';
import type { KeyFacts } from '../../src/verdicts/facts.ts';
import { reportOf } from '../../src/verdicts/judge.ts';
import type { Fleet, FleetKey } from './fleet.ts';
import { Observer, worldOf } from './observe.ts';
import { countPromises } from './promises.ts';
import type { Promises } from './promises.ts';
import { nextUse } from './truth.ts';

/** A key that was called safe and is used again. */
interface Miss {
  readonly fleet: string;
  readonly key: string;
  /** Classes of all its systems, that of the system which calls next first. */
  readonly classes: readonly string[];
  /** The rule that cleared its systems last. */
  readonly rule: Rule;
  /** Days of logs at the audit, and from there to the next use. */
  readonly audit: number;
  readonly usedAfter: number;
  readonly sentence: string;
}

export type Rule =
  | 'never used'
  | 'never used, no creation date'
  | 'moved'
  | 'too-few-uses'
  | 'young-caller'
  | 'rhythm'
  | 'refused-recently'
  | 'new caller';

/** Every wrong "safe" of lastcall on a fleet, and what came of the dates that it promised. */
export interface Examination {
  readonly misses: readonly Miss[];
  readonly promises: Promises;
}

/** Looks closely at one audit of a fleet. */
export function examine(fleet: Fleet, audit: number): Examination {
  const observation = new Observer(fleet).at(fleet.start + audit);
  const world = worldOf(observation, DEFAULT_POLICY);
  const keys = new Map(fleet.keys.map((key) => [key.id, key]));
  const judged = observation.evidence.map((evidence) => {
    const facts = factsOf(evidence, world);
    return { facts, report: reportOf(facts) };
  });
  const misses = judged.flatMap(({ facts, report }): Miss[] => {
    const key = keys.get(report.key)!;
    const next = nextUse(key, observation.today, fleet);
    if (next === undefined || report.verdict !== 'safe') return [];
    const usedAfter = next - observation.today;
    const [classes, rule] = [classesOf(key, next), ruleOf(facts, key, next)];
    return [{ fleet: fleet.name, key: key.id, classes, rule, audit, usedAfter, sentence: report.sentence }];
  });
  const reports = judged.map(({ report }) => report);
  return { misses, promises: countPromises(reports, fleet, observation.today) };
}

/** The examinations of many fleets as text: a line for each miss, then how many misses each rule let through. */
export function describe(examinations: readonly Examination[]): string {
  const misses = examinations.flatMap((one) => one.misses);
  const counts = new Map<string, number>();
  for (const { rule, classes } of misses)
    counts.set(`${rule}: ${classes[0]}`, (counts.get(`${rule}: ${classes[0]}`) ?? 0) + 1);
  const dates = examinations.reduce((sum, { promises }) => sum + promises.dates, 0);
  const early = examinations.reduce((sum, { promises }) => sum + promises.early, 0);
  return [
    ...misses.map(
      ({ fleet, key, audit, usedAfter, classes, rule, sentence }) =>
        `${fleet} ${key} day ${audit}, used ${usedAfter} days later by ${classes.join(' + ')}; ${rule}. ${sentence}`,
    ),
    '',
    ...[...counts].toSorted(([, a], [, b]) => b - a).map(([name, count]) => `${count} ${name}`),
    `${early} of ${dates} promised dates come before the next call`,
  ].join('\n');
}

function classesOf({ callers }: FleetKey, next: DayNumber): readonly string[] {
  const first = callers.find(({ trueDays }) => trueDays.includes(next))!;
  return [first, ...callers.filter((caller) => caller !== first)].map(({ kind }) => kind);
}

/** Why the system that calls next was not waited for. */
function ruleOf({ watch, callers, today }: KeyFacts, key: FleetKey, next: DayNumber): Rule {
  if (watch !== undefined) return key.isCreatedListed ? 'never used' : 'never used, no creation date';
  const culprit = key.callers.find(({ trueDays }) => trueDays.includes(next))!;
  if (!culprit.calls.some(({ day, arrivesOn }) => day < today && arrivesOn < today)) return 'new caller';
  const seen = callers.filter(({ name, isNamed }) =>
    isNamed ? name === culprit.system.name : name.startsWith(`${culprit.system.userAgent.split('/')[0]} @ `),
  );
  const facts = seen[0] ?? callers[0]!;
  return facts.state === 'moved' ? 'moved' : (facts.rhythm.demands[0]?.code ?? 'rhythm');
}
