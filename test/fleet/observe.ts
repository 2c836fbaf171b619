import { crc32 } from 'node:zlib';
import { createFingerprinter } from '../../src/attribution/fingerprint.ts';
import type { Fingerprinter } from '../../src/attribution/fingerprint.ts';
import { compileSystems } from '../../src/attribution/systems.ts';
import type { SystemNamer } from '../../src/attribution/systems.ts';
import type {
  Caller,
  DayNumber,
  Evidence,
  InventoryEntry,
  KeyRef,
  SourceActivity,
  SourceCoverage,
  SystemRef,
} from '../../src/model.ts';
import { DAY_MS } from '../../src/verdicts/calendar.ts';
import { inferCoverage } from '../../src/verdicts/coverage.ts';
import { DEFAULT_POLICY } from '../../src/verdicts/policy.ts';
import type { Policy } from '../../src/verdicts/policy.ts';
import { keyUseOf } from '../../src/verdicts/substitution.ts';
import type { OtherKey, World } from '../../src/verdicts/world.ts';
import { FIXED_SECRET } from '../run-cli.ts';
import { callerOf, instantOf } from './callers.ts';
import type { Call, Fleet, FleetKey } from './fleet.ts';
import type { FleetSource } from './sources.ts';

/** What lastcall would know of a fleet at the start of a day, without writing a log. */
export interface Observation {
  readonly today: DayNumber;
  readonly asOf: number;
  readonly evidence: readonly Evidence[];
  readonly activity: readonly SourceActivity[];
  readonly coverage: ReadonlyMap<string, SourceCoverage>;
}

/** Observes one fleet at any of its days. What does not depend on the day is prepared once. */
export class Observer {
  readonly #fleet: Fleet;
  readonly #keys: readonly ObservedKey[];

  constructor(fleet: Fleet) {
    const fingerprinter = createFingerprinter(FIXED_SECRET);
    const nameOf = compileSystems(rulesOf(fleet));
    this.#fleet = fleet;
    this.#keys = fleet.keys.map((key, index) => observedKey(key, index, fingerprinter, nameOf));
  }

  /** `readSince`: from this day on, the inventory was read every night. Undefined: it is read for the first time. */
  at(today: DayNumber, readSince?: DayNumber): Observation {
    const listed = this.#keys.filter(({ key }) => key.createdDay < today);
    const callers = listed.map((each) => callersAt(each, today));
    const evidence = listed.map((each, index): Evidence => ({
      key: each.key.id,
      display: each.ref.display,
      kind: each.ref.kind,
      entry: each.entry,
      listedSince:
        readSince !== undefined && each.key.createdDay >= readSince ? (each.key.createdDay + 1) * DAY_MS : undefined,
      callers: callers[index]!,
      isMatchProven: callers.some((ofKey) => ofKey.length > 0),
      ambiguousWith: [],
    }));
    const activity = this.#fleet.sources.map((source) => activityOf(source, this.#keys, today));
    const asOf = today * DAY_MS;
    const coverage = new Map(activity.map((one) => [one.source, inferCoverage(one, asOf, DEFAULT_POLICY)]));
    return { today, asOf, evidence, activity, coverage };
  }
}

/** One rule for each system that the user knows. */
export function rulesOf(fleet: Fleet): readonly { readonly name: string; readonly userAgent: string }[] {
  const named = fleet.keys.flatMap(({ callers }) => callers.map(({ system }) => system)).filter((one) => one.isNamed);
  return [...new Set(named.map(({ name }) => name))].toSorted().map((name) => ({ name, userAgent: `${name}/*` }));
}

/** The world of an observation under a policy, as the program makes it from its database. */
export function worldOf({ asOf, evidence, coverage }: Observation, policy: Policy): World {
  const byKey = new Map(evidence.map((one) => [one.key, one]));
  const keysOf = new Map<string, OtherKey[]>();
  for (const one of evidence) {
    for (const { system, useDays } of one.callers) {
      const [firstUsedDay] = useDays;
      if (system.attribution !== 'rule' || firstUsedDay === undefined) continue;
      const other: OtherKey = { firstUsedDay, useDays: () => useDays, use: () => keyUseOf(one, { system }) };
      keysOf.set(system.name, [...(keysOf.get(system.name) ?? []), other]);
    }
  }
  return {
    asOf,
    policy,
    coverage,
    others: (key) => byKey.get(key),
    keysOf: (system) => keysOf.get(system) ?? [],
    withdrawnAt: () => undefined,
    exemptions: new Map(),
    hasInventory: true,
  };
}

