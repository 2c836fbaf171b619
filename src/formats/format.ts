import type { RawFields, Skip } from '../model.ts';

/**
 * A log format is data: how to recognise it, how its records are written, and a field map from usage fields to JSON
 * paths, columns or captures. Because it is data, one map drives every reader.
 */
export interface Format {
  /** As typed after `--log-format`. */
  readonly name: string;
  /** One line for `lastcall formats`. */
  readonly title: string;
  readonly syntax: Syntax;
  readonly fields: FieldMap;
  /** More places, where the sample shows that they are needed. */
  readonly fieldsFor?: (sample: Sample) => FieldMap;
  /** How sure we are, 0..1, that the sample is of this format. The surest format above 0.5 is taken. */
  readonly recognise: (sample: Sample) => number;
  /** JSON members that say for sure that a record between those of another format is of this one, and may name a key. */
  readonly hallmarks?: readonly string[];
  /** Pure. Adjusts what the field map found, or says that the record is no request. */
  readonly refine?: (fields: RawFields) => RawFields | Skip;
  /**
   * The fields on which it depends who called, with which keys, how it ended, and whether it is a request at all, as
   * `refine` decides it for a record with a time. Records that agree in them are refined once for all, and records
   * without keys not at all when it is empty. Without this list, each record is refined. Keys need not be named; nor whether
   * there is a status, an error or an address; nor a rewritten `action`, as long as the keys in its query stay where they are.
   */
  readonly refineReads?: readonly UsageField[];
  /**
   * The field with the query of the action, where a log writes it apart and `refine` joins them. Of it too, only the
   * parameters that carry keys matter.
   */
  readonly queryField?: UsageField;
  /** Texts by which a JSON record says that a key was sent, without showing any of it. */
  readonly redactions?: readonly string[];
  /** The provider delivers records twice: drop repeated event ids. */
  readonly redelivers?: boolean;
  /** One event is logged by several devices, each with key ids of its own: it counts once for each of them. */
  readonly eventsPerKey?: boolean;
  /** Its fields are called as users like, so that what is called an event id may be something else. */
  readonly hasNamesOfUsers?: true;
  /** Its files are listed in digests, or are digests. */
  readonly isDelivered?: boolean;
  /** Its lines are recognised behind the prefix of a shipper too: one that is known is taken off all the same. */
  readonly bearsPrefix?: true;
  /** Its times name no zone and are in UTC, whatever zone the user says that others are in. */
  readonly isUtc?: true;
  /** What this log cannot show, for people. */
  readonly limits?: string;
}

export type Syntax =
  /** JSON values: one a line, concatenated, in an array, or in documents under a member such as `Records`. */
  | { readonly kind: 'json' }
  /** Lines with separators. Columns are named by a header line, or given. `comment`: lines to skip, e.g. `#`. */
  | {
      readonly kind: 'delimited';
      /** Undefined: seen from the header (comma, semicolon, tab or pipe). */
      readonly delimiter: string | undefined;
      /** Undefined: the first line is the header. */
      readonly columns: readonly string[] | undefined;
    }
  /** Rows of a W3C extended log: `#Fields:` lines name the columns of what follows them (see table.ts). */
  | {
      readonly kind: 'w3c';
      /** Columns of rows that no `#Fields:` line precedes. Undefined: such rows cannot be read. */
      readonly columns: readonly string[] | undefined;
      /** A row that was cut behind this column still counts. */
      readonly mayEndAfter: string | undefined;
    }
  /**
   * Lines of free text: reads one line, returns the captures by name, or undefined when the line does not fit.
   * `isCombined`: lines of the combined format, which the kernel knows too.
   */
  | {
      readonly kind: 'text';
      readonly match: (line: string) => Captures | Pairs | Skip | undefined;
      readonly isCombined?: true;
      /** The names of the captures stand in the lines: they may be told and mapped like those of JSON. */
      readonly isNamed?: true;
    };

export type Captures = Readonly<Record<string, string | undefined>>;

/** Captures of which one name may stand for several: each of them is seen. */
export type Pairs = readonly (readonly [name: string, text: string])[];

/**
 * Usage field -> where it sits. JSON: paths such as `a.b["c-d"][0].e[*]`; other syntaxes: column or capture names.
 * `a.headers{x-api-key}` is the value beside that name in a list of pairs such as `[{"name": ..., "value": ...}]`.
 * `a.b` also stands for a member that is called so. Alternatives are separated by `||`: the first that is present wins, but
 * for `key` and `keyId` all count.
 * Member, column and capture names match without regard to ASCII case. A string where a path goes on is read as JSON.
 */
export type FieldMap = Readonly<Partial<Record<UsageField, string>>>;

export type UsageField =
  | 'time'
  | 'key'
  | 'keyId'
  | 'system'
  | 'source'
  | 'ip'
  | 'userAgent'
  | 'status'
  | 'outcome'
  | 'error'
  | 'method'
  | 'action'
  | 'cookie'
  | 'eventId'
  | 'issuer'
  | `identity.${string}`;

/** The first bytes of a log, decompressed. */
export interface Sample {
  /** Decoded as UTF-8 without BOM; 64 KiB at most. */
  readonly text: string;
  /** The complete lines of `text` that are not blank, 100 at most, without line ends. */
  readonly lines: readonly string[];
  /** The first JSON records in it, parsed: lines that are objects, or elements of a document; 100 at most. */
  readonly records: readonly Readonly<Record<string, unknown>>[];
  /** Where these records sit: `''` for one a line or concatenated, `[*]` for an array, `Records[*]` and the like. */
  readonly recordsPath: string;
  /** JSON with one record a line. Otherwise, documents are framed as a whole. */
  readonly isLines: boolean;
}
