/**
 * What a program may import: the report's types and schema, the judge, the reporters and the reading of inventories. All
 * of it is pure: it reads no file, no clock and no environment.
 */

/** The nouns: usage, evidence, coverage, verdicts, the report. */
export type * from './model.ts';

/** What the user can mend, with a code and a hint. */
export { type ErrorCode, LastcallError } from './errors.ts';

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
export type { World } from './verdicts/world.ts';

/** The outputs of `-o`: pure functions from a report to text. */
export { reporters } from './reporters/index.ts';
export type { Reporter, View } from './reporters/reporter.ts';

/** JSON Schema of `lastcall report --since ... -o json`, `lastcall.changes/1`. */
export { changesSchema } from './reporters/changes-schema.ts';

/** JSON Schema of `lastcall backtest -o json`, `lastcall.backtest/1`. */
export { backtestSchema } from './reporters/backtest-schema.ts';

/** JSON Schemas of plans, and of what `plan verify`, `handoff` and `handoff history` answer with `-o json`. */
export { handoffSchema, handoffsSchema, planSchema, verificationSchema } from './reporters/handoff-schemas.ts';

/** RFC 8785: what the seals and signatures of a plan are over. */
export { canonicalJson } from './handoff/canonical-json.ts';

/** JSON Schema of `lastcall.report/1`. */
export { reportSchema } from './reporters/report-schema.ts';
