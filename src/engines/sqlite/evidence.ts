import type {
  Caller, CallerDay, DayNumber, EpochMs, Fault, KeyKind, KeyRef, SourceActivity, SourceDay, SourceDeclaration, Verdict,
} from '../../model.ts'; // prettier-ignore
import type { SeenKey } from '../../verdicts/evidence.ts';
import type { Connection } from './database.ts';

/** All keys that were seen, sorted by key. */
export function readSeenKeys(db: Connection): SeenKey[] {
  const seen: { id: number; key: SeenKey; callers: Mutable<Caller>[] }[] = [];
  for (const row of db.prepare<[], UseRow>(USES).iterate()) {
    let last = seen.at(-1);
    if (last?.id !== row.id) {
      const ref: KeyRef = { key: row.key, kind: row.kind, display: row.display };
      const callers: Mutable<Caller>[] = [];
      last = { id: row.id, key: { ref, callers }, callers };
      seen.push(last);
    }
    callerOf(row, last.callers).days.push(dayOf(row));
  }
  return seen.map(({ key }) => key).toSorted((a, b) => (a.ref.key < b.ref.key ? -1 : 1));
}

type Mutable<T extends Caller> = Omit<T, 'days'> & { days: CallerDay[] };

interface UseRow {
  id: number;
  key: string;
  kind: KeyRef['kind'];
  display: string;
  system: string;
  attribution: Caller['system']['attribution'];
  source: string;
  day: DayNumber;
  accepted: number;
  failed: number;
  refused: number;
  first_used_at: EpochMs | null;
  last_used_at: EpochMs | null;
  first_refused_at: EpochMs | null;
  last_refused_at: EpochMs | null;
}

/** In the order of the primary key, so that a key's callers and a caller's days come one after the other. */
const USES = `
  SELECT keys.id, keys.key, keys.kind, keys.display, systems.name AS system, systems.attribution,
    sources.name AS source, day, sum(accepted) AS accepted, sum(failed) AS failed, sum(refused) AS refused,
    min(first_used_at) AS first_used_at, max(last_used_at) AS last_used_at,
    min(first_refused_at) AS first_refused_at, max(last_refused_at) AS last_refused_at
  FROM rollups
    JOIN keys ON keys.id = rollups.key_id
    JOIN systems ON systems.id = rollups.system_id
    JOIN sources ON sources.id = rollups.source_id
  GROUP BY rollups.key_id, rollups.system_id, day, rollups.source_id
  ORDER BY rollups.key_id, rollups.system_id, day, rollups.source_id`;

function callerOf(row: UseRow, callers: Mutable<Caller>[]): Mutable<Caller> {
  const last = callers.at(-1);
  if (last?.system.name === row.system && last.system.attribution === row.attribution) return last;
  const caller = { system: { name: row.system, attribution: row.attribution }, days: [] };
  callers.push(caller);
  return caller;
}

function dayOf(row: UseRow): CallerDay {
  return {
    source: row.source,
    day: row.day,
    accepted: row.accepted,
    failed: row.failed,
    refused: row.refused,
    firstUsedAt: row.first_used_at ?? undefined,
    lastUsedAt: row.last_used_at ?? undefined,
    firstRefusedAt: row.first_refused_at ?? undefined,
    lastRefusedAt: row.last_refused_at ?? undefined,
  };
}

const UNDECLARED: SourceDeclaration = {
  deliveryLagDays: undefined,
  sampling: undefined,
  outages: [],
  carriesKeys: undefined,
};

/**
 * What was seen of each source that sent something, has a fault, or is declared. A fault that may hide calls of any
 * source stands with every source.
 */
