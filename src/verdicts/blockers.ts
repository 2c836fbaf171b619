import { count } from '../count.ts';
import type { BlockerCode, DayNumber, GapReason, InventoryEntry, Verdict } from '../model.ts';
import { DAY_MS, dayOf, isoDay, isoInstant } from './calendar.ts';
import type { CoveredDays } from './covered-days.ts';
import { pauseText, reasonText, silenceText } from './demand-texts.ts';
import { exemptionOf } from './exemptions.ts';
import { callsSince, watchedOn } from './facts.ts';
import type { CallerFacts, KeyFacts, Watch } from './facts.ts';
import { silenceAfterMove } from './rhythm.ts';
import type { DemandCode } from './rhythm.ts';
import {
  BLOCKER_OF_GAP,
  clockFaults,
  contradictedRetirements,
  currentGaps,
  describeGaps,
  firstTexts,
  silentSources,
  sourcesWithoutKeys,
  sourcesWithoutLogs,
  unprovenInventory,
  unseenBeforeRetirement,
} from './source-blockers.ts';
import type { GapBlockerCode } from './source-blockers.ts';
import { watchStartText } from './watch-texts.ts';
import { ago, days, firstFew, neverUsedText } from './wording.ts';

/** A reason why the key is not safe, with the verdict that it stands for. */
export interface FoundBlocker {
  readonly code: BlockerCode;
  readonly text: string;
  /** When it is gone if nobody calls and the logs are complete; undefined when time alone does not mend it. */
  readonly untilDay: DayNumber | undefined;
  readonly verdict: Exclude<Verdict, 'safe'>;
}

/** Every blocker that applies, in the order of this table: one of each code, however many systems or sources it names. */
export function findBlockers(facts: KeyFacts): readonly FoundBlocker[] {
  const blockers: FoundBlocker[] = [];
  for (const code of CODES) {
    const found = BLOCKERS[code](facts);
    if (found !== undefined) blockers.push({ code, ...found });
  }
  return blockers;
}

/** No blocker applies: what `findBlockers` finds, up to the first. */
export function isSafe(facts: KeyFacts): boolean {
  return CODES.every((code) => BLOCKERS[code](facts) === undefined);
}

type Find = (facts: KeyFacts) => Omit<FoundBlocker, 'code'> | undefined;

const BLOCKERS: Readonly<Record<BlockerCode, Find>> = {
  'recent-use': recentUse,
  clock: wrongClock,
  'uncovered-source': uncoveredSource,
  sampled: (facts) => sampledSource(facts) ?? missingLogs(facts, 'sampled'),
  'ambiguous-key': ambiguousKey,
  'provider-disagrees': providerDisagrees,
  'silent-source': silentSource,
  'unread-input': (facts) => missingLogs(facts, 'unread-input'),
  quarantine: (facts) => missingLogs(facts, 'quarantine'),
  'coverage-gap': (facts) => noLogs(facts) ?? missingLogs(facts, 'coverage-gap'),
  'too-new': (facts) => watching(facts, 'too-new'),
  'no-created-at': (facts) => watching(facts, 'no-created-at'),
  'never-used-watch': (facts) => watching(facts, 'never-used-watch'),
  'too-few-uses': (facts) => demanding(facts, 'too-few-uses'),
  'young-caller': (facts) => demanding(facts, 'young-caller'),
  rhythm: (facts) => demanding(facts, 'rhythm'),
  'refused-recently': (facts) => missedSinceHandoff(facts) ?? demanding(facts, 'refused-recently'),
  'unnamed-caller-moved': unnamedCallerMoved,
  'late-window': (facts) => missingLogs(facts, 'late-window'),
  exempt: exemption,
};

const CODES = Object.keys(BLOCKERS) as readonly BlockerCode[];

/** Stamps this little ahead are calls that came in while the report was made. */
const CLOCK_TOLERANCE_MS = 5 * 60_000;
const PROVIDER_TOLERANCE_MS = DAY_MS;

function recentUse(facts: KeyFacts): ReturnType<Find> {
  const { callers, today, policy } = facts;
  const active = callers
    .filter((caller) => caller.state === 'active' && !isAhead(caller, facts))
    .toSorted((a, b) => lastDay(b) - lastDay(a));
  if (active.length === 0) return undefined;
  const texts = active.map((caller) => {
    const { longest, longestBetween, silentDays, demands } = caller.rhythm;
    // A date years ahead is not explained by days without a call.
    const isLate = longest > longestBetween && (demands[0]?.days ?? 0) > policy.watchDays;
    const pause = isLate || (silentDays > 1 && longestBetween > 1) ? `, ${pauseText(caller.rhythm)}` : '';
    return `${caller.name} called ${ago(today - lastDay(caller))} (${isoDay(lastDay(caller))}${pause})`;
  });
  return { text: firstFew(texts, '; '), untilDay: latest(active.map(({ clearedOn }) => clearedOn)), verdict: 'in-use' };
}

