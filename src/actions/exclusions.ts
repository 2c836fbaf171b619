import { letGo, readInputs } from '../engines/sqlite/exclusions.ts';
import type { Store } from '../engines/sqlite/store.ts';
import type { Problem } from '../ingest/problem.ts';
import { pathMatcher } from '../ingest/log-settings.ts';
import type { Options } from '../options.ts';
import { type Inputs, STDIN } from '../sources/inputs.ts';
import { placeOf } from '../sources/log-file.ts';

/** The logs without what the user says is none (`exclude`). */
export interface Excluded extends Inputs {
  readonly problems: readonly Problem[];
}

/**
 * Leaves out of the inputs what `exclude` names, and lets go what of it stood in the way of a verdict. What ever gave a
 * record is a log, whatever is said of it, and is read. To be called inside a transaction.
 */
export function exclude(
  { db }: Pick<Store, 'db'>,
  inputs: Inputs,
  { exclude: patterns }: Pick<Options, 'exclude'>,
  scan: number,
): Excluded {
  if (patterns.length === 0) return { ...inputs, problems: [] };
  const matchers = patterns.map((pattern) => ({ pattern, isMatch: pathMatcher([pattern]) }));
  const patternOf = (path: string): string | undefined =>
    path === STDIN ? undefined : matchers.find(({ isMatch }) => isMatch(path))?.pattern;
  const problems: Problem[] = [];
  const logs = new Set<string>();
  for (const { path, records, trouble } of readInputs(db)) {
    const pattern = patternOf(path);
    if (pattern === undefined) continue;
    if (records > 0) {
      logs.add(path);
      problems.push(isLog(path, records));
    } else if (trouble !== undefined) {
      letGo(db, { path, pattern, scan, trouble });
      problems.push(gone(path, pattern, trouble));
    }
  }
  const isWanted = (path: string): boolean => patternOf(path) === undefined || logs.has(placeOf(path));
  const { files, leftOut } = inputs;
  return { files: files.filter(isWanted), leftOut: leftOut.filter(({ path }) => isWanted(path)), problems };
}

function isLog(file: string, records: number): Problem {
  const message = `it is read although it is excluded: ${records} records of it were read before, so it is a log`;
  return { file, message, hint: 'Take it out of `exclude`.', isIncomplete: false };
}

function gone(file: string, pattern: string, trouble: string): Problem {
  const message = `let go, since it is excluded ("${pattern}") and no record of it was ever read; it had said: ${trouble}`;
  return { file, message, hint: undefined, isIncomplete: false };
}
