import type { DayRow } from '../tally/day-row.ts';
import type { EventDigest } from '../tally/event-digests.ts';
import type { FieldMap, UsageField } from '../formats/format.ts';
import type { EpochMs, Outcome, RawFields, Usage } from '../model.ts';
import type { FrameSink } from './framing.ts';

/** What records are told apart by. */
export interface GroupMap {
  /** How records are written. Access logs have the captures of `formats/combined.ts`, each in the field of its name. */
  readonly syntax: 'json' | 'combined';
  /** Fields that are read, and where they sit. */
  readonly fields: FieldMap;
  /** Those of them whose text tells groups apart, beside keys, the instant and keys in the query of the action. */
  readonly grouped: readonly UsageField[];
  /** A field with a query of its own, of which the same parameters matter where the action has no query. */
  readonly query: UsageField | undefined;
  /** Quoted texts by which a record without keys is one for the plain reader. Seven characters at least. */
  readonly marks: readonly string[];
  /** Parameters of a query that carry keys. */
  readonly queryNames: readonly string[];
  /** Records without keys are told apart too. */
  readonly keyless: boolean;
  /** Calls are counted by the hour, not by the day. */
  readonly byHour: boolean;
  /** Of this status only the outcome matters, of this error only that it is there, of this address all but the port, and cookies where one may be a key. */
  readonly reduced: readonly Reducible[];
  /** A time without zone is UTC. */
  readonly isUtc: boolean;
}

export type Reducible = 'status' | 'error' | 'cookie' | 'ip';

/** What the records of a group say, but for their instant and what follows from their status. */
export interface GroupUsage {
  readonly usage: Usage;
  /** What becomes of calls by the outcome that their status says, if it does: a log may say it otherwise. */
  readonly outcomes: Readonly<Record<Outcome, Outcome>>;
}

/** A call of a group that has an event id. */
export interface GroupCall {
  readonly group: GroupUsage;
  /** The outcome that its status says, if it does. */
  readonly by: Outcome;
  /** Overwritten by the next one, if it is a digest. */
  readonly eventId: string | EventDigest;
  readonly at: EpochMs;
}

/** Several arguments, since an object for each call would be too many. */
export type TakeLater = (
  group: GroupUsage,
  by: Outcome,
  event: EventDigest,
  at: EpochMs,
  offset: number,
  length: number,
) => void;

/** Who attributes groups. */
export interface GroupHost {
  /**
   * All on which it depends, beside the map, what a group says. A kernel that ends a log goes on with its groups in the
   * next one if this is the same: callers recur, and many logs are short.
   */
  readonly kind: readonly unknown[];
  /** Takes the records that the kernel leaves to the plain reader, and is told where it is safe to resume. */
  readonly plain: FrameSink;
  /** Instant of the last record. The scanner keeps it up to date, and takes it over where the host moves it. */
  lastAt: EpochMs | undefined;
  /** What all records of a group say, by its first one. Undefined: all of them are to be read plainly. */
  group(fields: RawFields, at: EpochMs): GroupUsage | undefined;
  /** Reads an unusual time; NaN when it is none. */
  time(text: string): number;
  /** Whether the event was counted before. */
  isRepeated(call: GroupCall, offset: number, length: number): boolean;
  /**
   * Takes calls whose event is a UUID, in the order of the log, in place of `isRepeated`: they are not counted here. The
   * digest is overwritten by the next one.
   */
  readonly later: TakeLater | undefined;
  /** What was counted is to be drained: the tables are full. */
  full(): void;
}

/** What was counted since it was last drained. */
export interface GroupCounts {
  readonly records: number;
  readonly bytes: number;
  /** Calls by group and day (or hour). */
  groups(each: EachGroup): void;
  /** The same of groups that were taken over from another kernel. */
  adopted(each: EachAdopted): void;
  /** Records by hour. */
  hours(each: EachHour): void;
}

/** `calls`: of a day or hour, by the outcome that their status says; another one after each. */
type EachGroup = (group: GroupUsage, calls: DayRow) => void;
type EachAdopted = (group: number, calls: DayRow) => void;
type EachHour = (hour: number, records: number, firstAt: EpochMs, lastAt: EpochMs) => void;