/** A call from the future must not hide that the key is in use, nor count as silence. */
function wrongClock(facts: KeyFacts): ReturnType<Find> {
  const ahead = facts.callers.filter((caller) => isAhead(caller, facts));
  if (ahead.length > 0) {
    const texts = ahead.map((caller) => `${caller.name} on ${isoDay(lastDay(caller))}`);
    const text = `stamped later than the time of this report, ${isoInstant(facts.world.asOf)}: calls by ${firstFew(texts)}`;
    return { text, untilDay: latest(ahead.map(({ clearedOn }) => clearedOn)), verdict: 'in-use' };
  }
  return (
    lastingly(clockFaults(facts), (texts) => `time stamps cannot be trusted: ${firstTexts(texts)}`) ??
    lastingly(
      contradictedRetirements(facts),
      (texts) => `${firstFew(texts, '; ')}: its clock is wrong, or it is not retired`,
    )
  );
}

function isAhead({ totals, rhythm }: CallerFacts, { world, today }: KeyFacts): boolean {
  const { lastUsedAt } = totals;
  if (lastUsedAt === undefined) return (rhythm.lastDay ?? today) > today;
  return lastUsedAt > world.asOf + CLOCK_TOLERANCE_MS;
}

function uncoveredSource(facts: KeyFacts): ReturnType<Find> {
  const unread = lastingly(
    sourcesWithoutLogs(facts),
    (names) => `no logs of ${firstFew(names)}, which could have shown this key`,
  );
  return unread ?? keylessSource(facts);
}

function keylessSource(facts: KeyFacts): ReturnType<Find> {
  if (isWithoutId(facts.evidence.entry)) {
    const text = 'its inventory does not tell the id by which the logs show it';
    return { text, untilDay: undefined, verdict: 'unknown' };
  }
  const hasLogs = [...facts.world.coverage.values()].some(({ firstDay }) => firstDay !== undefined);
  if (facts.watch !== undefined && facts.sources.length === 0 && hasLogs) {
    return { text: 'no source shows keys of this kind', untilDay: undefined, verdict: 'unknown' };
  }
  const unproven = unprovenInventory(facts);
  if (unproven.length > 0) {
    const text = `no key that ${firstFew(unproven)} describes in this way was ever seen: the logs may show them otherwise`;
    return { text, untilDay: undefined, verdict: 'unknown' };
  }
  return (
    lastingly(
      sourcesWithoutKeys(facts),
      (names) => `the records of ${firstFew(names)} have never shown a key of this kind: their silence proves nothing`,
    ) ?? retiredUnseen(facts)
  );
}

/** No call can be found to be one of such a key, as of those in an AWS credential report. */
function isWithoutId(entry: InventoryEntry | undefined): boolean {
  return entry?.match.by === 'id' && entry.match.keys.length === 0;
}

/** Who used the key there has had to turn elsewhere; a yearly job may not have done so yet. */
function retiredUnseen(facts: KeyFacts): ReturnType<Find> {
  const retired = unseenBeforeRetirement(facts);
  if (retired.length === 0) return undefined;
  const required = facts.policy.watchDays;
  const texts = retired.map(({ source, on }) => `${source}, retired on ${isoDay(on)}`);
  return {
    text: `its use could not be seen in ${firstFew(texts, '; ')}: needs ${days(required)} since then`,
    untilDay: latest(retired.map(({ on }) => on + 1 + required)),
    verdict: 'waiting',
  };
}

function sampledSource(facts: KeyFacts): ReturnType<Find> {
  const names = facts.coverages.flatMap(({ sampled, source }) => (sampled ? [source] : []));
  return lastingly(
    names,
    () => `only a sample of the requests is logged by ${firstFew(names)}: no silence can be proven`,
  );
}

function ambiguousKey({ evidence }: KeyFacts): ReturnType<Find> {
  const others = evidence.ambiguousWith.toSorted();
  return lastingly(others, () => `cannot be told from ${firstFew(others)} in the logs`);
}

