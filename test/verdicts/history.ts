import type {
  Attribution,
  Caller,
  DayCalls,
  DayNumber,
  Evidence,
  Gap,
  GapReason,
  InventoryEntry,
  KeyPlace,
  SourceActivity,
  SourceCoverage,
  SteadyCaller,
} from '../../src/model.ts';
import { DAY_MS } from '../../src/verdicts/calendar.ts';
import { DEFAULT_POLICY } from '../../src/verdicts/policy.ts';
import { keyUseOf } from '../../src/verdicts/substitution.ts';
import { addTotals, NO_CALLS } from '../../src/verdicts/totals.ts';
import { isNamed, joinDays } from '../../src/verdicts/use-days.ts';
import type { OtherKey, World } from '../../src/verdicts/world.ts';

/** Histories are told in days ago: `daily(200, 31)` is a use on each day from 200 to 31 days ago. */
export const TODAY: DayNumber = Date.parse('2026-12-20') / DAY_MS;
export const AS_OF = (TODAY + 0.5) * DAY_MS;

export type DaysAgo = number;

export function every(step: number, from: DaysAgo, to: DaysAgo): readonly DaysAgo[] {
  const days: DaysAgo[] = [];
  for (let day = from; day >= to; day -= step) days.push(day);
  return days;
}

export function daily(from: DaysAgo, to: DaysAgo): readonly DaysAgo[] {
  return every(1, from, to);
}

export function noonOf(daysAgo: DaysAgo): number {
  return (TODAY - daysAgo + 0.5) * DAY_MS;
}

interface Calls {
  readonly used?: readonly DaysAgo[];
  readonly refused?: readonly DaysAgo[];
  readonly source?: string;
  readonly attribution?: Attribution;
}

/** A system that calls once on each of the days; on a day of both, first with success. */
export function system(name: string, calls: Calls): Caller {
  const { used = [], refused = [], source = 'gateway', attribution = 'rule' } = calls;
  const [useDays, refusedDays] = [joinDays([daysOf(used), []]), joinDays([daysOf(refused), []])];
  const [firstDay] = joinDays([useDays, refusedDays]);
  return {
    system: { name, attribution },
    sources: useDays.length + refusedDays.length === 0 ? [] : [source],
    useDays,
    refusedDays,
    totals: {
      requests: useDays.length + refusedDays.length,
      refused: refusedDays.length,
      firstSeenAt: instantOf(firstDay),
      lastUsedAt: instantOf(useDays.at(-1)),
      lastRefusedAt: instantOf(refusedDays.at(-1)),
    },
  };
}

/** The same system in several sources. */
export function together(...callers: readonly Caller[]): Caller {
  return {
    system: callers[0]!.system,
    sources: [...new Set(callers.flatMap(({ sources }) => sources))].toSorted(),
    useDays: joinDays(callers.map(({ useDays }) => useDays)),
    refusedDays: joinDays(callers.map(({ refusedDays }) => refusedDays)),
    totals: callers.map(({ totals }) => totals).reduce(addTotals, NO_CALLS),
  };
}

function daysOf(daysAgo: readonly DaysAgo[]): readonly DayNumber[] {
  return daysAgo.map((day) => TODAY - day);
}

function instantOf(day: DayNumber | undefined): number | undefined {
  return day === undefined ? undefined : (day + 0.5) * DAY_MS;
}

/** A listed key, made before the logs began. */
export function key(
  callers: readonly Caller[],
  entry: Partial<InventoryEntry> = {},
  rest: Partial<Evidence> = {},
): Evidence {
  const id = rest.key ?? 'key-1';
  return {
    key: id,
    display: 'demo_...0001',
    kind: 'secret',
    entry: listed(id, entry),
    listedSince: undefined,
    callers,
    isMatchProven: true,
    ambiguousWith: [],
    ...rest,
  };
}

/** A key that is in no inventory. */
export function unlistedKey(callers: readonly Caller[]): Evidence {
  return { ...key(callers), entry: undefined };
}

function listed(id: string, entry: Partial<InventoryEntry>): InventoryEntry {
  return {
    id,
    match: { by: 'id', keys: [id] },
    display: undefined,
    label: undefined,
    owner: undefined,
    createdAt: noonOf(2000),
    expiresAt: undefined,
    status: 'active',
    successor: undefined,
    source: undefined,
    lastUsedAt: undefined,
    metadata: {},
    file: 'keys.csv',
    row: 2,
    ...entry,
  };
}

