import type { DayNumber, EpochMs, Fault, SourceActivity } from '../model.ts';
import { DAY_MS } from './calendar.ts';

/** What a provider lists as delivered between two instants. */
export interface Digest {
  /** Those of one chain follow each other. */
  readonly chain: string;
  readonly fromAt: EpochMs;
  readonly toAt: EpochMs;
  readonly hash: string;
  /** Hash of the digest before it. */
  readonly previous: string | undefined;
  readonly files: readonly {
    readonly name: string;
    readonly fromAt: EpochMs | undefined;
    /** Where it was read, if it was. */
    readonly source: string | undefined;
    readonly state: 'read' | 'unproven' | 'missing';
  }[];
}

export interface Deliveries {
  readonly digests: readonly Digest[];
  /** Sources that also have logs which no digest vouches for. */
  readonly undigested: ReadonlySet<string>;
}

/** Logs of one trail and region: their names differ in time and a random end. */
export function feedOf(path: string): string {
  return path.replace(/\/\d{4}\/\d{2}\/\d{2}(?=\/[^/]*$)/, '').replace(/_\d{8}T\d{4}Z_[^/]*$/, '');
}

/**
 * Adds to a source what digests say: days on which all was read that was delivered, so that silence is no hole; and what
 * was delivered and not read, as a fault over the time of the digest.
 */
export function withDeliveries(activity: SourceActivity, { digests, undigested }: Deliveries): SourceActivity {
  const chains = [...Map.groupBy(digests, ({ chain }) => chain).values()].filter((chain) => concerns(chain, activity));
  if (chains.length === 0) return activity;
  const faults = chains.flatMap(missingIn);
  const proven = undigested.has(activity.source) ? [] : chains.map(provenDays);
  const [first = new Set<DayNumber>(), ...others] = proven;
  const provenAll = [...first].filter((day) => others.every((days) => days.has(day)));
  return { ...activity, faults: [...activity.faults, ...faults], provenDays: new Set(provenAll) };
}

/** A chain none of whose logs was read may be of any source of its kind. */
function concerns(chain: readonly Digest[], { source, format }: SourceActivity): boolean {
  const files = chain.flatMap((digest) => digest.files);
  const isRead = files.some((file) => file.source !== undefined);
  return isRead ? files.some((file) => file.source === source) : files.length > 0 && format === 'aws-cloudtrail';
}

function missingIn(chain: readonly Digest[]): readonly Fault[] {
  const faults: { fromAt: EpochMs; toAt: EpochMs; names: string[] }[] = [];
  for (const { fromAt, toAt, files } of chain.toSorted((a, b) => a.fromAt - b.fromAt)) {
    const missing = files.filter(({ state }) => state === 'missing');
    if (missing.length === 0) continue;
    const names = missing.map(({ name }) => name);
    const oldest = missing.reduce((least, file) => Math.min(least, file.fromAt ?? least), fromAt);
    const last = faults.at(-1);
    if (last === undefined || oldest > last.toAt) faults.push({ fromAt: oldest, toAt, names });
    else {
      last.fromAt = Math.min(last.fromAt, oldest);
      last.toAt = Math.max(last.toAt, toAt);
      last.names.push(...names);
    }
  }
  return faults.map(({ fromAt, toAt, names }) => ({
    reason: 'unread-input',
    detail: missingText(names),
    fromAt,
    toAt,
  }));
}

function missingText(names: readonly string[]): string {
  const [first = ''] = names;
  const which = names.length === 1 ? first : `${first} and ${names.length - 1} more`;
  return `${which}: listed in a digest, but not read, or not as it was delivered`;
}

/** Days that are whole in a stretch of digests which follow each other and of which all logs were read. */
function provenDays(chain: readonly Digest[]): ReadonlySet<DayNumber> {
  const days = new Set<DayNumber>();
  const next = new Map(chain.map((digest) => [digest.fromAt, digest]));
  let stretch: { fromAt: EpochMs; toAt: EpochMs } | undefined;
  for (const digest of chain.toSorted((a, b) => a.fromAt - b.fromAt)) {
    if (!isWhole(digest, next.get(digest.toAt))) stretch = undefined;
    else {
      const goesOn = stretch !== undefined && digest.fromAt <= stretch.toAt;
      stretch = { fromAt: goesOn ? (stretch?.fromAt ?? 0) : digest.fromAt, toAt: digest.toAt };
      const from = Math.ceil(stretch.fromAt / DAY_MS);
      for (let day = Math.floor(digest.toAt / DAY_MS) - 1; day >= from && !days.has(day); day--) days.add(day);
    }
  }
  return days;
}

/** The digest that follows has its hash: it is the one that was delivered. */
function isWhole({ files, hash }: Digest, next: Digest | undefined): boolean {
  const isDelivered = next?.previous === undefined || next.previous.toLowerCase() === hash.toLowerCase();
  return isDelivered && files.every(({ state }) => state === 'read');
}
