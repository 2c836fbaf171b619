import fs from 'node:fs';
import path from 'node:path';
import { type Health, LATE_RUN_DAYS, readHealth } from '../engines/sqlite/health.ts';
import { readHandoffs } from '../engines/sqlite/handoff-ledger.ts';
import { openForReading, type Store } from '../engines/sqlite/store.ts';
import { EXIT_CODE_OF_ERROR, type ExitCode, LastcallError, worseExit } from '../errors.ts';
import { undecidedOf } from '../handoff/undecided.ts';
import { openFingerprinter } from './installation-secret.ts';
import { loadInventories } from '../report/known-keys.ts';
import { looseEnds } from './loose-ends.ts';
import { UNDECIDED_HINT } from './missed.ts';
import type { SourceReport } from '../model.ts';
import type { Options } from '../options.ts';
import { type Outside, writeAs } from '../outside.ts';
import { reportOnSources, withStock } from '../report/report.ts';
import { undecidedText } from '../reporters/handoff.ts';
import { leaveOutShrunk } from './shrunk.ts';
import { missingRuns } from '../report/witnesses.ts';
import { plural, size } from '../reporters/figures.ts';
import { type Check, renderDoctor, renderDoctorJson } from '../reporters/doctor.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** `lastcall doctor`: looks at everything that a verdict rests on, and says how to mend what is wrong. Changes nothing. */
export async function examine(options: Options, outside: Outside): Promise<ExitCode> {
  // Opening the database takes rights away from others: what they had is to be told.
  const rights = checkRights(options);
  const checks = [checkProgram(outside), ...rights, ...checkSecretAndDatabase(options, outside)];
  const exitCode = checks.reduce<ExitCode>((worst, { code }) => worseExit(worst, code), 0);
  await writeAs(
    options,
    outside,
    (view) => renderDoctor(checks, view),
    () => renderDoctorJson(checks, exitCode, outside.version),
  );
  return exitCode;
}

function ok(name: string, text: string): Check {
  return { name, text, code: 0, hint: undefined };
}

function bad(name: string, code: ExitCode, text: string, hint: string | undefined): Check {
  return { name, text, code, hint };
}

function checkProgram({ version, node }: Outside): Check {
  return ok('program', `lastcall ${version}, Node.js ${node}`);
}

/** Who else may read or replace what only this user should. */
function checkRights({ db, secretFile, secret }: Options): Check[] {
  const open = ['', '-wal', '-shm', '.lock'].map((end) => `${db}${end}`).filter((file) => (modeOf(file) & 0o077) !== 0);
  const folders = [db, ...(secret === undefined ? [secretFile] : [])].map((file) => path.dirname(path.resolve(file)));
  const loose = [...new Set(folders)].filter((one) => (modeOf(one) & 0o1002) === 0o002);
  const found = [
    ...open.map((file) =>
      bad('rights', 2, `others may read "${file}", which says who called what`, `chmod 600 on "${file}"`),
    ),
    ...loose.map((one) => bad('rights', 2, `everybody may replace files in "${one}"`, `chmod o-w on "${one}"`)),
  ];
  return found.length > 0 ? found : [ok('rights', 'the database is for this user alone')];
}

/** 0 for what is not there. */
function modeOf(file: string): number {
  return fs.statSync(file, { throwIfNoEntry: false })?.mode ?? 0;
}

function checkSecretAndDatabase(options: Options, outside: Outside): Check[] {
  let store: Store | undefined;
  const checks: Check[] = [];
  try {
    store = openForReading(options.db, undefined);
    checks.push(...checkSecret(options), ...checkStore(store, options, outside));
  } catch (error) {
    checks.push(failed('database', error));
  } finally {
    store?.close();
  }
  return checks;
}

/** With the right secret, the database opens by it, too. */
function checkSecret(options: Options): Check[] {
  try {
    openForReading(options.db, openFingerprinter(options).canary()).close();
    const from = options.secret === undefined ? `in ${options.secretFile}` : 'in the environment';
    return [ok('secret', `the one ${from} is the one that the database was made with`)];
  } catch (error) {
    return [failed('secret', error)];
  }
}

function failed(name: string, error: unknown): Check {
  if (!(error instanceof LastcallError)) throw error;
  return bad(name, EXIT_CODE_OF_ERROR[error.code], error.message, error.hint);
}

function checkStore(store: Store, options: Options, outside: Outside): Check[] {
  const health = readHealth(store.db, store.file);
  const checks = [
    ok('database', `${options.db}: schema ${health.schema}, ${size(health.bytes)}, SQLite ${health.sqliteVersion}`),
    checkIntegrity(health),
  ];
  if (health.damage.length > 0) return checks;
  return [
    ...checks,
    checkLastRun(health, options),
    ...checkWitness(store, options),
    ...checkInputs(health),
    checkInventory(health),
    ...checkDeclaredInventories(store, options),
    ...checkHandoffs(store),
    ...withStock(store, options, [], (stock) => [
      ...checkSources(reportOnSources(store, stock, options, outside.version).sources, options),
      ...looseEnds(stock, options).map(({ file, message, hint }) =>
        bad('configuration', 2, `${file}: ${message}`, hint),
      ),
    ]),
  ];
}

