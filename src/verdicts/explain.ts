import type {
  BlockerCode,
  Caller,
  DayCalls,
  DayNumber,
  Evidence,
  Explanation,
  Gap,
  KeyPlace,
  KeyReport,
} from '../model.ts';
import { DAY_MS, isoDay, isoInstant } from './calendar.ts';
import { callsSince, compareText, factsOf } from './facts.ts';
import type { CallerFacts, KeyFacts } from './facts.ts';
import { rulesOf, rulesOfWatch } from './rules.ts';
import { sourcesWithoutKeys, sourcesWithoutLogs, unprovenInventory } from './source-blockers.ts';
import { differences } from './stricter-policy.ts';
import { isInCircle, successorOf } from './substitution.ts';
import { firstFew } from './wording.ts';
import type { World } from './world.ts';

/**
 * The evidence behind one verdict, day by day and rule by rule, and what would change it. `daysOf`: calls per day of one
 * of its callers, sorted. `placesOf`: where one of them sends the key.
 */
export function explain(
  evidence: Evidence,
  world: World,
  report: KeyReport,
  daysOf: (caller: Caller) => readonly DayCalls[],
  placesOf: (caller: Caller) => readonly KeyPlace[],
): Omit<Explanation, 'tool'> {
  const facts = factsOf(evidence, world);
  return {
    schema: 'lastcall.explanation/1',
    asOf: isoInstant(world.asOf),
    key: report,
    from: isoDay(firstDayOf(facts)),
    to: isoDay(facts.today),
    callers: facts.callers.toSorted(byWhatTheyAsk).map((caller) => ({
      system: caller.name,
      attribution: caller.caller.system.attribution,
      sources: caller.covered.sources,
      days: daysOf(caller.caller).map(({ day, ...calls }) => ({ day: isoDay(day), ...calls })),
      places: placesOf(caller.caller),
      rules: rulesOf(caller, facts.policy),
    })),
    watch:
      facts.watch === undefined
        ? null
        : { sources: facts.watch.covered.sources, rules: rulesOfWatch(facts.watch, facts) },
    gaps: gapsOf(facts),
    substitution: describeSubstitution(facts, report.substitution),
    migration: migrationOf(facts, report.substitution, placesOf),
    stricterPolicy: differences(facts.policy, world.policy),
    whatWouldChangeIt: whatWouldChange(facts, report),
  };
}

/** Those that keep the key longest first. */
function byWhatTheyAsk(a: CallerFacts, b: CallerFacts): number {
  const [ends, later] = [a, b].map(({ isCleared, clearedOn }) => (isCleared ? 0 : clearedOn)) as [number, number];
  return later - ends || (b.rhythm.lastDay ?? 0) - (a.rhythm.lastDay ?? 0) || compareText(a.name, b.name);
}

/** The first day of the logs that could show the key, or its first call if that is earlier. */
function firstDayOf({ sources, world, callers, today }: KeyFacts): DayNumber {
  const starts = sources.map((source) => world.coverage.get(source)?.firstDay);
  const calls = callers.flatMap(({ caller }) => [caller.useDays[0], caller.refusedDays[0]]);
  return [...starts, ...calls].reduce<DayNumber>((first, day) => Math.min(first, day ?? today), today);
}

