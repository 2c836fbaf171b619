import type { Ledger } from '../engines/sqlite/ledger.ts';
import type { StreamIdentity, StreamRecord } from '../engines/sqlite/stream-record.ts';
import type { EpochMs, Skip, Usage } from '../model.ts';
import { addSkip, addUsage, type Counts, DAY_MS, type Defect, mergeTally, newTally, type Tally } from '../rollup.ts';
import { ContentHash, MarkChecker } from '../sources/identity.ts';
import type { LogFile } from '../sources/log-file.ts';
import { type CallHandler, type CallScan, scanCalls } from './call-scan.ts';
import type { Interpretation } from './interpret.ts';
import type { ReadingPlan } from './reading-plan.ts';

/** What was read in this run. */
export interface StreamTotals {
  records: number;
  /** Records that carry a key. */
  keyed: number;
  quarantined: number;
  skipped: number;
  duplicates: number;
  bytes: number;
}

/**
 * Reads one log from where reading stopped. What lies before the last safe point is settled; the rest (a line without
 * line end, a document that is still open) is counted for the time being and read again when the log has grown.
 */
export class StreamIngest implements CallHandler {
  readonly totals: StreamTotals = {
    records: 0,
    keyed: 0,
    quarantined: 0,
    skipped: 0,
    duplicates: 0,
    bytes: 0,
  };
  /** Offset from which the log is to be fed. */
  position = 0;
  /** Instant of the last record, by which a defect after it is placed in time. */
  lastAt: EpochMs | undefined;
  /** The first of the records that could not be read. */
  firstDefect: Defect | undefined;
  /** Where a document that is not closed ends; its records count for the time being. */
  openDocumentAt: number | undefined;

  readonly #log: LogFile;
  readonly #plan: ReadingPlan;
  readonly #how: Interpretation;
  readonly #ledger: Ledger;
  readonly #scan: number;
  readonly #dropsRepeats: boolean;
  #id: number | undefined;
  #hash = new ContentHash();
  /** Standard input may turn out to be a log that is known already. */
  #checker: MarkChecker<StreamRecord> | undefined;
  #callScan: CallScan | undefined;
  #settled: Tally = newTally();
  #open: Tally = newTally();
  /** End of the last record or defect: they must not overlap. */
  #accountedTo = 0;
  /** Bytes at the start of what is fed that the hash already holds. */
  #hashed = 0;
  #savedBytes = 0;
  #resumeAt: EpochMs | undefined;
  /** The header lines in force at the last safe point. */
  #header: string | undefined;

  constructor(log: LogFile, plan: ReadingPlan, how: Interpretation, store: { ledger: Ledger; scan: number }) {
    this.#log = log;
    this.#plan = plan;
    this.#how = how;
    this.#ledger = store.ledger;
    this.#scan = store.scan;
    this.#dropsRepeats = plan.format.redelivers === true || plan.fields.eventId !== undefined;
  }

  get path(): string {
    return this.#log.path;
  }

  /** Nothing of it was read in an earlier run. */
  get isNew(): boolean {
    return this.#id === undefined;
  }

  startNew(): void {
    this.#start(0);
  }