function providerDisagrees(facts: KeyFacts): ReturnType<Find> {
  const providerAt = facts.evidence.entry?.lastUsedAt;
  if (providerAt === undefined) return undefined;
  const { lastUsedAt = -Infinity, lastRefusedAt = -Infinity } = facts.totals;
  const oursAt = Math.max(lastUsedAt, lastRefusedAt);
  if (providerAt <= oursAt + PROVIDER_TOLERANCE_MS) return undefined;
  // What happened before the first log is no contradiction.
  const starts = facts.coverages.flatMap(({ firstDay }) => (firstDay === undefined ? [] : [firstDay]));
  if (oursAt === -Infinity && providerAt < Math.min(...starts) * DAY_MS) return undefined;
  const ours = oursAt === -Infinity ? 'show no call' : `show the last call at ${isoInstant(oursAt)}`;
  const text = `the provider says that it was last used at ${isoInstant(providerAt)}, the logs ${ours}`;
  return { text, untilDay: undefined, verdict: 'unknown' };
}

function silentSource(facts: KeyFacts): ReturnType<Find> {
  return lastingly(silentSources(facts), (names) => `nothing arrives any more from ${firstFew(names)}`);
}

function noLogs({ world }: KeyFacts): ReturnType<Find> {
  for (const { firstDay } of world.coverage.values()) if (firstDay !== undefined) return undefined;
  return { text: 'no log has been read', untilDay: undefined, verdict: 'unknown' };
}

/** Gaps that last until now, else gaps without which some silence would have been long enough. */
function missingLogs(facts: KeyFacts, code: GapBlockerCode): ReturnType<Find> {
  const current = lastingly(
    currentGaps(facts, code),
    (texts) => `the newest logs are incomplete: ${firstTexts(texts)}`,
  );
  if (current !== undefined) return current;
  const silences = [...facts.quiet.map(silenceOfCaller), ...silenceOfWatch(facts)];
  const short = silences.filter(
    (silence) => silence.silentDays >= silence.required && gapsThatMatter(silence).has(code),
  );
  if (short.length === 0) return undefined;
  const texts = short.map(
    ({ name, silent, silentDays, required }) =>
      `${name}${count(silent)} of ${days(silentDays)} of silence have complete logs, ${count(required)} are required`,
  );
  const gaps = short.flatMap(({ covered, since }) => {
    return covered.coverages.flatMap((coverage) => describeGaps(coverage, code, since + 1));
  });
  return {
    text: firstFew(texts, '; ') + (gaps.length === 0 ? '' : ` (${firstTexts(gaps)})`),
    untilDay: latest(short.map(({ clearedOn }) => clearedOn)),
    // Days that are merely late need time, not logs.
    verdict: code === 'late-window' ? 'waiting' : 'unknown',
  };
}

/** A silence that is long by the calendar, but not in covered days. */
interface Silence {
  /** `billing: `; empty: nobody ever called. */
  readonly name: string;
  readonly since: DayNumber;
  readonly silent: number;
  readonly silentDays: number;
  readonly required: number;
  readonly clearedOn: DayNumber;
  readonly covered: CoveredDays;
}

function silenceOfCaller({ name, rhythm, clearedOn, covered }: CallerFacts): Silence {
  const { silent, silentDays, required } = rhythm;
  const since = rhythm.lastDay ?? covered.latestStart ?? 0;
  return { name: `${name}: `, since, silent, silentDays, required, clearedOn, covered };
}

function silenceOfWatch({ watch, policy, today }: KeyFacts): readonly Silence[] {
  const required = policy.watchDays;
  if (watch === undefined || watch.silent >= required) return [];
  return [{ name: '', ...watch, required, clearedOn: watchedOn(watch, today, required) }];
}

function gapsThatMatter({ since, silent, silentDays, required, covered }: Silence): ReadonlySet<GapBlockerCode> {
  const late = silentDays - silent - covered.holesSince(since);
  if (silent + late >= required) return new Set(['late-window']);
  return new Set([...covered.reasonsSince(since)].map((reason: GapReason) => BLOCKER_OF_GAP[reason]));
}

function watching(facts: KeyFacts, code: ReturnType<typeof codeOfWatch>): ReturnType<Find> {
  const { watch, policy, today } = facts;
  const required = policy.watchDays;
  if (watch === undefined || watch.startsWith === 'nothing' || watch.silentDays >= required) return undefined;
  if (codeOfWatch(facts, watch) !== code) return undefined;
  const never = facts.totals.lastUsedAt === undefined ? `${neverUsedText(facts.totals.refused)}; ` : '';
  const after = never === '' ? ', after its last call' : '';
  const unknown = code === 'no-created-at' ? 'no creation date is known, so it counts as old as that; ' : '';
  return {
    text: `${never}${watchStartText(watch, facts)}${after}; ${unknown}watched for ${days(watch.silent)} with complete logs, needs ${count(required)}`,
    untilDay: watchedOn(watch, today, required),
    verdict: 'waiting',
  };
}

