import type { Ledger } from '../engines/sqlite/ledger.ts';
import type { StreamIdentity, StreamRecord } from '../engines/sqlite/stream-record.ts';
import type { EventDigest } from '../tally/event-digests.ts';
import type { EpochMs } from '../model.ts';
import {
  addPossibleCalls,
  type Callers,
  DAY_MS,
  type Defect,
  newTally,
  placeDefects,
  type Tally,
  UNREADABLE,
} from '../tally/rollup.ts';
import { ContentHash, MarkChecker } from '../sources/identity.ts';
import { type LogFile, type LogHandle, tailBefore } from '../sources/log-file.ts';
import { type CallScan, scanCalls } from './call-scan.ts';
import {
  addToAccount, balance, balanceDocuments, balanceExactly, countLineEnds, type LineAccount,
} from './conservation.ts'; // prettier-ignore
import { Delivery } from './delivery.ts';
import { dropsRepeats, eventsOf } from './events.ts';
import type { Interpretation } from './interpret.ts';
import { keyFinder, listedAmong } from './key-search.ts';
import { unpackCalls } from './packed-calls.ts';
import { unpackTally } from './packed-tally.ts';
import type { ReadingPlan } from './reading-plan.ts';
import { type CountedLog, RecordCount, type RecordTotals, type Start } from './record-count.ts';
import type { Section } from './section.ts';
import type { WholeLog } from './whole-log.ts';

/** What was read in this run. */
export interface StreamTotals extends Readonly<RecordTotals> {
  readonly bytes: number;
}

const BEGINNING: Start = { position: 0, resumeAt: undefined, header: undefined };

/**
 * Reads one log from where reading stopped. What lies before the last safe point is settled; the rest (a line without
 * line end, a document that is still open) is counted for the time being and read again when the log has grown.
 */
export class StreamIngest {
  readonly #log: LogFile;
  readonly #plan: ReadingPlan;
  readonly #how: Interpretation;
  readonly #ledger: Ledger;
  readonly #scan: number;
  readonly #counted: CountedLog;
  #count: RecordCount;
  #id: number | undefined;
  #hash = new ContentHash();
  /** Standard input may turn out to be a log that is known already. */
  #checker: MarkChecker<StreamRecord> | undefined;
  /** Bytes at the start of what is fed that the hash already holds. */
  #hashed = 0;
  #bytes = 0;
  /** Read by threads, and not added yet. */
  bytesElsewhere = 0;
  /** Of those that were read, whatever became of the records. Undefined before that was checked. */
  bytesInRecords: number | undefined;
  #savedBytes = 0;
  /** What became of the bytes that are in the ledger. */
  readonly #account: LineAccount = { bytes: 0, accounted: 0, lines: 0, nulRuns: 0 };
  #startedAt = 0;
  readonly #delivery: Delivery | undefined;
  /** The log, if it was read elsewhere. */
  #whole: WholeLog | undefined;

  constructor(
    log: LogFile,
    plan: ReadingPlan,
    how: Interpretation,
    store: { ledger: Ledger; scan: number; hasDigests?: boolean | undefined },
  ) {
    this.#log = log;
    this.#plan = plan;
    this.#how = how;
    this.#ledger = store.ledger;
    this.#scan = store.scan;
    this.#delivery =
      store.hasDigests === true && plan.format.isDelivered === true ? new Delivery(plan.format.name) : undefined;
    const find = keyFinder(how);
    this.#counted = {
      path: log.path,
      source: how.source,
      eventOf: eventsOf(plan),
      isKnown: (event, day) => this.#ledger.hasEvent(event, day, this.#id ?? 0),
      header: () => plan.reader.table?.header,
      findKeys: (text) => listedAmong(find(text), this.#ledger),
    };
    this.#count = new RecordCount(this.#counted, BEGINNING);
  }

  get path(): string {
    return this.#log.path;
  }

  /** As they lie on disk. */
  get bytesRead(): number {
    return this.#count.scan === undefined ? this.#bytes + this.bytesElsewhere : this.#log.bytesRead();
  }

