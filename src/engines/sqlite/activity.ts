import type {
  ByteAccount, DayNumber, EpochMs, Fault, KeyKind, SourceActivity, SourceDay, SourceDeclaration, SteadyCaller,
} from '../../model.ts'; // prettier-ignore
import { MOST_STEADY_CALLERS } from '../../verdicts/keyed-rhythm.ts';
import { BLOCK, blockRows } from './caller-blocks.ts';
import type { Connection } from './database.ts';
import { addCalls } from './day-block.ts';
import { recordsByHour } from './source-days.ts';

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
  const callersOf = callersIn(db);
  const known = new Map(totals.map((row) => [row.source, row]));
  const names = new Set([...known.keys(), ...declared.keys()]);
  return [...names]
    .toSorted()
    .map((source) => ({
      source,
      ...totalsOf(known.get(source)),
      days: joinRows(days.get(source) ?? []),
      ...callersOf(source),
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
  counted_bytes: number | null;
  quarantined_bytes: number;
  skipped_bytes: number;
  settled_bytes: number;
}

/** Of a record that is known to be no request; all other reasons are defects. */
const IS_SKIPPED = "reason IN ('blank', 'comment', 'header', 'duplicate', 'partial', 'not-a-request')";

const SOURCE_TOTALS = `
  WITH seen AS (
    SELECT source_id, sum(records) AS records, min(first_at) AS first_at, max(last_at) AS last_at
    FROM days GROUP BY source_id
  ), streamed AS (
    SELECT source_id, sum(quarantined + pending_quarantined) AS quarantined, sum(skipped) AS skipped, sum(read_length) AS bytes,
      sum(position) AS settled_bytes, CASE WHEN count(*) = count(counted_bytes) THEN sum(counted_bytes) END AS counted_bytes
    FROM streams GROUP BY source_id
  ), passed AS (
    SELECT source_id, sum(iif(${IS_SKIPPED}, 0, bytes)) AS quarantined_bytes, sum(iif(${IS_SKIPPED}, bytes, 0)) AS skipped_bytes
    FROM skips JOIN streams ON streams.id = stream_id GROUP BY source_id
  )
  SELECT name AS source, format, coalesce(records, 0) AS records, first_at, last_at,
    coalesce(quarantined, 0) AS quarantined, coalesce(skipped, 0) AS skipped, coalesce(bytes, 0) AS bytes,
    counted_bytes, coalesce(settled_bytes, 0) AS settled_bytes,
    coalesce(quarantined_bytes, 0) AS quarantined_bytes, coalesce(skipped_bytes, 0) AS skipped_bytes
  FROM sources LEFT JOIN seen ON seen.source_id = sources.id LEFT JOIN streamed ON streamed.source_id = sources.id
    LEFT JOIN passed ON passed.source_id = sources.id`;

function totalsOf(
  row: TotalsRow | undefined,
): Pick<SourceActivity, 'format' | 'firstAt' | 'lastAt' | 'records' | 'quarantined' | 'skipped' | 'bytes' | 'account'> {
  return {
    format: row?.format ?? '',
    firstAt: row?.first_at ?? undefined,
    lastAt: row?.last_at ?? undefined,
    records: row?.records ?? 0,
    quarantined: row?.quarantined ?? 0,
    skipped: row?.skipped ?? 0,
    bytes: row?.bytes ?? 0,
    ...accountOf(row),
  };
}

function accountOf(row: TotalsRow | undefined): { readonly account?: ByteAccount } {
  const { counted_bytes: counted = null, quarantined_bytes: quarantined = 0, skipped_bytes: skipped = 0 } = row ?? {};
  if (row === undefined || row.bytes === 0 || counted === null) return {};
  const structure = row.settled_bytes - counted - quarantined - skipped;
  return { account: { counted, quarantined, skipped, structure, pending: row.bytes - row.settled_bytes } };
}

interface DayRow {
  readonly source: string;
  readonly day: DayNumber;
  readonly records: number;
  readonly quarantined: number;
  readonly hours: Buffer;
}

const SOURCE_DAYS = `
  SELECT sources.name AS source, day, records, quarantined, hours
  FROM days JOIN sources ON sources.id = days.source_id ORDER BY source_id, day`;

/** One row a day: what is settled and what the tails of logs say. */
function joinRows(rows: readonly DayRow[]): SourceDay[] {
  const days: SourceDay[] = [];
  for (const { day, records, quarantined, hours } of rows) {
    const own = { day, records, quarantined, hours: recordsByHour(hours) };
    if (days.at(-1)?.day === day) days.push(addDays(days.pop()!, own));
    else days.push(own);
  }
  return days;
}

function addDays(a: SourceDay, b: SourceDay): SourceDay {
  return {
    day: a.day,
    records: a.records + b.records,
    quarantined: a.quarantined + b.quarantined,
    hours: (a.hours ?? []).map((records, hour) => records + (b.hours?.[hour] ?? 0)),
  };
}

/** The first callers of 10 days at least in the order of this index, so many a source. */
function firstCallers(index: 'callers_steady' | 'callers_newest', order: string): string {
  return `
    SELECT callers.id FROM callers INDEXED BY ${index} JOIN sources ON sources.id = source_id
    WHERE sources.name = ? AND days >= 10 ORDER BY ${order}, lot LIMIT ${MOST_STEADY_CALLERS}`;
}

/** The callers that called on the most days. Among equals the choice depends on names alone. */
const STEADY_CALLERS = firstCallers('callers_steady', 'days DESC');

/** Those whose first call is the latest. */
const NEWEST_CALLERS = firstCallers('callers_newest', 'first_used_day DESC');

function callersIn(db: Connection): (source: string) => Pick<SourceActivity, 'steadyCallers' | 'newestCallers'> {
  const newest = db.prepare<[string], { id: number }>(NEWEST_CALLERS);
  const steady = db.prepare<[string], { id: number }>(STEADY_CALLERS);
  const settled = db.prepare<unknown[], BlockRow>(
    `SELECT ${BLOCK} AS block, counts FROM rollups WHERE id BETWEEN ? AND ? ORDER BY id`,
  );
  const tails = db.prepare<unknown[], BlockRow>('SELECT block, counts FROM tails WHERE caller_id = ?');
  const callsOf = ({ id }: { id: number }): SteadyCaller => {
    const caller = { days: [], calls: [] };
    for (const { block, counts } of settled.all(...blockRows(id))) addCalls(block, counts, caller);
    const pending = tails.all(id);
    for (const { block, counts } of pending) addCalls(block, counts, caller);
    return pending.length === 0 ? caller : sumByDay(caller);
  };
  return (source) => {
    const ids = steady.all(source);
    const steadyCallers = ids.map(callsOf);
    if (ids.length < MOST_STEADY_CALLERS) return { steadyCallers };
    return { steadyCallers, newestCallers: newest.all(source).map(callsOf) };
  };
}

function sumByDay({ days, calls }: SteadyCaller): SteadyCaller {
  const sums = new Map<DayNumber, number>();
  for (const [index, day] of days.entries()) sums.set(day, (sums.get(day) ?? 0) + calls[index]!);
  const sorted = [...sums].toSorted(([a], [b]) => a - b);
  return { days: sorted.map(([day]) => day), calls: sorted.map(([, count]) => count) };
}

interface BlockRow {
  readonly block: number;
  readonly counts: Buffer;
}

/** What is settled, and what the tails of logs show. */
const KEY_KINDS = `
  SELECT name AS source, kind FROM source_kinds JOIN sources ON sources.id = source_id
  UNION
  SELECT sources.name, kind FROM tails
    JOIN callers ON callers.id = caller_id JOIN keys ON keys.id = key_id JOIN sources ON sources.id = source_id
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