function codeOfWatch({ evidence }: KeyFacts, watch: Watch): 'too-new' | 'no-created-at' | 'never-used-watch' {
  if (watch.startsWith === 'creation') return 'too-new';
  const isUndated = evidence.entry !== undefined && evidence.entry.createdAt === undefined;
  return isUndated ? 'no-created-at' : 'never-used-watch';
}

/** Callers that lack time for a rule; what lacks logs only is told by the gap. */
function demanding({ quiet, today, policy }: KeyFacts, code: DemandCode): ReturnType<Find> {
  const short = quiet.flatMap((caller) => {
    const { silentDays, silent, demands } = caller.rhythm;
    const demand = demands.find((candidate) => candidate.code === code);
    if (demand === undefined || demand.days <= silentDays) return [];
    const text = `${caller.name}: ${silenceText(caller, demand)}, ${reasonText(caller, demand, policy)}`;
    return [{ text, until: today + demand.days - silent }];
  });
  if (short.length === 0) return undefined;
  const byDate = short.toSorted((a, b) => b.until - a.until);
  return {
    text: firstFew(
      byDate.map(({ text }) => text),
      '; ',
    ),
    untilDay: byDate[0]!.until,
    verdict: 'waiting',
  };
}

/** Who calls with a key that we disabled misses it. Nobody may have known of that system: it could be a yearly job. */
function missedSinceHandoff(facts: KeyFacts): ReturnType<Find> {
  const { evidence, policy } = facts;
  const since = evidence.handedOffAt;
  const calls = since === undefined ? [] : callsSince(facts, since);
  if (since === undefined || calls.length === 0) return undefined;
  const untilDay = latest(calls.map(({ at }) => dayOf(at))) + policy.watchDays;
  if (untilDay <= facts.today) return undefined;
  const done = evidence.entry?.status === 'deleted' ? 'deleted' : 'disabled';
  const texts = calls.map(
    ({ system, at, isRefused }) => `${system} ${isRefused ? 'was refused' : 'called'} on ${isoDay(dayOf(at))}`,
  );
  return {
    text: `${done} on ${isoDay(dayOf(since))}, and missed: ${firstFew(texts)}`,
    untilDay,
    verdict: 'waiting',
  };
}

function unnamedCallerMoved({ quiet, policy }: KeyFacts): ReturnType<Find> {
  const moved = quiet.flatMap((caller) => {
    const { isNamed, substitute, rhythm, name, clearedOn } = caller;
    if (isNamed || substitute?.hasMoved !== true) return [];
    const enough = silenceAfterMove(rhythm, policy);
    if (enough >= rhythm.required) return [];
    const text = `${name} seems to have moved to ${substitute.key} on ${isoDay(substitute.since)}, but no rule names it; named, it would need ${days(enough)} of silence`;
    return [{ text, clearedOn }];
  });
  if (moved.length === 0) return undefined;
  return {
    text: firstFew(
      moved.map(({ text }) => text),
      '; ',
    ),
    untilDay: latest(moved.map(({ clearedOn }) => clearedOn)),
    verdict: 'waiting',
  };
}

function exemption({ evidence, world }: KeyFacts): ReturnType<Find> {
  const exempt = exemptionOf(evidence, world);
  if (exempt === undefined) return undefined;
  // Gone on the first day after its end.
  const untilDay = exempt.untilAt === undefined ? undefined : Math.floor(exempt.untilAt / DAY_MS) + 1;
  return { text: `exempt: ${exempt.reason}`, untilDay, verdict: 'waiting' };
}

/** A blocker that time does not mend, if there is anything to tell. */
function lastingly(items: readonly string[], tell: (items: readonly string[]) => string): ReturnType<Find> {
  return items.length === 0 ? undefined : { text: tell(items), untilDay: undefined, verdict: 'unknown' };
}

function lastDay({ rhythm }: CallerFacts): DayNumber {
  return rhythm.lastDay ?? 0;
}

function latest(dates: readonly DayNumber[]): DayNumber {
  return dates.reduce((a, b) => Math.max(a, b));
}