export function readActivity(db: Connection, declared: ReadonlyMap<string, SourceDeclaration>): SourceActivity[] {
  const totals = db.prepare<[], TotalsRow>(SOURCE_TOTALS).all();
  const days = groupBy(db.prepare<[], DayRow>(SOURCE_DAYS).all(), (row) => row.source);
  const faults = groupBy(db.prepare<[], FaultRow>(FAULTS).all(), (row) => row.source ?? '');
  const kinds = groupBy(db.prepare<[], { source: string; kind: KeyKind }>(KEY_KINDS).all(), (row) => row.source);
  const callers = groupBy(db.prepare<[], CallerDayRow>(STEADY_CALLERS).all(), (row) => row.source);
  const known = new Map(totals.map((row) => [row.source, row]));
  const names = new Set([...known.keys(), ...declared.keys()]);
  return [...names]
    .toSorted()
    .map((source) => ({
      source,
      ...totalsOf(known.get(source)),
      days: (days.get(source) ?? []).map(({ day, records, quarantined }): SourceDay => ({ day, records, quarantined })),
      steadyCallers: callerDays(callers.get(source) ?? []),
      keyKinds: (kinds.get(source) ?? []).map(({ kind }) => kind),
      faults: [...(faults.get(source) ?? []), ...(faults.get('') ?? [])].map(faultOf),
      declared: declared.get(source) ?? UNDECLARED,
    }))
    .filter((one) => one.records + one.quarantined > 0 || one.faults.length > 0 || declared.has(one.source));
}

interface TotalsRow {
  source: string;
  format: string;
  records: number;
  first_at: EpochMs | null;
  last_at: EpochMs | null;
  quarantined: number;
  skipped: number;
  bytes: number;
}

const SOURCE_TOTALS = `
  WITH seen AS (
    SELECT source_id, sum(records) AS records, min(first_at) AS first_at, max(last_at) AS last_at
    FROM hours WHERE records > 0 GROUP BY source_id
  ), streamed AS (
    SELECT source_id, sum(quarantined + pending_quarantined) AS quarantined, sum(skipped) AS skipped, sum(read_length) AS bytes
    FROM streams GROUP BY source_id
  )
  SELECT name AS source, format, coalesce(records, 0) AS records, first_at, last_at,
    coalesce(quarantined, 0) AS quarantined, coalesce(skipped, 0) AS skipped, coalesce(bytes, 0) AS bytes
  FROM sources LEFT JOIN seen ON seen.source_id = sources.id LEFT JOIN streamed ON streamed.source_id = sources.id`;

function totalsOf(
  row: TotalsRow | undefined,
): Pick<SourceActivity, 'format' | 'firstAt' | 'lastAt' | 'records' | 'quarantined' | 'skipped' | 'bytes'> {
  return {
    format: row?.format ?? '',
    firstAt: row?.first_at ?? undefined,
    lastAt: row?.last_at ?? undefined,
    records: row?.records ?? 0,
    quarantined: row?.quarantined ?? 0,
    skipped: row?.skipped ?? 0,
    bytes: row?.bytes ?? 0,
  };
}

interface DayRow extends SourceDay {
  readonly source: string;
}

const SOURCE_DAYS = `
  SELECT sources.name AS source, hour / 24 AS day, sum(records) AS records, sum(quarantined) AS quarantined
  FROM hours JOIN sources ON sources.id = hours.source_id
  GROUP BY source_id, hour / 24 ORDER BY source_id, day`;

interface CallerDayRow {
  source: string;
  key_id: number;
  system_id: number;
  day: DayNumber;
  calls: number;
}

/** The callers used on the most days (28 at least), 100 a source. Ties are broken by name, so the choice is stable. */
const STEADY_CALLERS = `
  WITH spread AS (
    SELECT source_id, key_id, system_id,
      row_number() OVER (PARTITION BY source_id ORDER BY count(DISTINCT day) DESC, keys.key, systems.name) AS place
    FROM rollups JOIN keys ON keys.id = key_id JOIN systems ON systems.id = system_id
    GROUP BY source_id, key_id, system_id HAVING count(DISTINCT day) >= 28
  )
  SELECT sources.name AS source, rollups.key_id, rollups.system_id, day, sum(accepted + failed + refused) AS calls
  FROM spread
    JOIN rollups USING (key_id, system_id, source_id)
    JOIN sources ON sources.id = rollups.source_id
  WHERE place <= 100
  GROUP BY rollups.source_id, rollups.key_id, rollups.system_id, day
  ORDER BY rollups.source_id, place, day`;

