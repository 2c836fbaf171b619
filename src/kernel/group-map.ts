import type { FieldMap, UsageField } from '../formats/format.ts';
import type { EpochMs, RawFields } from '../model.ts';
import type { FrameSink } from './framing.ts';

/** What records are told apart by. */
export interface GroupMap {
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
  /** Of this status only the outcome matters, of this error only that it is there, and cookies where one may be a key. */
  readonly reduced: readonly Reducible[];
  /** A time without zone is UTC. */
  readonly isUtc: boolean;
}

export type Reducible = 'status' | 'error' | 'cookie';

/** Who attributes groups. */
export interface GroupHost {
  /** Takes the records that the kernel leaves to the plain reader, and is told where it is safe to resume. */
  readonly plain: FrameSink;
  /** Instant of the last record. The scanner keeps it up to date, and takes it over where the host moves it. */
  lastAt: EpochMs | undefined;
  /** The first record of a group; groups are numbered from 0 on. False: all of its records are to be read plainly. */
  group(number: number, fields: RawFields, at: EpochMs): boolean;
  /** Reads an unusual time; NaN when it is none. */
  time(text: string): number;
  /** Whether the event was counted before. */
  isRepeated(group: number, eventId: string, at: EpochMs, offset: number, length: number): boolean;
  /** What was counted is to be drained: the tables are full. Group numbers begin anew afterwards. */
  full(): void;
}
