import type { FaultPlace } from '../engines/sqlite/faults.ts';
import type { Ledger } from '../engines/sqlite/ledger.ts';
import type { Replaced, StreamRecord } from '../engines/sqlite/stream-record.ts';
import type { EpochMs, Fault } from '../model.ts';

/** What a run met. */
export interface Met {
  /** Logs that were elsewhere before. */
  readonly moved: ReadonlySet<number>;
  /** Places of logs that are, or were, elsewhere too. */
  readonly shared: readonly string[];
  /** Places of empty files. */
  readonly empty: readonly string[];
}

/** Logs that were replaced at their path and turned up nowhere else: they may have been written to after they were read. */
export function* lostTails(ledger: Ledger, scan: number, { moved, shared, empty }: Met): Iterable<[FaultPlace, Fault]> {
  for (const pair of ledger.replacedStreams(scan)) {
    if (!isRotatedOut(pair, moved)) yield [placeOf(pair.lost), lostTail(pair)];
    ledger.forgetPath(pair.lost.id);
  }
  // There is a log at its place, which goes by the name of another.
  const noticedAt = ledger.startedAt(scan);
  for (const lost of shared.flatMap((place) => ledger.streamsLostAt(place, scan))) {
    yield [placeOf(lost), lostTail({ lost, noticedAt })];
    ledger.forgetPath(lost.id);
  }
  // Until something is written there, the end of what was lost is not known.
  for (const lost of empty.flatMap((place) => ledger.streamsLostAt(place, scan)))
    yield [placeOf(lost), lostTail({ lost })];
}

/** Who writes to a log that was rotated may go on for as long. */
const QUIET_MS = 10 * 60_000;

/**
 * The oldest of the rotated logs goes, and the next one takes its place: what was read to its end when nobody had written
 * to it for a while, and when its successor had begun, had no more to come.
 */
export function isRotatedOut({ lost, next, seenAt }: Replaced, moved: ReadonlySet<number>): boolean {
  const isWhole = lost.size >= 0 && lost.position === lost.readLength;
  const isQuiet = seenAt - Number(lost.modifiedNs) / 1e6 >= QUIET_MS;
  return isWhole && isQuiet && moved.has(next.id) && isLater(next, lost);
}

function isLater(next: StreamRecord, lost: StreamRecord): boolean {
  if (next.firstAt === undefined || next.lastAt === undefined) return false;
  return next.firstAt > (lost.firstAt ?? Infinity) && next.lastAt > (lost.lastAt ?? Infinity);
}

function placeOf({ path, id, source }: StreamRecord): FaultPlace {
  return { path, stream: id, source, file: '' };
}

interface Tail {
  readonly lost: StreamRecord;
  readonly next?: StreamRecord;
  readonly noticedAt?: EpochMs | undefined;
}

/** `next` is undefined while there is only an empty file in its place. */
export function lostTail({ lost, next, noticedAt }: Tail): Fault {
  // A late record at the start of the next log does not say when that began.
  const isInOrder = lost.lastAt === undefined || (next?.firstAt ?? -Infinity) >= lost.lastAt;
  return {
    reason: 'rewritten-log',
    detail: `${lost.path} was replaced; what its predecessor held beyond byte ${lost.readLength} was not seen`,
    fromAt: lost.lastAt,
    toAt: isInOrder ? next?.firstAt : noticedAt,
  };
}