function callerDays(rows: readonly CallerDayRow[]): SourceActivity['steadyCallers'] {
  const byCaller = groupBy(rows, (row) => `${row.key_id} ${row.system_id}`);
  return [...byCaller.values()].map((days) => ({ days: days.map(({ day, calls }) => [day, calls] as const) }));
}

const KEY_KINDS = `
  SELECT DISTINCT sources.name AS source, kind FROM rollups
    JOIN keys ON keys.id = rollups.key_id JOIN sources ON sources.id = rollups.source_id
  ORDER BY source, kind`;

interface FaultRow {
  source: string | null;
  path: string;
  reason: Fault['reason'];
  detail: string;
  from_at: EpochMs | null;
  to_at: EpochMs | null;
}

/**
 * What was noted while reading; logs that were read in part only, because the run was killed or the disk was full; and a
 * run that did not end, since nobody knows which logs it did not get to. A size of -1 marks a log not read to its end.
 */
const FAULTS = `
  SELECT sources.name AS source, path, reason, detail, from_at, to_at
    FROM faults LEFT JOIN sources ON sources.id = faults.source_id
  UNION ALL
  SELECT sources.name, path, 'unread-input', 'it was not read to its end', last_at, NULL
    FROM streams JOIN sources ON sources.id = streams.source_id
    WHERE size = -1 AND NOT EXISTS (SELECT 1 FROM faults WHERE stream_id = streams.id)
  UNION ALL
  SELECT NULL, 'run ' || max(id), 'unread-input', 'it has not ended, so logs may be unread', NULL, NULL
    FROM scans HAVING max(id) > coalesce(max(id) FILTER (WHERE finished_at IS NOT NULL), 0)
  ORDER BY path, reason, detail`;

function faultOf(row: FaultRow): Fault {
  return {
    reason: row.reason,
    detail: `${row.path}: ${row.detail}`,
    fromAt: row.from_at ?? undefined,
    toAt: row.to_at ?? undefined,
  };
}

export interface SessionUse {
  readonly issuer: string;
  readonly credentials: number;
  readonly requests: number;
  readonly lastUsedAt: EpochMs | undefined;
}

/** Session credentials by the role or user that they were issued to. */
export function readSessions(db: Connection): SessionUse[] {
  const rows = db.prepare<[], Omit<SessionUse, 'lastUsedAt'> & { last_at: number | null }>(SESSIONS).all();
  return rows.map(({ last_at, ...row }) => ({ ...row, lastUsedAt: last_at ?? undefined }));
}

const SESSIONS = `
  SELECT coalesce(issuer, 'unknown issuer') AS issuer, count(DISTINCT key_id) AS credentials,
    sum(accepted + failed + refused) AS requests, max(last_used_at) AS last_at
  FROM rollups JOIN keys ON keys.id = key_id
  WHERE kind = 'aws_sts_session_key' GROUP BY 1 ORDER BY 1`;

/** The verdict on each key before this scan. */
export function readEarlierVerdicts(db: Connection, scan: number): Map<string, Verdict> {
  const rows = db
    .prepare<[number], { key: string; verdict: Verdict }>(
      'SELECT key, verdict, max(scan_id) FROM verdicts WHERE scan_id < ? GROUP BY key',
    )
    .all(scan);
  return new Map(rows.map(({ key, verdict }) => [key, verdict]));
}

/** Keeps the verdicts that changed. */
export function recordVerdicts(
  db: Connection,
  scan: number,
  verdicts: readonly { key: string; verdict: Verdict }[],
): void {
  const earlier = readEarlierVerdicts(db, scan);
  const insert = db.prepare('INSERT OR REPLACE INTO verdicts VALUES (?, ?, ?)');
  for (const { key, verdict } of verdicts) if (earlier.get(key) !== verdict) insert.run(key, scan, verdict);
}

/** The newest finished scan; 0 when there is none. */
export function readLastScan(db: Connection): number {
  const row = db
    .prepare<[], { id: number | null }>('SELECT max(id) AS id FROM scans WHERE finished_at IS NOT NULL')
    .get();
  return row?.id ?? 0;
}

function groupBy<T>(rows: readonly T[], nameOf: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const name = nameOf(row);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [row]);
    else group.push(row);
  }
  return groups;
}
