import type { EpochMs } from '../../model.ts';
import type { Head } from '../../sources/identity.ts';

/** What is remembered of a log to find it again by its bytes and to go on where reading stopped. */
export interface StreamRecord {
  readonly id: number;
  readonly source: string;
  readonly format: string;
  readonly headLength: number;
  readonly headHash: Buffer;
  /** Reading goes on here; everything before is counted. */
  readonly position: number;
  /** Instant of the last record before the position. */
  readonly resumeAt: EpochMs | undefined;
  /** The header lines in force at the position, of logs whose columns are named in them. */
  readonly header: string | undefined;
  /** Bytes that `crc` and `tailHash` vouch for; from `position` to here is the tail that may be read again. */
  readonly readLength: number;
  readonly crc: number;
  readonly tailHash: Buffer;
  readonly path: string;
  readonly device: string;
  readonly inode: string;
  readonly size: number;
  readonly modifiedNs: string;
  readonly changedNs: string;
  readonly records: number;
  readonly keyed: number;
  readonly firstAt: EpochMs | undefined;
  readonly lastAt: EpochMs | undefined;
  /** The newest scan that met it. */
  readonly seenScan: number;
}

export type StreamIdentity = Omit<StreamRecord, 'id' | 'records' | 'keyed' | 'firstAt' | 'lastAt' | 'seenScan'> & {
  readonly heads: readonly Head[];
};

/** A log that was not met in a scan, and what is at its path now. */
export interface Replaced<Stream = StreamRecord> {
  readonly lost: Stream;
  readonly next: Stream;
  /** When the scan began, and the one that met the lost log last. */
  readonly noticedAt: EpochMs;
  readonly seenAt: EpochMs;
}

/** A row of `streams` with the name of its source. */
export interface StreamRow {
  id: number;
  source: string;
  format: string;
  head_length: number;
  head_hash: Buffer;
  position: number;
  resume_at: number | null;
  header: string | null;
  read_length: number;
  crc: number;
  tail_hash: Buffer;
  path: string;
  device: string;
  inode: string;
  size: number;
  modified_ns: string;
  changed_ns: string;
  records: number;
  keyed: number;
  first_at: number | null;
  last_at: number | null;
  seen_scan: number;
}

const IDENTITY_COLUMNS = [
  'format', 'head_length', 'head_hash', 'position', 'resume_at', 'header', 'read_length', 'crc', 'tail_hash',
  'path', 'device', 'inode', 'size', 'modified_ns', 'changed_ns',
] as const; // prettier-ignore

export const INSERT_STREAM: string = `
  INSERT INTO streams (source_id, seen_scan, counted_bytes, ${IDENTITY_COLUMNS.join(', ')})
  VALUES (:source_id, :seen_scan, 0, ${IDENTITY_COLUMNS.map((name) => `:${name}`).join(', ')})`;

export const UPDATE_STREAM: string = `
  UPDATE streams SET seen_scan = :seen_scan, ${IDENTITY_COLUMNS.map((name) => `${name} = :${name}`).join(', ')}
  WHERE id = :id`;

export function streamOf(row: StreamRow): StreamRecord {
  return {
    id: row.id,
    source: row.source,
    format: row.format,
    headLength: row.head_length,
    headHash: row.head_hash,
    position: row.position,
    resumeAt: row.resume_at ?? undefined,
    header: row.header ?? undefined,
    readLength: row.read_length,
    crc: row.crc,
    tailHash: row.tail_hash,
    path: row.path,
    device: row.device,
    inode: row.inode,
    size: row.size,
    modifiedNs: row.modified_ns,
    changedNs: row.changed_ns,
    records: row.records,
    keyed: row.keyed,
    firstAt: row.first_at ?? undefined,
    lastAt: row.last_at ?? undefined,
    seenScan: row.seen_scan,
  };
}

/** What INSERT_STREAM and UPDATE_STREAM take. */
export function columnsOf(identity: StreamIdentity): Record<string, string | number | Buffer | null> {
  return {
    format: identity.format,
    head_length: identity.headLength,
    head_hash: identity.headHash,
    position: identity.position,
    resume_at: identity.resumeAt ?? null,
    header: identity.header ?? null,
    read_length: identity.readLength,
    crc: identity.crc,
    tail_hash: identity.tailHash,
    path: identity.path,
    device: identity.device,
    inode: identity.inode,
    size: identity.size,
    modified_ns: identity.modifiedNs,
    changed_ns: identity.changedNs,
  };
}
