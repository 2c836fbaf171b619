import type { Policy } from '../verdicts/policy.ts';

/** What `lastcall.yaml` may say, as an object. Days and instants are texts such as `2026-01-31`. */
export interface ConfigMembers {
  /** The database. Default: `lastcall.db`. */
  readonly db?: string;
  /** The secret under which keys are fingerprinted. Default: `~/.config/lastcall/secret`. */
  readonly secretFile?: string;
  /** What log times without an offset are in. Default: UTC. */
  readonly timezone?: string;
  readonly sources?: readonly (LogSource | TableSource)[];
  /** Files among the logs that are none: files, folders or globs. */
  readonly exclude?: readonly string[];
  /** How `s3://` is reached. */
  readonly s3?: { readonly endpoint?: string; readonly region?: string; readonly pathStyle?: boolean };
  /** Lists of issued keys. They stand beside the logs that `scan` reads, and in place of stored ones elsewhere. */
  readonly inventories?: readonly InventoryFile[];
  /** Who calls: the first rule that matches counts. */
  readonly systems?: readonly SystemMatch[];
  /** Other constants than DEFAULT_POLICY, and stricter ones for some keys. */
  readonly policy?: Partial<Policy> & {
    readonly stricter?: readonly (Partial<Policy> & { readonly match: Readonly<Record<string, string>> })[];
  };
  readonly exemptions?: readonly { readonly key: string; readonly reason: string; readonly until: string }[];
  /** Id of a key: id of the key that replaces it. */
  readonly successors?: Readonly<Record<string, string>>;
}

interface Source {
  readonly name: string;
  /** After how long no more late records come, e.g. `14 days`. */
  readonly deliveryLag?: string;
  /** The share of requests that is logged; under 1 no silence can be proven. */
  readonly sampling?: number;
  /** When nothing was logged, as you know. */
  readonly outages?: readonly { readonly from: string; readonly to: string; readonly reason?: string }[];
  /** Its last day. */
  readonly retired?: string;
  /** False: no record carries a key. */
  readonly carriesKeys?: boolean;
  /** Query parameters that carry keys. */
  readonly keyParameters?: readonly string[];
}

/** Logs that are complete or not as a unit. */
export interface LogSource extends Source {
  readonly type?: 'files';
  /** Files, folders, globs or addresses. */
  readonly paths: readonly string[];
  /** `auto`, the name of a format, or `pattern:` and a regular expression with named groups. */
  readonly format?: string;
  /** Usage field: path, column or capture. */
  readonly fields?: Readonly<Record<string, string>>;
  /** Where the records sit in JSON documents, e.g. `Records[*]`. */
  readonly records?: string;
  readonly logFormatString?: string;
  readonly columns?: readonly string[];
  readonly delimiter?: string;
  readonly timezone?: string;
  /** Request headers that carry keys. */
  readonly keyHeaders?: readonly string[];
  /** Paths in which keys stand, e.g. `/v3/{key}`. */
  readonly keyPaths?: readonly string[];
  /** Request headers that carry sessions of people. */
  readonly sessionHeaders?: readonly string[];
}

/** A table in ClickHouse. */
export interface TableSource extends Source {
  readonly type: 'clickhouse';
  readonly url: string;
  readonly table: string;
  /** Usage field: column or expression. */
  readonly fields: Readonly<Record<string, string>>;
  readonly user?: string;
  readonly database?: string;
  readonly cluster?: string;
  readonly where?: string;
  /** Days before are not read. */
  readonly since?: string;
  readonly timeout?: string;
  readonly maxMemory?: string;
  readonly maxThreads?: number;
}

export interface InventoryFile {
  readonly path: string;
  readonly format?: 'auto' | 'csv' | 'json';
  /** Inventory column: its name in the file. */
  readonly columns?: Readonly<Record<string, string>>;
  /** The source that would show these keys. */
  readonly source?: string;
}

/** A call that fits all of it is one of the system. */
export interface SystemMatch {
  readonly name: string;
  /** A glob. */
  readonly userAgent?: string;
  /** Addresses or ranges. */
  readonly ip?: string | readonly string[];
  /** `identity.<name>`, or another field of a call: glob. */
  readonly fields?: Readonly<Record<string, string>>;
  readonly source?: string;
  readonly key?: string;
}
