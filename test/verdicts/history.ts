import type {
  Attribution,
  Caller,
  CallerDay,
  DayNumber,
  Evidence,
  Gap,
  GapReason,
  InventoryEntry,
  SourceActivity,
  SourceCoverage,
} from '../../src/model.ts';
import { DAY_MS } from '../../src/verdicts/calendar.ts';
import { DEFAULT_POLICY } from '../../src/verdicts/policy.ts';
import type { World } from '../../src/verdicts/world.ts';

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

/** A system that calls once on each of the days. */
export function system(name: string, calls: Calls): Caller {
  const { used = [], refused = [], source = 'gateway', attribution = 'rule' } = calls;
  const [usedOn, refusedOn] = [new Set(used), new Set(refused)];
  const days = [...new Set([...used, ...refused])].toSorted((a, b) => b - a);
  return {
    system: { name, attribution },
    days: days.map((day) => callerDay(source, day, usedOn.has(day), refusedOn.has(day))),
  };
}

/** The same system in several sources. */
export function together(...callers: readonly Caller[]): Caller {
  return {
    system: callers[0]!.system,
    days: callers.flatMap(({ days }) => days).toSorted((a, b) => a.day - b.day),
  };
}

function callerDay(source: string, daysAgo: DaysAgo, isUsed: boolean, isRefused: boolean): CallerDay {
  const at = noonOf(daysAgo);
  return {
    source,
    day: TODAY - daysAgo,
    accepted: isUsed ? 1 : 0,
    failed: 0,
    refused: isRefused ? 1 : 0,
    firstUsedAt: isUsed ? at : undefined,
    lastUsedAt: isUsed ? at : undefined,
    firstRefusedAt: isRefused ? at : undefined,
    lastRefusedAt: isRefused ? at : undefined,
  };
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
    earlier: () => undefined,
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
    keysOf: (name) =>
      keys.filter(({ callers }) => callers.some((caller) => caller.system.name === name)).map((each) => each.key),
    ...rest,
  });
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
