import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { readHandoffs } from '../engines/sqlite/handoff-ledger.ts';
import { readGlance } from '../engines/sqlite/glance.ts';
import {
  countFaults,
  hasReadSince,
  type LastRun,
  LATE_RUN_DAYS,
  listsInForce,
  readFaults,
  readLastRun,
} from '../engines/sqlite/health.ts';
import { openForReading } from '../engines/sqlite/store.ts';
import { type Connection, withStorageErrors } from '../engines/sqlite/database.ts';
import { newestFile } from '../dated-files.ts';
import type { ExitCode } from '../errors.ts';
import type { LedgerEntry } from '../handoff/steps.ts';
import { undecidedOf } from '../handoff/undecided.ts';
import type { Glance } from '../model.ts';
import type { Options } from '../options.ts';
import { type Outside, writeAs } from '../outside.ts';
import { renderStatus, renderStatusJson, type Staleness, type Status } from '../reporters/status.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const FAULTS_SHOWN = 2;

/** `lastcall status`: what the last scan found. Reads no log and judges no key, so it is quick however many there are. */
export async function showStatus(options: Options, outside: Outside): Promise<ExitCode> {
  const status = fs.existsSync(options.db) ? readStatus(options) : nothingStored(options);
  await writeAs(
    options,
    outside,
    (view) => renderStatus(status, view),
    () => renderStatusJson(status, outside.version),
  );
  return 0;
}

function nothingStored({ db, sources, now }: Options): Status {
  return {
    db,
    now,
    isStored: false,
    hasSources: sources.length > 0,
    glance: undefined,
    staleness: undefined,
    lastRun: undefined,
    faults: { count: 0, first: [] },
    leftOut: [],
    undecided: [],
  };
}

function readStatus(options: Options): Status {
  const { db: file } = options;
  const store = openForReading(file, undefined);
  try {
    return withStorageErrors(file, () => {
      const { db } = store;
      const glance = readGlance(db);
      const lastRun = readLastRun(db, file);
      const ledger = readHandoffs(db);
      const staleness = glance === undefined ? undefined : stalenessOf(db, glance, lastRun, options, ledger);
      return {
        ...nothingStored(options),
        isStored: true,
        glance,
        staleness,
        lastRun,
        faults: { count: countFaults(db), first: readFaults(db, FAULTS_SHOWN) },
        leftOut: leftOutLists(db, glance, options),
        undecided: undecidedOf(ledger),
      };
    });
  } finally {
    store.close();
  }
}

function stalenessOf(
  db: Connection,
  glance: Glance,
  lastRun: LastRun | undefined,
  options: Options,
  ledger: readonly LedgerEntry[],
): Staleness | undefined {
  const { config, inventories, now } = options;
  const at = Date.parse(glance.asOf);
  if (at > now + HOUR_MS) return 'ahead';
  if (now - at >= LATE_RUN_DAYS * DAY_MS) return 'old';
  if (lastRun?.state === 'died') return 'unended-run';
  if (hasReadSince(db, glance.scan)) return 'later-run';
  const declared = [...(config === undefined ? [] : [config]), ...inventories.map((one) => newestFile(one.path))];
  const isChanged = declared.map(changedAt).some((time) => time > at && time <= now);
  if (isChanged) return 'configuration';
  const isHandedOver = ledger.some((line) => line.kind !== 'plan' && line.kind !== 'call' && line.at >= at);
  return isHandedOver ? 'hand-off' : undefined;
}

/** Lists of keys that the last scan saw as they are now, and did not take, since they list far fewer keys than before. */
function leftOutLists(db: Connection, glance: Glance | undefined, { inventories }: Options): readonly string[] {
  if (glance === undefined) return [];
  const taken = new Map(listsInForce(db).map(({ file, sha256 }) => [file, sha256]));
  return inventories
    .map(({ path: file }) => file)
    .filter((file) => {
      const sha256 = taken.get(path.resolve(file));
      const wasSeen = changedAt(file) <= Date.parse(glance.asOf);
      return sha256 !== undefined && wasSeen && sha256 !== hashOf(file);
    });
}

/** Undefined for what is not there. */
function hashOf(file: string): string | undefined {
  try {
    return createHash('sha256').update(fs.readFileSync(file)).digest('hex');
  } catch {
    return undefined;
  }
}

/** 0 for what is not there or cannot be looked at. */
function changedAt(file: string): number {
  try {
    return fs.statSync(file).mtimeMs;
  } catch {
    return 0;
  }
}
