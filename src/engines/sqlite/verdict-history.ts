import { LastcallError } from '../../errors.ts';
import type { EarlierSource, EpochMs, FindingKind, Verdict } from '../../model.ts';
import { dayOf, isoDay } from '../../verdicts/calendar.ts';
import type { EarlierVerdict } from '../../verdicts/changes.ts';
import type { Connection } from './database.ts';

const EARLIER = 'SELECT verdict, findings FROM verdicts WHERE key = ? AND scan_id <= ? ORDER BY scan_id DESC LIMIT 1';

const WITHDRAWN = `
  SELECT (
    SELECT started_at FROM verdicts AS next JOIN scans ON scans.id = next.scan_id
    WHERE next.key = safe.key AND next.scan_id > safe.scan_id ORDER BY next.scan_id LIMIT 1
  ) AS at
  FROM verdicts AS safe JOIN scans ON scans.id = safe.scan_id
  WHERE safe.key = ? AND verdict = 'safe' AND started_at <= ? ORDER BY safe.scan_id DESC LIMIT 1`;

/**
 * When a scan took back the last `safe` on a key, looked up: `asOf` if none has done so yet. Undefined: nothing said
 * before that the key is safe.
 */
export function withdrawals(db: Connection, asOf: EpochMs): (key: string) => EpochMs | undefined {
  const isEmpty = db.prepare('SELECT 1 FROM verdicts LIMIT 1').get() === undefined;
  if (isEmpty) return () => undefined;
  const statement = db.prepare<[string, EpochMs], { at: EpochMs | null }>(WITHDRAWN);
  return (key) => {
    const withdrawn = statement.get(key, asOf);
    return withdrawn === undefined ? undefined : (withdrawn.at ?? asOf);
  };
}

/** Keeps the verdicts that changed, or whose findings did. */
export function recordVerdicts(
  db: Connection,
  scan: number,
  verdicts: Iterable<{ key: string; verdict: Verdict; findings: readonly FindingKind[] }>,
): void {
  const earlier = db.prepare<[string, number], VerdictRow>(EARLIER);
  const insert = db.prepare('INSERT OR REPLACE INTO verdicts VALUES (?, ?, ?, ?)');
  for (const { key, verdict, findings } of verdicts) {
    const known = earlier.get(key, scan - 1);
    const found = findings.join(' ');
    if (known?.verdict !== verdict || known.findings !== found) insert.run(key, scan, verdict, found);
  }
}

interface VerdictRow {
  readonly verdict: Verdict;
  readonly findings: string;
}

/** Keeps what an audit said of the sources, beside the verdicts. */
export function recordAudit(db: Connection, scan: number, asOf: EpochMs, sources: readonly EarlierSource[]): void {
  const text = JSON.stringify(sources);
  const known = db
    .prepare<[number], string>(SOURCES)
    .pluck()
    .get(scan - 1);
  db.prepare('INSERT OR REPLACE INTO audits VALUES (?, ?, ?)').run(scan, asOf, known === text ? null : text);
}

const SOURCES = 'SELECT sources FROM audits WHERE scan_id <= ? AND sources IS NOT NULL ORDER BY scan_id DESC LIMIT 1';

/** An audit to compare with: the newest of that scan or before, of that time or before, or of any scan before this one. */
export type AuditChoice = { readonly scan: number } | { readonly at: EpochMs } | 'last';

export interface EarlierAudit {
  readonly scan: number;
  readonly asOf: EpochMs;
  readonly sources: readonly EarlierSource[];
  readonly verdictOn: (key: string) => EarlierVerdict | undefined;
}

/** Before the first audit, nothing was said of anything. */
const NO_AUDIT: EarlierAudit = { scan: 0, asOf: 0, sources: [], verdictOn: () => undefined };

/**
 * What an earlier audit said. Throws `usage` when there is none, or no such scan, but for `last`: to the first audit of
 * all, everything is new. `current`: the scan that is reported on.
 */
export function readAudit(db: Connection, choice: AuditChoice, current: number): EarlierAudit {
  const [scan, at] =
    choice === 'last' ? [current - 1, null] : 'scan' in choice ? [choice.scan, null] : [null, choice.at];
  const found = db.prepare<unknown[], AuditRow>(AUDIT).get({ scan, at });
  if (found === undefined || (scan ?? 0) > lastScan(db)) {
    if (choice === 'last') return NO_AUDIT;
    throw noAudit(db, choice);
  }
  const verdicts = db.prepare<[string, number], VerdictRow>(EARLIER);
  return {
    scan: found.scan_id,
    asOf: found.as_of,
    sources: JSON.parse(db.prepare<[number], string>(SOURCES).pluck().get(found.scan_id) ?? '[]') as EarlierSource[],
    verdictOn: (key) => {
      const row = verdicts.get(key, found.scan_id);
      if (row === undefined) return undefined;
      return { verdict: row.verdict, findings: row.findings.split(' ').filter(isText) as FindingKind[] };
    },
  };
}