  get totals(): StreamTotals {
    return { ...this.#count.totals, bytes: this.#bytes };
  }

  /** Offset from which the log is to be fed. */
  get position(): number {
    return this.#count.position;
  }

  /** Up to where the bytes of the log are in its hash: from the position to there they are read once more. */
  get hashedTo(): number {
    return this.#hash.length;
  }

  get lastAt(): EpochMs | undefined {
    return this.#count.lastAt;
  }

  get firstDefect(): Defect | undefined {
    return this.#count.firstDefect;
  }

  get openDocumentAt(): number | undefined {
    return this.#count.openDocumentAt;
  }

  /** Which log of the database it goes on with. */
  get id(): number | undefined {
    return this.#id;
  }

  /** Its records mean the same wherever in the log reading begins, and whatever was counted before. */
  get isDivisible(): boolean {
    const { recordsPath, reader } = this.#plan;
    return (
      recordsPath === undefined &&
      reader.isOpen === undefined &&
      reader.table === undefined &&
      !dropsRepeats(this.#plan)
    );
  }

  resume(known: StreamRecord, hash: ContentHash): void {
    this.#id = known.id;
    this.#hash = hash;
    this.#hashed = known.readLength - known.position;
    if (this.#plan.reader.table !== undefined) this.#plan.reader.table.header = known.header;
    this.#count = new RecordCount(this.#counted, known);
    this.#startedAt = known.position;
  }

  /** Standard input cannot be read twice: what it shares with a known log is counted, then taken back. */
  startUnknown(candidates: readonly StreamRecord[]): void {
    this.#checker = new MarkChecker(candidates, (known) => {
      this.#id = known.id;
      this.#count.takeBack();
    });
    this.#hash = this.#checker.hash;
  }

  /** Standard input ended before it could be told from a longer log that begins like it. */
  get longerKnown(): StreamRecord | undefined {
    return this.#id === undefined ? this.#checker?.next : undefined;
  }

  push(bytes: Buffer): void {
    this.#bytes += bytes.length;
    if (this.#checker !== undefined) {
      this.#pushChecked(bytes, this.#checker);
      return;
    }
    const known = Math.min(this.#hashed, bytes.length);
    this.#hashed -= known;
    this.#hash.update(known === 0 ? bytes : bytes.subarray(known));
    this.#delivery?.update(bytes);
    this.#scanned().push(bytes);
  }

  /** Adds the next parts of the log, which were read elsewhere, and what was counted in groups there. `head`: its first bytes. */
  add(sections: readonly Section[], groups: Tally, head: Buffer): void {
    for (const section of sections) this.#addSection(section, head);
    this.#count.addGroups(groups);
    this.bytesElsewhere = 0;
    this.#hashed = this.hashedTo - this.position;
  }

  /** Takes a short log, which was read elsewhere whole. `callers`: those that its calls name. */
  addWhole(whole: WholeLog, callers: readonly Callers[]): void {
    const settled = unpackTally(whole.settled);
    this.#count.add({ ...whole, from: 0, firstDefect: undefined, possible: [] }, settled, unpackTally(whole.open));
    this.#count.header = whole.header;
    const takeEvent = (event: EventDigest, day: number): boolean => this.#ledger.takeEvent(event, day);
    unpackCalls(whole.calls, callers, (call) => this.#count.addLater(call, takeEvent));
    this.#bytes += whole.mark.readLength;
    this.#whole = whole;
  }

  #addSection(section: Section, head: Buffer): void {
    const { unplaced, bytes, hashed: length, crc } = section;
    const { lastAt } = this.#count;
    const settled = section.settled === undefined ? newTally() : unpackTally(section.settled);
    const open = section.open === undefined ? newTally() : unpackTally(section.open);
    if (lastAt !== undefined) {
      placeDefects(settled, this.#how.source, lastAt, unplaced.settled);
      placeDefects(open, this.#how.source, lastAt, unplaced.open);
    }
    this.#count.add(section, settled, open);
    this.#bytes += bytes;
    if (length > 0)
      this.#hash.extend({ length, crc, tail: tailBefore(this.#handle, this.#hash.length + length) }, head);
  }

  /** Not while it is open whether standard input is a log that is known: what was saved could not be taken back. */
  get canSave(): boolean {
    return this.#checker?.isDone !== false;
  }

  get bytesSinceSave(): number {
    return this.#bytes - this.#savedBytes;
  }

  takeBytesSinceSave(): number {
    const bytes = this.bytesSinceSave;
    this.#savedBytes = this.#bytes;
    return bytes;
  }

  /** Conservation: no byte of a log was lost on the way. To be asked when it was read whole, before it is finished. */
  async checkBytes(): Promise<void> {
    const { scan } = this.#count;
    scan?.end();
    // Of what was piped in and known before, what was counted first was taken back.
    if (this.#checker !== undefined && this.#id !== undefined) return;
    this.#count.drain();
    const account = { ...this.#account, bytes: this.#bytes };
    for (const { counts, skips } of [this.#count.settled, this.#count.open]) addToAccount(account, counts, skips);
    this.bytesInRecords = account.accounted;
    if (this.#plan.recordsPath !== undefined) {
      const mark = this.#startedAt === 0 ? this.#plan.byteOrderMark : 0;
      return balanceDocuments(this.path, account, (scan?.structureBytes ?? this.#whole?.structureBytes ?? 0) + mark);
    }
    // A pipe cannot be read again to count the line ends.
    if (balance(this.path, account) === 'balanced' || this.#checker !== undefined) return;
    balanceExactly(this.path, account, await countLineEnds(this.#log.bytes(this.#startedAt)));
  }

  /** Ends the log; returns the id of its stream. `isWhole`: it was read to its end. */
  finish(isWhole: boolean): number {
    // While a line may still be written on, it is looked at again in the next run, whether the log has changed or not.
    const isOpen = !this.#isFinal && this.#count.forgetOpenDefects();
    const id = this.#save(isWhole && !isOpen);
    if (isWhole && this.#startedAt === 0 && this.#delivery !== undefined && this.#bytes > 0) {
      const { sha256, digest } = this.#delivery.finish();
      this.#ledger.noteDelivered(id, { sha256: this.#whole?.sha256 ?? sha256, digest });
    }
    return id;
  }

  /** Nobody writes any more to a log that was left alone for a day. */
  get #isFinal(): boolean {
    const { isFinal, stat } = this.#log;
    return isFinal || (this.#ledger.startedAt(this.#scan) ?? 0) - Number(stat.modifiedNs) / 1e6 >= DAY_MS;
  }

  /** Records read so far: `totals` has those in groups only when they are saved. */
  get records(): number {
    return this.#count.totals.records + (this.#count.scan?.pending ?? 0);
  }

  /** What is held in memory, in rollups, at most. */
  get weight(): number {
    return this.#count.weight;
  }

  close(): void {
    this.#count.scan?.close();
  }

  /** Writes what is settled, and the state to go on from, into the open transaction. */
  save(): void {
    this.#save(false);
  }

  #save(isWhole: boolean): number {
    this.#count.drain();
    this.#addPossibleUses();
    const identity = this.#identity(isWhole);
    if (this.#id === undefined) this.#id = this.#ledger.addStream(identity, this.#scan);
    else this.#ledger.moveStream(this.#id, identity, this.#scan);
    const settled = this.#count.takeSettled();
    addToAccount(this.#account, settled.counts, settled.skips);
    this.#ledger.addTally(this.#id, settled, this.#count.open);
    return this.#id;
  }

  /** An unreadable record that holds a key may have been a call, at the time of the record before it. */
  #addPossibleUses(): void {
    const { possible, position, settled, open, lastAt } = this.#count;
    this.#count.possible = possible.filter(({ at }) => (at ?? lastAt) === undefined);
    for (const { offset, at = lastAt, keys: found } of possible) {
      const keys = listedAmong(found, this.#ledger);
      if (at === undefined || keys.length === 0) continue;
      const usage = {
        source: this.#how.source,
        keys,
        system: UNREADABLE,
        outcome: 'failed',
        issuer: undefined,
      } as const;
      addPossibleCalls(offset < position ? settled : open, usage, { calls: 1, firstAt: at, lastAt: at });
    }
  }

  /** Begun with the first bytes: a log may also be read elsewhere. */
  #scanned(): CallScan {
    this.#count.scan ??= scanCalls(this.#plan, this.#how, this.position, this.#count, dropsRepeats(this.#plan));
    return this.#count.scan;
  }

  #pushChecked(bytes: Buffer, checker: MarkChecker<StreamRecord>): void {
    let rest = bytes;
    while (rest.length > 0) {
      const piece = rest.subarray(0, Math.min(rest.length, checker.untilNext));
      this.#scanned().push(piece);
      checker.update(piece);
      rest = rest.subarray(piece.length);
    }
  }

  get #handle(): LogHandle {
    if (this.#log.handle === undefined) throw new Error('standard input has no handle');
    return this.#log.handle;
  }

  /** The size is kept only when the log was read whole: it is the sign by which an unchanged file is passed over. */
  #identity(isWhole: boolean): StreamIdentity {
    const { place, stat } = this.#log;
    return {
      ...(this.#whole?.mark ?? this.#hash.mark()),
      heads: this.#whole?.heads ?? this.#hash.heads(),
      source: this.#how.source,
      format: this.#plan.format.name,
      position: this.position,
      resumeAt: this.#count.resumeAt,
      header: this.#count.header,
      path: place,
      ...stat,
      size: isWhole ? stat.size : -1,
    };
  }
}
