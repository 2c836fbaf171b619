/**
 * What a program may import. The first part does what the commands do, with the members of `lastcall.yaml` as an object:
 * nothing is printed, nothing is read from the environment, and what the caller can mend is thrown as a LastcallError. The
 * second part is pure: it reads no file, no clock and no environment.
 *
 * @packageDocumentation
 */

/** Reads logs into a database and judges the keys. */
export { type Check, check, ingest, type Reading, type Scan, scan } from './library/scan.ts';

/** Judges by what a database holds. */
export {
  coverage,
  type Database,
  explain,
  openDatabase,
  report,
  type Since as AuditChoice,
} from './library/database.ts';
export type { ReadSettings, Settings } from './library/settings.ts';
export type { ConfigMembers, InventoryFile, LogSource, SystemMatch, TableSource } from './library/config-members.ts';
export type { Problem } from './ingest/problem.ts';
export type { Progress } from './ingest/progress.ts';

/** What a log format, a reporter and a driver of your own are. */
export type { Captures, FieldMap, Format, Sample, Syntax, UsageField } from './formats/format.ts';
export type { DriverKey, HandoffDriver } from './handoff/driver-module.ts';
export type { Reporter, View } from './reporters/reporter.ts';

/** The nouns: usage, evidence, coverage, verdicts, the report. */
export type * from './model.ts';

/** What the user can mend, with a code and a hint. */
export { EXIT_CODE_OF_ERROR, type ErrorCode, LastcallError } from './errors.ts';

/** Fingerprints of keys under the secret of an installation: the same secret gives the same `k_...`. */
export { createFingerprinter, type Fingerprinter } from './attribution/fingerprint.ts';

/** Reads a list of issued keys (CSV or JSON) whole, or throws and names the row. */
export { type Inventory, type InventoryOptions, readInventory } from './inventories/index.ts';

/** For which days the logs of a source are complete. */
export { inferCoverage } from './verdicts/coverage.ts';

/** The numbers behind the verdicts. */
export { DEFAULT_POLICY, type Policy } from './verdicts/policy.ts';

/** Judges every key by its evidence. */
export { audit } from './verdicts/audit.ts';
export type { ExemptionInForce } from './verdicts/exemptions.ts';
export type { KeyUse, OtherKey, World } from './verdicts/world.ts';

/** The outputs of `-o`, by name or by the path of a module: pure functions from a report to text, loaded when they are asked for. */
export { reporterAt as loadReporter } from './extensions.ts';
export { type ReporterEntry, reporters } from './reporters/index.ts';

/** Makes a text that came from a log harmless for terminals: for reporters of your own. */
export { inert } from './reporters/inert.ts';

/** JSON Schema of `lastcall report --since ... -o json`, `lastcall.changes/1`. */
export { changesSchema } from './reporters/changes-schema.ts';

/** JSON Schema of `lastcall backtest -o json`, `lastcall.backtest/1`. */
export { backtestSchema } from './reporters/backtest-schema.ts';

/** JSON Schemas of plans, and of what `plan verify`, `handoff` and `handoff history` answer with `-o json`. */
export { handoffSchema, handoffsSchema, planSchema, verificationSchema } from './reporters/handoff-schemas.ts';

/** RFC 8785: what the seals and signatures of a plan are over. */
export { canonicalJson } from './handoff/canonical-json.ts';

export type { JsonSchema } from './reporters/json-schema.ts';

/** JSON Schema of `lastcall.report/1`. */
export { reportSchema } from './reporters/report-schema.ts';
