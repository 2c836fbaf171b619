import type { Format } from '../formats/format.ts';
import type { Problem } from '../ingest/problem.ts';
import type { Progress } from '../ingest/progress.ts';
import type { ConfigMembers } from './config-members.ts';

/**
 * What every function of the library takes: the members of `lastcall.yaml` by the same names and with the same meaning,
 * and what a program has beside. Paths count from the folder of the process. Nothing is read from the environment.
 */
export interface Settings extends ConfigMembers {
  /** A `lastcall.yaml` to begin with; each member that is given here takes the place of its own. */
  readonly config?: string;
  /** Log formats of your own: objects, or paths of modules. With an object, one thread reads. */
  readonly formats?: readonly (string | Format)[];
  /** The secret itself, 64 hex digits; then `secretFile` is not read. */
  readonly secret?: string;
  /** The clock for verdicts, as `--as-of` takes it: `2026-01-31`, an instant, or a Date. Default: now. */
  readonly asOf?: string | Date;
  /** What time it is. Default: the clock of the machine. */
  readonly now?: Date;
  /** Session credentials are listed as keys too. */
  readonly includeSessions?: boolean;
  /** Inventories are right although they list far fewer keys than when they were last read. */
  readonly accept?: boolean;
  /** Each problem as it is found. They are in the result as well. */
  readonly onProblem?: (problem: Problem) => void;
}

/** What reading logs takes beside. */
export interface ReadSettings extends Settings {
  /** Files, folders, globs, `-` or addresses. Default: the paths of the sources. */
  readonly logs?: readonly string[];
  /** Threads that read large logs. Default: one. */
  readonly workers?: number;
  /** Passwords of tables, by the name of their source. */
  readonly passwords?: Readonly<Record<string, string>>;
  /** What the log `-` holds. */
  readonly stdin?: AsyncIterable<Uint8Array>;
  /** Called between pieces of a log. */
  readonly onProgress?: (progress: Progress) => void;
  /** Stops at the next safe point. What was read whole is stored, and the call rejects with the reason of the signal. */
  readonly signal?: AbortSignal;
}