/** Of every source that could have shown the key, also the days before its logs begin. */
function gapsOf(facts: KeyFacts): Explanation['gaps'] {
  const { sources, world, today } = facts;
  const first = firstDayOf(facts);
  return sources.flatMap((source) => {
    const coverage = world.coverage.get(source);
    const to = (coverage?.firstDay ?? today) - 1;
    const reason = coverage?.firstDay === undefined ? 'no-records' : 'before-first-record';
    const before: readonly Gap[] = to >= first ? [{ from: first, to, reason }] : [];
    return [...before, ...(coverage?.gaps ?? [])].map((gap) => ({
      source,
      from: isoDay(gap.from),
      to: isoDay(gap.to),
      reason: gap.reason,
    }));
  });
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

const STANDINGS = ['straddling', 'remaining', 'moved'] as const;

/** What is still to be done comes first. */
function migrationOf(
  { callers }: KeyFacts,
  substitution: KeyReport['substitution'],
  placesOf: (caller: Caller) => readonly KeyPlace[],
): Explanation['migration'] {
  if (substitution === null) return [];
  return STANDINGS.flatMap((standing) =>
    callers
      .filter(({ name, state }) => state !== 'gone' && substitution[standing].includes(name))
      .filter(({ state }) => (standing === 'moved') === (state === 'moved'))
      .map(({ name, caller, substitute, rhythm, isCleared, clearedOn }) => ({
        system: name,
        standing,
        since: substitute?.key === substitution.successor ? isoDay(substitute.since) : null,
        lastUsedOn: rhythm.lastDay === undefined ? null : isoDay(rhythm.lastDay),
        safeOn: isCleared ? null : isoDay(clearedOn),
        places: standing === 'moved' ? [] : placesOf(caller),
      })),
  );
}

function doubtOf(successor: string, { evidence, world }: KeyFacts): string {
  const other = world.others(successor);
  if (other === undefined) return ' (in no inventory and in no log)';
  if (isInCircle(evidence, world)) return ' (its successor leads back to this key)';
  const status = other.entry?.status ?? 'active';
  if (status !== 'active') return ` (${status}: a move to it proves nothing)`;
  const isUsed = other.callers.some(({ useDays }) => useDays.length > 0);
  return isUsed ? '' : ' (not used yet)';
}

function whatWouldChange(facts: KeyFacts, report: KeyReport): readonly string[] {
  if (report.verdict === 'safe')
    return ['Any call with this key, or a gap in the logs that shortens a silence too far.'];
  const byTime = report.safeOn === null ? [] : [`No call until ${report.safeOn}, with complete logs: then it is safe.`];
  const byMending = report.blockers.flatMap(({ code }) =>
    code === 'uncovered-source' ? bySource(facts) : (MENDING_TEXTS[code] ?? []),
  );
  return [
    ...byTime,
    ...byMending,
    ...byListing(facts, report),
    ...byRotating(report),
    ...byEnding(facts, report),
    ...facts.callers.flatMap(byMoving),
  ];
}

/** Who calls with a disabled key still needs one, or is to be stopped. */
function byEnding(facts: KeyFacts, { findings, status }: KeyReport): readonly string[] {
  if (!findings.includes('zombie')) return [];
  const { today, policy, evidence } = facts;
  const { disabledAt } = evidence;
  const calls = callsSince(facts, disabledAt ?? (today - policy.refusedWindowDays) * DAY_MS - 1);
  const since =
    disabledAt === undefined
      ? `${status}, it is not known since when, and calls of the last ${policy.refusedWindowDays} days count`
      : `${status} since ${isoInstant(disabledAt).slice(0, 16).replace('T', ' ')} UTC`;
  return [
    `Give ${firstFew(calls.map(({ system }) => system))} another key, or stop what still calls: this one is ${since}.`,
  ];
}

/** What a source lacks, in the order in which the blocker tells it. */
function bySource(facts: KeyFacts): readonly string[] {
  if (sourcesWithoutLogs(facts).length > 0)
    return [
      'Read the logs of the source that could have shown this key, or correct its source in the inventory.',
      'If they were read before, under another name of the source: remove the database and scan again.',
    ];
  if (unprovenInventory(facts).length > 0)
    return ['Give the keys in the inventory as the logs show them: whole, as SHA-256, or by the id that is logged.'];
  if (sourcesWithoutKeys(facts).length > 0)
    return [
      'Map the field in which these records carry the key. Only where no listed key is ever sent, as in what is no log of calls, declare that of the source (carriesKeys: false).',
    ];
  return ['Read logs that show keys of this kind.'];
}

/** A key that may be old looks as if it had paused before its first call. */
function byListing({ callers }: KeyFacts, { createdAt, status }: KeyReport): readonly string[] {
  if (createdAt !== null || !callers.some(({ rhythm }) => rhythm.longest > rhythm.longestBetween)) return [];
  const where = status === 'unlisted' ? 'List it in an inventory with its day of creation' : 'Give its day of creation';
  return [`${where}: days before it are no pause.`];
}

function byRotating({ substitution }: KeyReport): readonly string[] {
  if (substitution === null || substitution.straddling.length === 0) return [];
  const names = firstFew(substitution.straddling);
  return [`Take this key from ${names}: ${substitution.successor} is in use there too.`];
}

const MENDING_TEXTS: Readonly<Partial<Record<BlockerCode, string>>> = {
  sampled: 'Log every request: a sample can never prove silence.',
  'ambiguous-key':
    'Give the whole key, its SHA-256 or its id in the inventory instead of a masked form; if the logs mask it, log more of it.',
  'provider-disagrees': 'Find the logs of the use that the provider saw; these logs do not show it.',
  'silent-source':
    'Repair the delivery of the logs and read what is missing, or declare the outage, or that the source is retired.',
  'unread-input':
    'Read the named input whole. If it is no log: scan with --exclude, or `exclude` in the configuration, which lets it go.',
  quarantine: 'Mend the unreadable records, or the format with which they are read.',
  'coverage-gap': 'Read the logs of the missing days, if they still exist.',
  'late-window':
    'Records that are still to come, or the delivery lag of the source, declared: then its newest days count.',
  'no-created-at': 'Give the creation date of the key in the inventory.',
  clock:
    'Correct the clock of this machine, the clock or the time zone of the source, or the day on which it is declared retired.',
  exempt: 'End the exemption, in the configuration or in the inventory.',
};

function byMoving({ isNamed, name, state, substitute }: CallerFacts): readonly string[] {
  if (isNamed || state === 'gone' || substitute?.hasMoved !== true) return [];
  return [`A system rule that names ${name}: then its move to ${substitute.key} counts.`];
}
