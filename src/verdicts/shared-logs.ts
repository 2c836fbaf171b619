import type { DayNumber, Fault, SourceActivity, SourceDay, SourceDeclaration } from '../model.ts';

/** By the source that a log belongs to: the sources that its records name instead. */
export type NamedSources = ReadonlyMap<string, readonly string[]>;

/**
 * The activity that coverage is inferred from where records name their source. What is declared of the source of such a
 * log, what was left unread of it and what was unreadable may concern any source that its records name, and so stands
 * with each of them. A source all of whose records name others is none of its own.
 */
export function shareLogs(activity: readonly SourceActivity[], named: NamedSources): readonly SourceActivity[] {
  const bySource = new Map(activity.map((each) => [each.source, each]));
  const logsOf = new Map<string, SourceActivity[]>();
  for (const [log, sources] of named) {
    const shared = bySource.get(log);
    if (shared === undefined) continue;
    for (const source of sources) logsOf.set(source, [...(logsOf.get(source) ?? []), shared]);
  }
  const recordsOf = (log: string): number =>
    [log, ...(named.get(log) ?? [])].reduce((sum, source) => sum + (bySource.get(source)?.records ?? 0), 0);
  const lastDayOf = (log: string): DayNumber =>
    Math.max(...[log, ...(named.get(log) ?? [])].map((source) => lastDay(bySource.get(source))));
  return activity
    .filter(({ source, records }) => records > 0 || (named.get(source) ?? []).length === 0)
    .map((each) => {
      const logs = logsOf.get(each.source) ?? [];
      const shared = logs.reduce((own, log) => takeShare(own, log, recordsOf(log.source)), each);
      const retiredOn = retirementOf(each, logs, Math.max(...logs.map(({ source }) => lastDayOf(source))));
      return retiredOn === undefined ? shared : { ...shared, declared: { ...shared.declared, retiredOn } };
    });
}

/**
 * Days after a retirement count as complete, so it is passed on only if nothing else can come from the source: it has no
 * log of its own, all logs that name it are retired, and none of them shows a later record of another source. The latest
 * day counts.
 */
function retirementOf(
  own: SourceActivity,
  logs: readonly SourceActivity[],
  lastDayOfLogs: DayNumber,
): DayNumber | undefined {
  const ends = logs.flatMap(({ declared: { retiredOn } }) => retiredOn ?? []);
  const end = Math.max(own.declared.retiredOn ?? -Infinity, ...ends);
  if (own.declared.retiredOn !== undefined) return end;
  const isGone = logs.length > 0 && ends.length === logs.length && own.bytes === 0;
  return isGone && (lastDayOfLogs <= end || lastDay(own) > end) ? end : undefined;
}

function lastDay(activity: SourceActivity | undefined): DayNumber {
  return (activity?.days ?? []).reduce(
    (last, { day, records }) => (records > 0 ? Math.max(last, day) : last),
    -Infinity,
  );
}

function takeShare(own: SourceActivity, log: SourceActivity, recordsOfLog: number): SourceActivity {
  const dated = log.days.reduce((sum, day) => sum + day.quarantined, 0);
  // Without a date only the share counts: it is that of the whole log.
  const undated = recordsOfLog === 0 ? 0 : ((log.quarantined - dated) * own.records) / recordsOfLog;
  return {
    ...own,
    days: addUnreadable(own.days, log.days),
    quarantined: own.quarantined + dated + undated,
    faults: joinFaults(own.faults, log.faults),
    declared: stricter(own.declared, log.declared),
  };
}

function addUnreadable(days: readonly SourceDay[], others: readonly SourceDay[]): readonly SourceDay[] {
  const byDay = new Map(days.map((each) => [each.day, each]));
  for (const { day, quarantined } of others) {
    if (quarantined === 0) continue;
    const own = byDay.get(day) ?? { day, records: 0, quarantined: 0 };
    byDay.set(day, { ...own, quarantined: own.quarantined + quarantined });
  }
  return [...byDay.values()].toSorted((a, b) => a.day - b.day);
}

/** Faults that may concern any source stand with every source already. */
function joinFaults(own: readonly Fault[], others: readonly Fault[]): readonly Fault[] {
  const known = new Set(own.map((fault) => JSON.stringify(fault)));
  return [...own, ...others.filter((fault) => !known.has(JSON.stringify(fault)))];
}

function stricter(own: SourceDeclaration, log: SourceDeclaration): SourceDeclaration {
  return {
    deliveryLagDays: own.deliveryLagDays ?? log.deliveryLagDays,
    sampling:
      own.sampling === undefined || log.sampling === undefined
        ? (own.sampling ?? log.sampling)
        : Math.min(own.sampling, log.sampling),
    outages: [...own.outages, ...log.outages],
    carriesKeys: own.carriesKeys ?? log.carriesKeys,
    retiredOn: own.retiredOn,
  };
}
