import type { EpochMs } from '../../model.ts';
import { type Deliveries, type Digest, feedOf } from '../../verdicts/deliveries.ts';
import type { Connection } from './database.ts';

/** A log that was read whole: its SHA-256, and what it lists if it is a digest. */
export interface Delivered {
  readonly sha256: Buffer;
  readonly digest:
    | {
        readonly chain: string;
        readonly fromAt: EpochMs;
        readonly toAt: EpochMs;
        readonly previous: Buffer | undefined;
        readonly files: readonly ListedLog[];
      }
    | undefined;
}

export interface ListedLog {
  readonly sha256: Buffer;
  readonly name: string;
  readonly fromAt: EpochMs | undefined;
}

export function noteDelivered(db: Connection, stream: number, { sha256, digest }: Delivered): void {
  db.prepare('UPDATE streams SET sha256 = ? WHERE id = ?').run(sha256, stream);
  if (digest === undefined) return;
  const { chain, fromAt, toAt, previous, files } = digest;
  db.prepare('INSERT INTO digests VALUES (?, ?, ?, ?, ?)').run(stream, chain, fromAt, toAt, previous ?? null);
  const insert = db.prepare('INSERT OR IGNORE INTO digest_files VALUES (?, ?, ?, ?)');
  for (const file of files) insert.run(stream, file.sha256, file.name, file.fromAt ?? null);
}

const DIGESTS = `
  SELECT stream_id, chain, from_at, to_at, hex(previous) AS previous, hex(sha256) AS hash
  FROM digests JOIN streams ON streams.id = stream_id`;

/** A log that was read before digests were looked at has no hash: by its name it is not missing, nor proven to be whole. */
const LISTED = `
  SELECT digest_files.stream_id, digest_files.name, digest_files.from_at, sources.name AS source
  FROM digest_files LEFT JOIN streams ON streams.sha256 = digest_files.sha256
    LEFT JOIN sources ON sources.id = source_id`;

const LOGS = `
  SELECT path, sources.name AS source, sha256 IS NOT NULL AS is_hashed,
    EXISTS (SELECT 1 FROM digest_files WHERE digest_files.sha256 = streams.sha256) AS is_listed
  FROM streams JOIN sources ON sources.id = source_id WHERE streams.format = 'aws-cloudtrail' AND path <> ''`;

/** What digests say was delivered, and what of it was read. */
export function readDeliveries(db: Connection): Deliveries {
  const digests = db.prepare<[], DigestRow>(DIGESTS).all();
  if (digests.length === 0) return { digests: [], undigested: new Set() };
  const logs = db.prepare<[], LogRow>(LOGS).all();
  const unhashed = new Set(logs.filter((log) => log.is_hashed === 0).map(({ path }) => baseName(path)));
  const files = new Map<number, Digest['files'][number][]>();
  for (const { stream_id, name, from_at, source } of db.prepare<[], ListedRow>(LISTED).all()) {
    const state = source !== null ? 'read' : unhashed.has(baseName(name)) ? 'unproven' : 'missing';
    const file = { name, fromAt: from_at ?? undefined, source: source ?? undefined, state } as const;
    files.set(stream_id, [...(files.get(stream_id) ?? []), file]);
  }
  return {
    digests: digests.map(({ stream_id, chain, from_at, to_at, previous, hash }) => ({
      chain,
      fromAt: from_at,
      toAt: to_at,
      hash,
      previous: previous === '' ? undefined : previous,
      files: files.get(stream_id) ?? [],
    })),
    undigested: undigestedSources(logs),
  };
}

/** Sources with logs of a trail or region none of which is in a digest: other digests prove nothing of these. */
function undigestedSources(logs: readonly LogRow[]): ReadonlySet<string> {
  const listed = new Set(logs.filter((log) => log.is_listed === 1).map(({ path }) => feedOf(path)));
  return new Set(logs.filter(({ path }) => !listed.has(feedOf(path))).map(({ source }) => source));
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

interface DigestRow {
  readonly stream_id: number;
  readonly chain: string;
  readonly from_at: EpochMs;
  readonly to_at: EpochMs;
  readonly previous: string;
  readonly hash: string;
}

interface ListedRow {
  readonly stream_id: number;
  readonly name: string;
  readonly from_at: EpochMs | null;
  readonly source: string | null;
}

interface LogRow {
  readonly path: string;
  readonly source: string;
  readonly is_hashed: number;
  readonly is_listed: number;
}
