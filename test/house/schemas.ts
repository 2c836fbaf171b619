import { join } from 'node:path';
import * as library from '../../src/index.ts';
import { ROOT } from './source-files.ts';

/** For programs in other languages, and for editors. */
export const SCHEMA_FOLDER: string = join(ROOT, 'reports', 'schemas');

/** The JSON Schemas of the library as files, by name. */
export function schemaFiles(): ReadonlyMap<string, string> {
  const schemas = {
    'report-1.json': library.reportSchema,
    'changes-1.json': library.changesSchema,
    'backtest-1.json': library.backtestSchema,
    'plan-1.json': library.planSchema,
    'verification-1.json': library.verificationSchema,
    'handoff-1.json': library.handoffSchema,
    'handoffs-1.json': library.handoffsSchema,
  };
  return new Map(Object.entries(schemas).map(([file, schema]) => [file, `${JSON.stringify(schema, null, 2)}\n`]));
}
