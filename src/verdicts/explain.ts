import type { Caller, DayNumber, Evidence, Explanation, KeyReport } from '../model.ts';
import { isoDay, isoInstant } from './calendar.ts';
import { factsOf } from './facts.ts';
import type { CallerFacts, KeyFacts } from './facts.ts';
import { rulesOf } from './rules.ts';
import { differences } from './stricter-policy.ts';
import { isInCircle, successorOf } from './substitution.ts';
import { useDaysOf } from './use-days.ts';
import type { World } from './world.ts';

/** The evidence behind one verdict, day by day and rule by rule, and what would change it. */
export function explain(evidence: Evidence, world: World, report: KeyReport): Omit<Explanation, 'tool'> {
  const facts = factsOf(evidence, world);
  return {
    schema: 'lastcall.explanation/1',
    asOf: isoInstant(world.asOf),
    key: report,
    from: isoDay(firstDayOf(facts)),
    to: isoDay(facts.today),
    callers: facts.callers.map((caller) => ({
      system: caller.name,
      days: daysOf(caller.caller),
      rules: rulesOf(caller, facts.policy),
    })),
    gaps: gapsOf(facts),
    substitution: describeSubstitution(facts, report.substitution),
    stricterPolicy: differences(facts.policy, world.policy),
    whatWouldChangeIt: whatWouldChange(facts, report),
  };
}

/** The first day of the logs that could show the key, or its first call if that is earlier. */
function firstDayOf({ sources, world, callers, today }: KeyFacts): DayNumber {
  const starts = sources.map((source) => world.coverage.get(source)?.firstDay);
  const calls = callers.flatMap(({ caller }) => caller.days.map(({ day }) => day));
  return [...starts, ...calls].reduce<DayNumber>((first, day) => Math.min(first, day ?? today), today);
}

function daysOf(caller: Caller): Explanation['callers'][number]['days'] {
  const days = new Map<DayNumber, { requests: number; refused: number }>();
  for (const { day, accepted, failed, refused } of caller.days) {
    const sum = days.get(day) ?? { requests: 0, refused: 0 };
    days.set(day, { requests: sum.requests + accepted + failed + refused, refused: sum.refused + refused });
  }
  return [...days].toSorted(([a], [b]) => a - b).map(([day, sum]) => ({ day: isoDay(day), ...sum }));
}

function gapsOf({ sources, world }: KeyFacts): Explanation['gaps'] {
  return sources.flatMap((source) =>
    (world.coverage.get(source)?.gaps ?? []).map(({ from, to, reason }) => ({
      source,
      from: isoDay(from),
      to: isoDay(to),
      reason,
    })),
  );
}

function describeSubstitution(facts: KeyFacts, substitution: KeyReport['substitution']): readonly string[] {
  if (substitution === null) return [];
  const { successor, ...systems } = substitution;
  const isDeclared = successorOf(facts.evidence, facts.world) === successor;
  const parts = (['moved', 'straddling', 'remaining'] as const).filter((part) => systems[part].length > 0);
  return [
    isDeclared
      ? `successor: ${successor}${doubtOf(successor, facts)}`
      : `discovered, no successor is declared: ${successor}`,
    ...parts.map((part) => `${part}: ${systems[part].join(', ')}`),
  ];
}

function doubtOf(successor: string, { evidence, world }: KeyFacts): string {
  const other = world.others(successor);
  if (other === undefined) return ' (in no inventory and in no log)';
  if (isInCircle(evidence, world)) return ' (its successor leads back to this key)';
  const status = other.entry?.status ?? 'active';
  if (status !== 'active') return ` (${status}: a move to it proves nothing)`;
  const isUsed = other.callers.some((caller) => useDaysOf(caller).length > 0);
  return isUsed ? '' : ' (not used yet)';
}

function whatWouldChange(facts: KeyFacts, report: KeyReport): readonly string[] {
  if (report.verdict === 'safe')
    return ['Any call with this key, or a gap in the logs that shortens a silence too far.'];
  const byTime = report.safeOn === null ? [] : [`No call until ${report.safeOn}, with complete logs: then it is safe.`];
  const byMending = report.blockers.flatMap(({ code }) => MENDING_TEXTS[code] ?? []);
  return [...byTime, ...byMending, ...facts.callers.flatMap(byMoving)];
}

const MENDING_TEXTS: Readonly<Partial<Record<KeyReport['blockers'][number]['code'], string>>> = {
  'uncovered-source':
    'Read the logs of the source that could have shown this key, or correct its source in the inventory.',
  sampled: 'Log every request: a sample can never prove silence.',
  'ambiguous-key': 'Give the whole key, its SHA-256 or its id in the inventory instead of a masked form.',
  'provider-disagrees': 'Find the logs of the use that the provider saw; these logs do not show it.',
  'silent-source':
    'Repair the delivery of the logs and read what is missing, or declare the outage, or that the source is retired.',
  'unread-input': 'Read the named input whole.',
  quarantine: 'Mend the unreadable records, or the format with which they are read.',
  'coverage-gap': 'Read the logs of the missing days, if they still exist.',
  'no-created-at': 'Give the creation date of the key in the inventory.',
  clock: 'Correct the clock or the time zone of the source, or the day on which it is declared retired.',
  exempt: 'End the exemption, in the configuration or in the inventory.',
};

function byMoving({ isNamed, name, state, substitute }: CallerFacts): readonly string[] {
  if (isNamed || state === 'gone' || substitute?.hasMoved !== true) return [];
  return [`A system rule that names ${name}: then its move to ${substitute.key} counts.`];
}