interface ObservedKey {
  readonly key: FleetKey;
  readonly ref: KeyRef;
  readonly entry: InventoryEntry;
  /** Callers that the logs can tell apart. */
  readonly callers: readonly { readonly system: SystemRef; readonly calls: readonly Call[] }[];
}

function observedKey(key: FleetKey, index: number, fingerprinter: Fingerprinter, nameOf: SystemNamer): ObservedKey {
  const ref = fingerprinter.ofKey(key.secret);
  const callers = new Map<string, { system: SystemRef; calls: Call[] }>();
  for (const { system, calls } of key.callers) {
    const { userAgent, ip } = system;
    const known = nameOf({ userAgent, ip, source: '', identity: {}, keys: [] });
    const caller = callers.get(known.name) ?? { system: known, calls: [] };
    callers.set(known.name, caller);
    caller.calls.push(...calls);
  }
  for (const { calls } of callers.values()) calls.sort((a, b) => a.day - b.day);
  return { key, ref, entry: entryOf(key, index, ref), callers: [...callers.values()] };
}

function entryOf(key: FleetKey, index: number, ref: KeyRef): InventoryEntry {
  return {
    id: key.id,
    match: { by: 'fingerprint', key: ref.key },
    display: ref.display,
    label: undefined,
    owner: undefined,
    createdAt: key.isCreatedListed ? key.createdDay * DAY_MS : undefined,
    expiresAt: undefined,
    status: 'active',
    successor: key.successor,
    source: key.sourceListed,
    lastUsedAt: undefined,
    metadata: {},
    file: 'keys.csv',
    row: index + 2,
  };
}

function callersAt({ callers }: ObservedKey, today: DayNumber): readonly Caller[] {
  return callers.map(({ system, calls }) => callerOf(system, calls, today)).filter((caller) => caller !== undefined);
}

function activityOf(source: FleetSource, keys: readonly ObservedKey[], today: DayNumber): SourceActivity {
  const perDay = new Map<DayNumber, number>();
  const steady: { readonly lot: number; readonly days: (readonly [DayNumber, number])[] }[] = [];
  for (const { ref, callers } of keys) {
    for (const { system, calls } of callers) {
      const days = countDays(calls, source.name, today);
      for (const [day, records] of days) perDay.set(day, (perDay.get(day) ?? 0) + records);
      if (days.size >= LEAST_STEADY_DAYS) steady.push({ lot: lotOf(ref.key, system.name), days: [...days] });
    }
  }
  const days = [...perDay].toSorted(([a], [b]) => a - b).map(([day, records]) => ({ day, records, quarantined: 0 }));
  const records = days.reduce((sum, day) => sum + day.records, 0);
  return {
    source: source.name,
    format: 'json',
    firstAt: days[0] === undefined ? undefined : instantOf(days[0].day, 0),
    lastAt: days.at(-1) === undefined ? undefined : instantOf(days.at(-1)!.day, 0),
    records,
    quarantined: 0,
    skipped: 0,
    bytes: 0,
    days,
    steadyCallers: steady
      .toSorted((a, b) => b.days.length - a.days.length || a.lot - b.lot)
      .slice(0, MOST_STEADY_CALLERS)
      .map((caller) => ({ days: caller.days.map(([day]) => day), calls: caller.days.map(([, calls]) => calls) })),
    keyKinds: records === 0 ? [] : ['secret'],
    faults: [],
    declared: {
      deliveryLagDays: source.deliveryLagDays,
      sampling: undefined,
      outages: source.outages.filter((outage) => outage.isDeclared && outage.from < today),
      carriesKeys: undefined,
    },
  };
}

/** As the database chooses them. */
const LEAST_STEADY_DAYS = 28;
const MOST_STEADY_CALLERS = 24;

function lotOf(key: string, system: string): number {
  return (crc32(key) * 31 + crc32(system)) % 4_294_967_296;
}

function countDays(calls: readonly Call[], source: string, today: DayNumber): ReadonlyMap<DayNumber, number> {
  const days = new Map<DayNumber, number>();
  for (const call of calls) {
    if (call.source !== source || call.day >= today || call.arrivesOn >= today) continue;
    days.set(call.day, (days.get(call.day) ?? 0) + call.records);
  }
  return days;
}