  resume(known: StreamRecord, hash: ContentHash): void {
    this.#id = known.id;
    this.#hash = hash;
    this.#hashed = known.readLength - known.position;
    this.lastAt = known.resumeAt;
    this.#resumeAt = known.resumeAt;
    this.#header = known.header;
    if (this.#plan.reader.table !== undefined) this.#plan.reader.table.header = known.header;
    this.#start(known.position);
  }

  /** Standard input cannot be read twice: what it shares with a known log is counted, then taken back. */
  startUnknown(candidates: readonly StreamRecord[]): void {
    this.#checker = new MarkChecker(candidates, (known) => {
      this.#id = known.id;
      this.#callScan?.drain(newTally(), this.#open);
      this.#settled = newTally();
      this.#clearTotals();
    });
    this.#hash = this.#checker.hash;
    this.#start(0);
  }

  /** Standard input ended before it could be told from a longer log that begins like it. */
  get longerKnown(): StreamRecord | undefined {
    return this.#id === undefined ? this.#checker?.next : undefined;
  }

  push(bytes: Buffer): void {
    this.totals.bytes += bytes.length;
    if (this.#checker !== undefined) {
      this.#pushChecked(bytes, this.#checker);
      return;
    }
    const known = Math.min(this.#hashed, bytes.length);
    this.#hashed -= known;
    this.#hash.update(bytes.subarray(known));
    this.#callScan?.push(bytes);
  }

  /** Not while it is open whether standard input is a log that is known: what was saved could not be taken back. */
  get canSave(): boolean {
    return this.#checker?.isDone !== false;
  }

  get bytesSinceSave(): number {
    return this.totals.bytes - this.#savedBytes;
  }

  takeBytesSinceSave(): number {
    const bytes = this.bytesSinceSave;
    this.#savedBytes = this.totals.bytes;
    return bytes;
  }

  /** Ends the log; returns the id of its stream. `isWhole`: it was read to its end. */
  finish(isWhole: boolean): number {
    if (isWhole) this.#callScan?.end();
    if (!this.#log.isFinal) this.#forgetOpenDefects();
    return this.#save(isWhole);
  }

  /** Records read so far: `totals` has those in groups only when they are saved. */
  get records(): number {
    return this.totals.records + (this.#callScan?.pending ?? 0);
  }

  /** How many rollups are held in memory, at most. */
  get rollupsInFlight(): number {
    return this.#settled.rollups.size + this.#open.rollups.size + (this.#callScan?.rollupsInFlight ?? 0);
  }

  close(): void {
    this.#callScan?.close();
  }

  /** Writes what is settled, and the state to go on from, into the open transaction. */
  save(): void {
    this.#save(false);
  }

  #save(isWhole: boolean): number {
    this.#drain();
    const identity = this.#identity(isWhole);
    if (this.#id === undefined) this.#id = this.#ledger.addStream(identity, this.#scan);
    else this.#ledger.moveStream(this.#id, identity, this.#scan);
    this.#ledger.addTally(this.#id, this.#settled, this.#open);
    this.#settled = newTally();
    return this.#id;
  }

  usage(usage: Usage, offset: number, length: number): void {
    if (this.isRepeated(usage, offset, length)) return;
    this.#account(offset, length);
    this.lastAt = usage.at;
    this.totals.records++;
    if (usage.keys.length > 0) this.totals.keyed++;
    addUsage(this.#open, usage, length);
  }

  isRepeated(usage: Pick<Usage, 'source' | 'eventId' | 'at'>, offset: number, length: number): boolean {
    const event = this.#eventKey(usage);
    if (event === undefined) return false;
    if (!this.#isKnown(event, usage.at)) {
      this.#open.eventIds.set(event, Math.floor(usage.at / DAY_MS));
      return false;
    }
    this.#account(offset, length);
    this.totals.duplicates++;
    this.#skip({ skip: 'duplicate', quarantined: false }, offset, length);
    return true;
  }

  makeRoom(): void {
    this.#drain();
  }

  skip(skip: Skip, offset: number, length: number): void {
    this.#account(offset, length);
    if (skip.quarantined) this.firstDefect ??= { offset, length, reason: skip.skip };
    if (skip.skip === 'truncated') this.openDocumentAt = offset + length;
    this.#skip(skip, offset, length);
  }

  safePoint(offset: number): void {
    this.#settle(offset);
  }

  #start(position: number): void {
    this.position = position;
    this.#accountedTo = position;
    this.#callScan = scanCalls(this.#plan, this.#how, position, this, this.#dropsRepeats);
  }

  #pushChecked(bytes: Buffer, checker: MarkChecker<StreamRecord>): void {
    let rest = bytes;
    while (rest.length > 0) {
      const piece = rest.subarray(0, Math.min(rest.length, checker.untilNext));
      this.#callScan?.push(piece);
      checker.update(piece);
      rest = rest.subarray(piece.length);
    }
  }

  #skip(skip: Skip, offset: number, length: number): void {
    this.totals[skip.quarantined ? 'quarantined' : 'skipped']++;
    addSkip(this.#open, { reason: skip.skip, offset, length }, skip.quarantined, this.#how.source, this.lastAt);
  }

  #drain(): void {
    const tallies = [this.#settled, this.#open] as const;
    const before = tallies.map(({ counts }) => ({ ...counts }));
    this.#callScan?.drain(...tallies);
    for (const [i, { counts }] of tallies.entries()) {
      this.totals.records += counts.records - (before[i] as Counts).records;
      this.totals.keyed += counts.keyed - (before[i] as Counts).keyed;
    }
  }

  #settle(offset: number): void {
    mergeTally(this.#settled, this.#open);
    this.#open = newTally();
    this.position = offset;
    this.#resumeAt = this.lastAt;
    this.#header = this.#plan.reader.table?.header;
  }

  /** The last line of a log that is being written is not malformed, only not written yet. */
  #forgetOpenDefects(): void {
    this.totals.quarantined -= this.#open.counts.quarantined;
    this.#open.counts.quarantined = 0;
    for (const hour of this.#open.hours.values()) hour.quarantined = 0;
  }

  /** An id that a provider gives is unique; one that the user mapped is so within its source. */
  #eventKey(usage: Pick<Usage, 'source' | 'eventId'>): string | undefined {
    if (!this.#dropsRepeats || usage.eventId === undefined) return undefined;
    return this.#plan.format.redelivers === true ? usage.eventId : `${usage.source}\0${usage.eventId}`;
  }

  #isKnown(event: string, at: EpochMs): boolean {
    if (this.#open.eventIds.has(event) || this.#settled.eventIds.has(event)) return true;
    return this.#ledger.hasEvent(event, at, this.#id ?? 0);
  }

  /** Conservation: no byte belongs to two records. A difference is a bug. */
  #account(offset: number, length: number): void {
    if (offset < this.#accountedTo) throw new Error(`${this.#log.path}: byte ${offset} was accounted for twice`);
    this.#accountedTo = offset + length;
  }

  /** The size is kept only when the log was read whole: it is the sign by which an unchanged file is passed over. */
  #identity(isWhole: boolean): StreamIdentity {
    const { place, stat } = this.#log;
    return {
      ...this.#hash.mark(),
      heads: this.#hash.heads(),
      source: this.#how.source,
      format: this.#plan.format.name,
      position: this.position,
      resumeAt: this.#resumeAt,
      header: this.#header,
      path: place,
      ...stat,
      size: isWhole ? stat.size : -1,
    };
  }

  #clearTotals(): void {
    for (const name of ['records', 'keyed', 'quarantined', 'skipped', 'duplicates'] as const) this.totals[name] = 0;
  }
}