export function gap(from: DaysAgo, to: DaysAgo, reason: GapReason = 'no-records'): Gap {
  return { from: TODAY - from, to: TODAY - to, reason };
}

/** The logs of one source, complete but for the gaps. */
export function logs(from: DaysAgo, gaps: readonly Gap[] = [], rest: Partial<SourceCoverage> = {}): SourceCoverage {
  return {
    source: 'gateway',
    firstDay: TODAY - from,
    lastDay: TODAY,
    gaps,
    coveredDays: from,
    sampled: false,
    silent: false,
    faults: [],
    quarantineShare: 0,
    keyKinds: ['secret'],
    ...rest,
  };
}

export function world(coverage: readonly SourceCoverage[], rest: Partial<World> = {}): World {
  return {
    asOf: AS_OF,
    policy: DEFAULT_POLICY,
    coverage: new Map(coverage.map((each) => [each.source, each])),
    others: () => undefined,
    keysOf: () => [],
    withdrawnAt: () => undefined,
    exemptions: new Map(),
    hasInventory: true,
    ...rest,
  };
}

/** A world that knows these keys, so that moves between them can be found. */
export function worldOf(
  keys: readonly Evidence[],
  coverage: readonly SourceCoverage[],
  rest: Partial<World> = {},
): World {
  return world(coverage, {
    others: (id) => keys.find((each) => each.key === id),
    keysOf: (name) => {
      const others = keys.flatMap((each) => otherKey(each, name));
      return others.length > (rest.policy ?? DEFAULT_POLICY).movedMaxKeys ? [] : others;
    },
    ...rest,
  });
}

function otherKey(evidence: Evidence, name: string): readonly OtherKey[] {
  const same = evidence.callers.filter((caller) => isNamed(caller) && caller.system.name === name);
  const useDays = joinDays([...same.map((caller) => caller.useDays), []]);
  const [firstUsedDay] = useDays;
  return firstUsedDay === undefined
    ? []
    : [{ firstUsedDay, useDays: () => useDays, use: () => keyUseOf(evidence, same[0]!) }];
}

/** A caller of a source by its calls per day; days without any are left out. */
export function steadyCaller(days: readonly (readonly [DayNumber, number])[]): SteadyCaller {
  const called = days.filter(([, calls]) => calls > 0);
  return { days: called.map(([day]) => day), calls: called.map(([, calls]) => calls) };
}

/** What arrived from one source: records per day ago. */
export function activity(
  records: Readonly<Record<DaysAgo, number>> | readonly DaysAgo[],
  rest: Partial<SourceActivity> = {},
): SourceActivity {
  const counts = Array.isArray(records)
    ? (records as readonly DaysAgo[]).map((day) => [day, 100] as const)
    : Object.entries(records).map(([day, count]) => [Number(day), count as number] as const);
  const days = counts
    .map(([day, count]) => ({ day: TODAY - day, records: count, quarantined: 0 }))
    .toSorted((a, b) => a.day - b.day);
  return {
    source: 'gateway',
    format: 'nginx',
    firstAt: undefined,
    lastAt: undefined,
    records: days.reduce((sum, day) => sum + day.records, 0),
    quarantined: 0,
    skipped: 0,
    bytes: 0,
    days,
    steadyCallers: [],
    keyKinds: ['secret'],
    faults: [],
    declared: { deliveryLagDays: undefined, sampling: undefined, outages: [], carriesKeys: undefined },
    ...rest,
  };
}

/** Who calls sends the key in a header of each source. */
export function placesOf({ sources }: Caller): readonly KeyPlace[] {
  return sources.map((source) => ({ source, place: `header of ${source}`, seen: true }));
}

/** What a caller of ours did on each day: one call of a kind. */
export function callsPerDay({ useDays, refusedDays }: Caller): readonly DayCalls[] {
  const refused = new Set(refusedDays);
  const used = new Set(useDays);
  return [...new Set([...useDays, ...refusedDays])]
    .toSorted((a, b) => a - b)
    .map((day) => ({
      day,
      requests: Number(used.has(day)) + Number(refused.has(day)),
      refused: Number(refused.has(day)),
    }));
}
