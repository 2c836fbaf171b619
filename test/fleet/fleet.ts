import type { DayNumber } from '../../src/model.ts';
import { deathAfter, hiddenJob, liveDays } from './life.ts';
import { daysOfClass, sortedOnce } from './processes.ts';
import { PROFILES } from './profiles.ts';
import type { CallerClass, KeyClass, Profile, ProfileName } from './profiles.ts';
import { randomOf } from './random.ts';
import type { Random } from './random.ts';
import { arrivalOf, isLogged, makeSources, SOURCE_NAMES } from './sources.ts';
import type { FleetSource } from './sources.ts';

/** Keys, who calls with them, and what of that reaches the logs. The truth goes on long after the logs end. */
export interface Fleet {
  readonly name: string;
  readonly profile: Profile;
  readonly start: DayNumber;
  readonly end: DayNumber;
  readonly sources: readonly FleetSource[];
  readonly keys: readonly FleetKey[];
}

export interface FleetKey {
  readonly id: string;
  /** Obviously no key of anybody's. */
  readonly secret: string;
  readonly kind: KeyClass;
  readonly createdDay: DayNumber;
  readonly isCreatedListed: boolean;
  readonly sourceListed: string | undefined;
  readonly successor: string | undefined;
  readonly callers: readonly FleetCaller[];
}

/** One system's use of one key. */
export interface FleetCaller {
  readonly kind: CallerClass;
  readonly system: FleetSystem;
  /** Accepted or failed, also those that no log shows. Sorted. */
  readonly trueDays: readonly DayNumber[];
  /** What reaches the logs, by day; at most two records a day. */
  readonly calls: readonly Call[];
}

export interface FleetSystem {
  readonly name: string;
  readonly isNamed: boolean;
  readonly userAgent: string;
  readonly ip: string;
}

export interface Call {
  readonly day: DayNumber;
  readonly source: string;
  readonly outcome: 'accepted' | 'failed' | 'refused';
  readonly records: number;
  /** First day on which the records can be read. */
  readonly arrivesOn: DayNumber;
}

const START: DayNumber = Date.UTC(2024, 0, 1) / 86_400_000;

/** The same name makes the same fleet, on every machine. */
export function makeFleet(profileName: ProfileName, seed: number): Fleet {
  const profile = PROFILES[profileName];
  const name = `${profileName}/${seed}`;
  const sources = makeSources(name, START, profile);
  const maker = new FleetMaker(name, profile, sources);
  return { name, profile, start: START, end: START + profile.logDays, sources, keys: maker.keys() };
}

/** A caller before its calls are sent through the logs. */
interface Draft {
  readonly kind: CallerClass;
  readonly system: FleetSystem;
  readonly days: readonly DayNumber[];
  readonly refusedDays: readonly DayNumber[];
}

class FleetMaker {
  readonly #name: string;
  readonly #profile: Profile;
  readonly #sources: readonly FleetSource[];
  readonly #keys: FleetKey[] = [];
  readonly #named: FleetSystem[] = [];
  readonly #horizon: DayNumber;
  #systems = 0;

  constructor(name: string, profile: Profile, sources: readonly FleetSource[]) {
    this.#name = name;
    this.#profile = profile;
    this.#sources = sources;
    this.#horizon = START + profile.logDays + profile.truthDays;
  }