interface AuditRow {
  readonly scan_id: number;
  readonly as_of: EpochMs;
}

const AUDIT = `
  SELECT scan_id, as_of FROM audits WHERE (:scan IS NULL OR scan_id <= :scan) AND (:at IS NULL OR as_of <= :at)
  ORDER BY scan_id DESC LIMIT 1`;

function lastScan(db: Connection): number {
  return db.prepare<[], number | null>('SELECT max(id) FROM scans').pluck().get() ?? 0;
}

function noAudit(db: Connection, choice: Exclude<AuditChoice, 'last'>): LastcallError {
  const audits = 'SELECT scan_id, as_of FROM audits ORDER BY scan_id';
  const [first, last] = [audits, `${audits} DESC`].map((sql) => db.prepare<[], AuditRow>(`${sql} LIMIT 1`).get());
  const hint =
    first === undefined || last === undefined
      ? 'Each run of lastcall scan stores what it found.'
      : `Stored are those of ${scanText(first)}${first.scan_id === last.scan_id ? '' : ` to ${scanText(last)}`}.`;
  const isToCome = 'scan' in choice && choice.scan > lastScan(db);
  const wanted = 'scan' in choice ? `scan ${choice.scan}` : isoDay(dayOf(choice.at));
  const message = isToCome ? `there is no ${wanted}` : `no verdicts of ${wanted} or before are stored`;
  return new LastcallError('usage', `--since: ${message}`, { hint });
}

function scanText({ scan_id: scan, as_of: asOf }: AuditRow): string {
  return `scan ${scan} (${isoDay(dayOf(asOf))})`;
}

function isText(text: string): boolean {
  return text !== '';
}

/** Since when a key has been safe, by the scans, and when one of them last said that it is not. */
export interface SafeTime {
  readonly since: EpochMs;
  readonly unsafeAt: EpochMs | undefined;
}

/** The keys that the last scan that knew them called safe. */
export function safeTimes(db: Connection): ReadonlyMap<string, SafeTime> {
  const rows = db.prepare<[], { key: string; since: EpochMs; unsafeAt: EpochMs | null }>(SAFE_TIMES).all();
  return new Map(rows.map(({ key, since, unsafeAt }) => [key, { since, unsafeAt: unsafeAt ?? undefined }]));
}

const SAFE_TIMES = `
  SELECT safe.key, min(scans.started_at) AS since, max(other.started_at) AS unsafeAt
  FROM verdicts AS safe JOIN scans ON scans.id = safe.scan_id
  LEFT JOIN scans AS other ON other.id = (SELECT max(scan_id) FROM verdicts WHERE key = safe.key AND verdict <> 'safe')
  WHERE safe.verdict = 'safe' AND safe.scan_id > coalesce(other.id, 0) GROUP BY safe.key`;

/** When keys were judged for the first time. */
export function firstJudgedAt(db: Connection): EpochMs | undefined {
  const sql = 'SELECT min(started_at) FROM audits JOIN scans ON id = scan_id';
  return db.prepare<[], EpochMs | null>(sql).pluck().get() ?? undefined;
}

/** When a scan ended; undefined: there is no such scan, or it has not ended. */
export function scanEndedAt(db: Connection, scan: number): EpochMs | undefined {
  const row = db
    .prepare<[number], { at: EpochMs | null }>('SELECT finished_at AS at FROM scans WHERE id = ?')
    .get(scan);
  return row?.at ?? undefined;
}

/** The latest time at which a run wrote to the database. */
export function lastWrittenAt(db: Connection): EpochMs {
  const row = db
    .prepare<[], { at: EpochMs | null }>(
      `SELECT max(at) AS at FROM (
         SELECT max(started_at) AS at FROM scans UNION ALL SELECT max(finished_at) FROM scans
         UNION ALL SELECT max(at) FROM handoff_ledger)`,
    )
    .get();
  return row?.at ?? 0;
}

/** The newest finished scan; 0 when there is none. */
export function readLastScan(db: Connection): number {
  const row = db
    .prepare<[], { id: number | null }>('SELECT max(id) AS id FROM scans WHERE finished_at IS NOT NULL')
    .get();
  return row?.id ?? 0;
}

/** When the last two runs began. */
export function readLastRuns(db: Connection): readonly EpochMs[] {
  return db.prepare<[], EpochMs>('SELECT started_at FROM scans ORDER BY id DESC LIMIT 2').pluck().all();
}