function checkIntegrity({ damage }: Health): Check {
  const [first] = damage;
  if (first === undefined) return ok('integrity', 'every page and every reference is sound');
  const more = damage.length > 1 ? ` (and ${damage.length - 1} more)` : '';
  return bad('integrity', 5, `${first}${more}`, 'Restore a backup, and read the logs since then again.');
}

function checkLastRun({ lastRun }: Health, { now }: Options): Check {
  const again = 'Run it again: lastcall scan';
  if (lastRun === undefined) return bad('last run', 3, 'no logs were ever read', again);
  const { number, startedAt, version, state } = lastRun;
  const text = `run ${number} of ${new Date(startedAt).toISOString()} by lastcall ${version}`;
  if (state === 'running') return ok('last run', `${text} is under way`);
  if (state === 'died') return bad('last run', 3, `${text} did not end: until one does, silence proves nothing`, again);
  if (startedAt > now + HOUR_MS) {
    return bad('last run', 3, `${text} is in the future: the clock of this machine went back`, 'Set the clock right.');
  }
  const days = Math.floor((now - startedAt) / DAY_MS);
  if (days >= LATE_RUN_DAYS)
    return bad('last run', 3, `${text} is ${days} days ago`, 'Does the nightly job still run?');
  return ok('last run', `${text} ended`);
}

/** What lies beside the secret knows of runs that are not in the database. */
function checkWitness(store: Store, options: Options): Check[] {
  const lost = missingRuns(store, options);
  if (lost === undefined) return [];
  return [
    bad(
      'older copy',
      3,
      `an older copy of the database lies in its place, without ${lost.name}`,
      'Put the newer one back, or run again: what cannot be read once more stays a gap.',
    ),
  ];
}

const MOST_FAULTS = 20;

function checkInputs({ faults, exclusions }: Health): Check[] {
  const gone = exclusions.map(({ path: at, pattern, scan, trouble }) =>
    ok('inputs', `${at}: let go in run ${scan}, as "${pattern}" is excluded; it had said: ${trouble}`),
  );
  if (faults.length === 0) return [ok('inputs', 'all logs were read to their end'), ...gone];
  const hint =
    'Mend it and run again; what was lost for good blocks the days in question until they are past. A file that is no log: --exclude, or `exclude` in the configuration, lets it go.';
  const shown = faults.slice(0, MOST_FAULTS).map(({ path: at, detail }) => bad('inputs', 3, `${at}: ${detail}`, hint));
  const more = faults.length - shown.length;
  return [...shown, ...(more === 0 ? [] : [bad('inputs', 3, `and ${more} more`, undefined)]), ...gone];
}

function checkInventory({ inventoryAt }: Health): Check {
  if (inventoryAt !== undefined) return ok('inventory', `last read ${new Date(inventoryAt).toISOString()}`);
  return bad(
    'inventory',
    3,
    'no list of issued keys is stored: keys that nobody calls are not known',
    'lastcall keys import <file>',
  );
}

/** Lists that were left out, so that what they said before is in force. */
function checkDeclaredInventories(store: Store, options: Options): Check[] {
  try {
    const inventories = loadInventories(options, openFingerprinter(options));
    const { problems } = leaveOutShrunk(store, inventories, { accept: false });
    return problems.map(({ file, message, hint }) => bad('inventory', 3, `${file}: ${message}`, hint));
  } catch (error) {
    // What is wrong with the secret was said.
    return error instanceof LastcallError && error.code === 'secret' ? [] : [failed('inventory', error)];
  }
}

/** Steps that a person has to look at before anything goes on with the key. */
function checkHandoffs({ db }: Store): Check[] {
  return undecidedOf(readHandoffs(db)).map((one) =>
    bad('hand-off', 1, `nobody knows whether ${undecidedText(one)}`, UNDECIDED_HINT),
  );
}

function checkSources(sources: readonly SourceReport[], { policy, now }: Options): Check[] {
  const checks = sources.flatMap(({ source, state, lastAt, records, quarantined }) => {
    const share = quarantined / Math.max(1, records + quarantined);
    const isAhead = lastAt !== null && Date.parse(lastAt) > now + DAY_MS;
    return [
      ...(isAhead
        ? [
            bad(
              'sources',
              3,
              `"${source}" has records of ${lastAt}, which is yet to come`,
              'Either its clock or the clock of this machine is wrong.',
            ),
          ]
        : []),
      ...(state === 'silent'
        ? [
            bad(
              'sources',
              3,
              `"${source}" went silent: its last record is of ${lastAt ?? 'no day'}`,
              'Do its logs still arrive? If it is gone, declare it retired.',
            ),
          ]
        : []),
      ...(share > policy.quarantineShare
        ? [
            bad(
              'sources',
              3,
              `${plural(quarantined, 'record')} of "${source}" could not be read`,
              `See why: lastcall parse <log> | grep '"skip"'`,
            ),
          ]
        : []),
    ];
  });
  return checks.length > 0 ? checks : [ok('sources', `${plural(sources.length, 'source')}, none of them silent`)];
}