  keys(): readonly FleetKey[] {
    while (this.#keys.length < this.#profile.keys) this.#addKey();
    return this.#keys;
  }

  #addKey(): void {
    const random = randomOf(`${this.#name}/key/${this.#keys.length}`);
    const profile = this.#profile;
    const kind = random.weighted(profile.classes);
    const createdDay = random.chance(profile.oldKeys)
      ? START - random.between(1, profile.oldestDays)
      : START + random.between(0, profile.logDays - 1);
    const drafts = this.#draftCallers(kind, createdDay, random);
    const isRotated = drafts.some(({ days }) => days.length > 20) && random.chance(profile.rotations);
    if (!isRotated) {
      this.#keep(kind, createdDay, undefined, withRefusedTail(drafts, random, profile), random);
      return;
    }
    const rotatedOn = START + random.between(-60, profile.logDays);
    const { stay, move } = rotate(drafts, Math.max(createdDay + 30, rotatedOn), random, profile);
    const successor = random.chance(profile.declaredSuccessors) ? idOf(this.#keys.length + 1) : undefined;
    this.#keep(kind, createdDay, successor, stay, random);
    const first = Math.min(...move.flatMap(({ days }) => days), Math.max(createdDay + 30, rotatedOn));
    this.#keep(kind, first - random.between(0, 5), undefined, move, random);
  }

  #draftCallers(kind: KeyClass, createdDay: DayNumber, random: Random): readonly Draft[] {
    if (kind === 'never-used') return [];
    const profile = this.#profile;
    const delay = random.chance(profile.lateStarts) ? random.exponential(profile.lateStartDays) : random.between(0, 3);
    const from = createdDay + Math.round(delay);
    const keyDeath = deathAfter(from, profile.keyDeaths, random);
    const drafts = this.#draft(kind, from, keyDeath, random);
    if (kind === 'refused-only' || kind === 'one-shot' || !random.chance(profile.sharedKeys)) return drafts;
    const companions = random.pick([1, 1, 2, 3]);
    for (let count = 0; count < companions; count++) {
      const start = random.chance(0.6) ? from : from + random.between(0, 700);
      const companion = random.weighted(profile.companions);
      drafts.push(...this.#draft(companion, start, keyDeath, random));
    }
    return drafts;
  }

  /** One system; two if it is unnamed and comes from another network from some day on. */
  #draft(kind: CallerClass, from: DayNumber, keyDeath: DayNumber, random: Random): Draft[] {
    const profile = this.#profile;
    const death = Math.min(keyDeath, deathAfter(from, profile.callerDeaths, random), this.#horizon);
    const days = liveDays(kind, from, death, random, profile);
    const system = this.#system(random);
    if (kind === 'refused-only') return [{ kind, system, days: [], refusedDays: days }];
    const moves = system.isNamed ? Number.POSITIVE_INFINITY : deathAfter(from, profile.networkChanges, random);
    if (moves >= death) return [{ kind, system, days, refusedDays: [] }];
    const moved = { ...system, ip: addressIn(random) };
    return [
      { kind, system, days: days.filter((day) => day < moves), refusedDays: [] },
      { kind, system: moved, days: days.filter((day) => day >= moves), refusedDays: [] },
    ];
  }

  #system(random: Random): FleetSystem {
    const profile = this.#profile;
    const ip = addressIn(random);
    if (random.chance(profile.unnamedCallers)) {
      return { name: '', isNamed: false, userAgent: random.pick(AGENTS), ip };
    }
    if (this.#named.length > 0 && random.chance(profile.reusedSystems)) return random.pick(this.#named);
    const name = `system-${String(this.#systems++).padStart(3, '0')}`;
    const system = { name, isNamed: true, userAgent: `${name}/1.${random.between(0, 9)}`, ip };
    this.#named.push(system);
    return system;
  }

  #keep(
    kind: KeyClass,
    createdDay: DayNumber,
    successor: string | undefined,
    drafts: readonly Draft[],
    random: Random,
  ): void {
    const id = idOf(this.#keys.length);
    const home = random.pick(SOURCE_NAMES.slice(0, this.#profile.sources));
    this.#keys.push({
      id,
      secret: `fleet_EXAMPLE_${id.replace('-', '')}_${this.#name.replaceAll(/[^a-z0-9]/g, '')}_notakey`,
      kind,
      createdDay,
      isCreatedListed: !random.chance(this.#profile.noCreatedDate),
      sourceListed: random.chance(this.#profile.sourceListed) ? home : undefined,
      successor,
      callers: drafts.map((draft, index) => this.#send(draft, `${id}/${index}`, home, random)),
    });
  }

  /** What of a caller's calls the logs will show. */
  #send(draft: Draft, caller: string, home: string, random: Random): FleetCaller {
    const { kind, system, days } = draft;
    const other = random.chance(this.#profile.spreadCallers) ? random.pick(this.#sources).name : home;
    const perDay = STEADY.has(kind) ? 2 : 1;
    const refused = new Set(draft.refusedDays);
    const calls = sortedOnce([...days, ...draft.refusedDays]).flatMap((day): Call[] => {
      if (day < START || day >= START + this.#profile.logDays) return [];
      const place = random.chance(0.3) ? other : home;
      const source = this.#sources.find(({ name }) => name === place)!;
      let records = 0;
      for (let index = 0; index < perDay; index++) if (isLogged(source, caller, day, index)) records++;
      const outcome = refused.has(day) ? 'refused' : random.chance(this.#profile.failedCalls) ? 'failed' : 'accepted';
      const arrivesOn = arrivalOf(source, caller, day);
      return records === 0 ? [] : [{ day, source: source.name, outcome, records, arrivesOn }];
    });
    return { kind, system, trueDays: days, calls };
  }
}

/** Classes that are called so often that losing them shows. */
export const STEADY: ReadonlySet<KeyClass> = new Set<KeyClass>(['continuous', 'business-hours', 'daily']);

const AGENTS = [
  'curl/8.9.1',
  'python-requests/2.32.3',
  'Go-http-client/2.0',
  'okhttp/4.12.0',
  'axios/1.7.2',
  'Java/21',
];

function idOf(index: number): string {
  return `key-${String(index).padStart(3, '0')}`;
}

function addressIn(random: Random): string {
  return `10.20.${random.between(0, 11)}.${random.between(1, 250)}`;
}

/** Splits callers into what they still do with the old key and what they do with the new one. */
function rotate(
  drafts: readonly Draft[],
  day: DayNumber,
  random: Random,
  profile: Profile,
): { readonly stay: readonly Draft[]; readonly move: readonly Draft[] } {
  const stay: Draft[] = [];
  const move: Draft[] = [];
  for (const draft of drafts) {
    const begin = day + random.between(0, 30);
    if (random.chance(profile.stragglers) || draft.days.length === 0) {
      stay.push(draft);
      continue;
    }
    const end = begin + random.between(0, 14);
    const last = draft.days.at(-1)!;
    const leftover = random.chance(profile.leftovers) ? hiddenJob(begin, last, random, profile) : [];
    stay.push({ ...draft, days: sortedOnce([...draft.days.filter((one) => one < end), ...leftover]) });
    move.push({ ...draft, days: draft.days.filter((one) => one >= begin) });
  }
  return { stay, move };
}

/** A key that died is sometimes disabled while one of its callers goes on trying. */
function withRefusedTail(drafts: readonly Draft[], random: Random, profile: Profile): readonly Draft[] {
  const last = Math.max(...drafts.flatMap(({ days }) => days.at(-1) ?? []));
  const [first, ...rest] = drafts;
  if (
    first === undefined ||
    !Number.isFinite(last) ||
    last > START + profile.logDays ||
    !random.chance(profile.refusedTails)
  ) {
    return drafts;
  }
  const from = last + random.between(1, 20);
  const refusedDays = daysOfClass('daily', from, from + random.between(5, 200), random, profile);
  return [{ ...first, refusedDays }, ...rest];
}
