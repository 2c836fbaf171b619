import type { Backtest, BacktestMiss, BacktestRule, DayNumber, Evidence, SourceActivity } from '../model.ts';
import { isSafe } from './blockers.ts';
import { dayOf, isoDay, isoInstant } from './calendar.ts';
import { atMostShare } from './clopper-pearson.ts';
import { compareText, factsOf } from './facts.ts';
import { FIXED_DAY_RULES, firstUnusedFor } from './fixed-day-rules.ts';
import { judge } from './judge.ts';
import { keepsKey } from './least-silence.ts';
import { countUpTo, evidenceOn, upTo, worldsOn } from './past.ts';
import type { DaysOf } from './past.ts';
import { joinDays } from './use-days.ts';
import { median } from './window.ts';
import { days } from './wording.ts';
import type { World } from './world.ts';

/** All that is stored, as of the end of the history. */
export interface History {
  readonly evidence: Iterable<Evidence>;
  readonly activity: readonly SourceActivity[];
  readonly world: World;
  readonly daysOf: DaysOf;
}

/**
 * Replays a history: judges every key at the end of past days, with what was known then, until it is safe for the first
 * time. A key that was used after that is a miss. The same for rules of the kind "not used for 90 days".
 */
export function backtest(history: History, everyDays: number): Omit<Backtest, 'tool'> {
  const today = dayOf(history.world.asOf);
  const start = startOf(history.world, today);
  const audits = auditDays(start, today, everyDays);
  const worlds = worldsOn(audits, history.activity, history.world);
  const policy = new Score('policy', null);
  const others = FIXED_DAY_RULES.map((count) => new Score('no-use', count));
  const misses: BacktestMiss[] = [];
  let keys = 0;
  for (const evidence of history.evidence) {
    keys++;
    const useDays = upTo(joinDays([...evidence.callers.map((caller) => caller.useDays), []]), today);
    const since = Math.max(start, firstDayOf(evidence) ?? start);
    for (const other of others) other.add(firstUnusedFor(other.days ?? 0, since, useDays, audits), useDays);
    const world = firstSafe(evidence, worlds);
    const usedOn = policy.add(world === undefined ? undefined : dayOf(world.asOf), useDays);
    if (world !== undefined && usedOn !== undefined) misses.push(missOf(evidence, world, usedOn, history.daysOf));
  }
  return {
    schema: 'lastcall.backtest/1',
    asOf: isoInstant(history.world.asOf),
    historyDays: today - start,
    from: audits.length === 0 ? null : isoDay(audits[0]!),
    to: audits.length === 0 ? null : isoDay(audits.at(-1)!),
    everyDays,
    audits: audits.length,
    keys,
    rules: [policy, ...others].map((score) => score.result()),
    misses: misses.toSorted((a, b) => compareText(a.safeOn, b.safeOn) || compareText(a.key, b.key)),
    notes: notesOn(today - start),
  };
}

/** The first day with complete logs, of any source. A stray record with an old stamp begins no history. */
function startOf({ coverage }: World, today: DayNumber): DayNumber {
  const starts = [...coverage.values()].map(({ firstDay = today, gaps }) => {
    let day = firstDay;
    for (const gap of gaps) if (gap.from <= day) day = Math.max(day, gap.to + 1);
    return day;
  });
  return starts.reduce((a, b) => Math.min(a, b), today);
}

/** Past days that lie whole steps before today, since the logs began. */
function auditDays(start: DayNumber, today: DayNumber, everyDays: number): readonly DayNumber[] {
  const list: DayNumber[] = [];
  for (let day = today - everyDays; day >= start; day -= everyDays) list.push(day);
  return list.toReversed();
}

/** When a key was made, first listed or first seen; undefined: before anybody looked. */
function firstDayOf({ entry, listedSince, callers }: Evidence): DayNumber | undefined {
  const at = entry?.createdAt ?? listedSince;
  if (at !== undefined) return dayOf(at);
  const seen = callers.flatMap(({ useDays, refusedDays }) => [useDays[0] ?? Infinity, refusedDays[0] ?? Infinity]);
  return entry === undefined ? seen.reduce((a, b) => Math.min(a, b), Infinity) : undefined;
}

/** The first of some worlds of the past, sorted by day, in which a key is safe. */
export function firstSafe(evidence: Evidence, worlds: readonly World[]): World | undefined {
  const policy = worlds[0]?.policy;
  const keeps = policy === undefined ? [] : evidence.callers.map((caller) => keepsKey(caller, policy));
  return worlds.find((world) => {
    const today = dayOf(world.asOf);
    if (keeps.some((keepsOn) => keepsOn(today))) return false;
    const known = evidenceOn(evidence, world);
    return known !== undefined && isSafe(factsOf(known, world));
  });
}

function missOf(evidence: Evidence, world: World, usedOn: DayNumber, daysOf: DaysOf): BacktestMiss {
  const known = evidenceOn(evidence, world, daysOf) ?? evidence;
  const { key, label, display, owner, sentence } = judge(known, world);
  const systems = evidence.callers.filter(({ useDays }) => useDays.includes(usedOn)).map(({ system }) => system.name);
  return {
    key,
    label,
    display,
    owner,
    safeOn: isoDay(dayOf(world.asOf)),
    sentence,
    usedOn: isoDay(usedOn),
    systems: [...new Set(systems)].toSorted(compareText),
  };
}

/** Counts what one rule did. */
class Score {
  readonly days: number | null;
  readonly #rule: BacktestRule['rule'];
  readonly #waits: number[] = [];
  #firstVerdicts = 0;
  #misses = 0;

  constructor(rule: BacktestRule['rule'], count: number | null) {
    this.#rule = rule;
    this.days = count;
  }

  /** Returns the day that proved a verdict wrong. */
  add(safeOn: DayNumber | undefined, useDays: readonly DayNumber[]): DayNumber | undefined {
    if (safeOn === undefined) return undefined;
    const before = countUpTo(useDays, safeOn);
    const usedOn = useDays[before];
    this.#firstVerdicts++;
    if (usedOn !== undefined) this.#misses++;
    if (before > 0) this.#waits.push(safeOn - useDays[before - 1]!);
    return usedOn;
  }

  result(): BacktestRule {
    const [verdicts, misses] = [this.#firstVerdicts, this.#misses];
    return {
      rule: this.#rule,
      days: this.days,
      firstVerdicts: verdicts,
      misses,
      missRate: verdicts === 0 ? null : rounded(misses / verdicts),
      missRateAtMost: rounded(atMostShare(misses, verdicts) ?? null),
      medianDaysToSafe: this.#waits.length === 0 ? null : median(this.#waits),
    };
  }
}

/** What is beyond may differ from machine to machine. */
function rounded<Value extends number | null>(share: Value): Value | number {
  return share === null ? share : Math.round(share * 1e6) / 1e6;
}

function notesOn(historyDays: number): readonly string[] {
  return [
    `A history of ${days(historyDays)} cannot show a call that comes later than that, so the true rates are higher: in simulation, the backtest of this policy saw 1.8 % where the truth was 2.4 %.`,
    'Each verdict knows the calls up to the end of its day and no later ones, as if each record had arrived on its day. Inventories, names of systems, kinds of keys, outages and delivery lags are taken as they are known now.',
    'Exemptions and what providers say of the last use are left out: they would hide what the rule by itself does.',
  ];
}
