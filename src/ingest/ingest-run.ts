import type { FaultPlace } from '../engines/sqlite/faults.ts';
import type { StreamRecord } from '../engines/sqlite/stream-record.ts';
import type { Fault } from '../model.ts';
import { DamagedInput, UnreachableInput } from '../sources/decompress.ts';
import { HEAD_BYTES } from '../sources/identity.ts';
import { STDIN } from '../sources/inputs.ts';
import { type LogFile, placeOf } from '../sources/log-file.ts';
import { collectSooner } from './heap.ts';
import type { IngestContext, IngestResult } from './context.ts';
import { type Interpretation, interpretationFor } from './interpret.ts';
import {
  CUT_COPY, faultPlace, isFileError, keysNotRead, openDocument, replaced, rewritten, sampled, type Unread, unreadable, whyUnread,
} from './log-faults.ts'; // prettier-ignore
import { LogOpener } from './log-opener.ts';
import { isNewAt, knownAs } from './read-ahead.ts';
import { lostTails } from './lost-tails.ts';
import { readSections } from './read-sections.ts';
import { planReading, type ReadingPlan } from './reading-plan.ts';
import { candidatesFor, recognise, startAlike } from './recognise.ts';
import { RunAccount } from './run-account.ts';
import { StreamIngest } from './stream-ingest.ts';
import { unreadKeys, unreadPlaces } from './unread-keys.ts';
import { isWhole, type Reading, WholeLogs, type WholeReading } from './whole-logs.ts';

/**
 * A transaction is committed when it holds so much: a kill costs some seconds of reading, memory stays bounded, and callers
 * that are in all of a log are written a few times only.
 */
const COMMIT_BYTES = 2 * 1024 * 1024 * 1024;
const COMMIT_WEIGHT = 200_000;
const COMMIT_FILES = 256;
/** Standard input may go on for days. */
const COMMIT_STDIN_MS = 5000;
/** Logs that are read side by side; each holds a tally of its own. */
const MAX_UNDER_WAY = 4;
/** Short ones, of which no more than the counts are held. */
const MAX_WHOLES = 6;

/** One run over logs. Its transaction is open while it works; the caller rolls it back after an error. */
export class IngestRun {
  readonly #context: IngestContext;
  readonly #account: RunAccount;
  /** Logs that threads read. The database hears of them in settle() and commitIfDue() only, which take turns. */
  readonly #underWay: (Reading | WholeReading)[] = [];
  readonly #wholes: WholeLogs;
  /** Streams that hold what is not saved. */
  readonly #unsaved = new Set<StreamIngest>();
  #part = Promise.withResolvers<void>();
  #isOver = false;
  readonly #opener: LogOpener;
  #next: string | undefined;
  #files = 0;
  readonly #deferred: string[] = [];
  readonly #met = { moved: new Set<number>(), shared: new Array<string>(), empty: new Array<string>() };
  #isLastChance = false;
  readonly #bytesTotal: number | undefined;
  #bytesDone = 0;
  #uncommittedBytes = 0;
  #uncommittedFiles = 0;
  #committedAt = performance.now();

  constructor(context: IngestContext, bytesTotal: number | undefined) {
    this.#context = context;
    this.#opener = new LogOpener(context);
    this.#wholes = new WholeLogs(context);
    this.#account = new RunAccount(context.quarantineShare);
    this.#bytesTotal = bytesTotal;
  }

  /** `next`: what is read after it, as far as is known. */
  async file(path: string, next?: string): Promise<void> {
    const order = ++this.#files;
    this.#account.order = order;
    this.#begin();
    this.#next = next;
    let log: LogFile;
    try {
      log = await this.#opener.open(path);
    } catch (error) {
      const source = error instanceof UnreachableInput ? this.#context.settingsOf(path).source : undefined;
      this.#unread({ path: placeOf(path), stream: 0, source, file: '' }, whyUnread(error));
      return;
    }
    const whole = this.#isLastChance ? undefined : this.#wholes.start(order, log, this.#bytesLeft);
    if (whole !== undefined) this.#underWay.push(whole);
    else {
      // What is read whole is compared with those before it when it is done.
      while (this.#underWay.some(isWhole)) await this.#settleFirst();
      const reading = await this.#start(log);
      if (reading?.sharedHead !== undefined) this.#underWay.push(reading);
      else if (reading !== undefined) await this.#settle(reading);
    }
    while (this.#underWay.length > (whole === undefined ? MAX_UNDER_WAY : MAX_WHOLES)) await this.#settleFirst();
    if (++this.#uncommittedFiles >= COMMIT_FILES || this.#uncommittedBytes >= COMMIT_BYTES) this.commit();
  }

  /** Begins to read a log. Undefined: there is nothing to be read of it now, and it is closed. */
  async #start(log: LogFile): Promise<Reading | undefined> {
    let reading: Reading | undefined;
    try {
      reading = await this.#read(log);
    } catch (error) {
      if (!(error instanceof UnreachableInput) && !isFileError(error)) throw error;
      const { source } = this.#context.settingsOf(log.path);
      this.#unread(faultPlace(log, 0, source), whyUnread(error));
    } finally {
      if (reading === undefined) this.#close(log);
    }
    return reading;
  }

  async settleAll(): Promise<void> {
    await this.#opener.forget();
    while (this.#underWay.length > 0) await this.#settleFirst();
  }

  /** After an error: nothing is being read any more. */
  async abandon(): Promise<void> {
    this.#isOver = true;
    await this.#opener.forget();
    await Promise.allSettled(this.#underWay.map(({ fed }) => fed));
    for (const { log } of this.#underWay) log.close();
  }

  /** Logs that were put off, now that all others were looked at. */
  async readDeferred(): Promise<void> {
    this.#isLastChance = true;
    for (const path of this.#deferred) if (!this.#context.isInterrupted()) await this.file(path);
    await this.settleAll();
  }

  /** A log that was replaced at its path and turned up nowhere else may have been written to after we last read it. */
  noteLostTails(): void {
    const { ledger, scan } = this.#context;
    this.#begin();
    this.#account.order = Infinity;
    for (const [place, fault] of lostTails(ledger, scan, this.#met)) {
      ledger.addFault(place, fault, scan);
      this.#account.note(replaced(place.path));
    }
  }

  noteDoubtfulSources(): void {
    this.#account.order = Infinity;
    this.#account.noteDoubtfulSources();
  }

  commit(): void {
    if (this.#context.ledger.inTransaction) this.#context.ledger.commit();
    this.#uncommittedBytes = 0;
    this.#uncommittedFiles = 0;
    this.#committedAt = performance.now();
  }

  result(): IngestResult {
    return { ...this.#account.result(), isInterrupted: this.#context.isInterrupted() };
  }

  #begin(): void {
    if (!this.#context.ledger.inTransaction) this.#context.ledger.begin();
  }

  /** Undefined: there is nothing to be read of it now. */
  async #read(log: LogFile): Promise<Reading | undefined> {
    const { ledger, scan, readers } = this.#context;
    const known = knownAs(log.place, log.stat, ledger);
    if (known !== undefined) {
      ledger.markSeen(known.id, scan);
      return undefined;
    }
    const settings = this.#context.settingsOf(log.path);
    let head: Buffer;
    try {
      head = await log.peek(HEAD_BYTES);
    } catch (error) {
      this.#unread(faultPlace(log, 0, settings.source), whyUnread(error));
      return undefined;
    }
    if (head.length === 0) {
      ledger.clearFaults(faultPlace(log, 0));
      this.#met.empty.push(log.place);
      return undefined;
    }
    const isLong = log.compression === 'none' && readers?.isWorthIt(log.stat.size, this.#bytesLeft) === true;
    if (isLong && isNewAt(log.place, log.stat, ledger)) readers.expect();
    let plan: ReadingPlan;
    try {
      plan = planReading(head, settings.choice);
    } catch (error) {
      this.#unread(faultPlace(log, 0, settings.source), whyUnread(error));
      return undefined;
    }
    return this.#readRecords(log, head, plan, interpretationFor(plan.format, settings));
  }

  async #readRecords(log: LogFile, head: Buffer, plan: ReadingPlan, how: Interpretation): Promise<Reading | undefined> {
    const { ledger, scan, stdin, objects, hasDigests } = this.#context;
    const candidates = await this.#candidatesFor(head, log.place);
    const stream = new StreamIngest(log, plan, how, { ledger, scan, hasDigests });
    if (log.path === STDIN) stream.startUnknown(candidates);
    else {
      const recognition = await recognise(log, candidates, stdin, objects);
      if (recognition.is === 'rewritten') return this.#rewritten(log, recognition.stream);
      if (recognition.is === 'copy') return this.#copy(log, recognition.stream, recognition.isComplete);
      if (recognition.is === 'known') {
        const { id, path, seenScan } = recognition.stream;
        if (path !== log.place) this.#met.shared.push(log.place);
        if (path !== log.place && path !== '' && seenScan !== scan) this.#met.moved.add(id);
        stream.resume(recognition.stream, recognition.hash);
      }
    }
    this.#unsaved.add(stream);
    this.#opener.prepare(this.#next);
    return {
      order: this.#account.order,
      log,
      stream,
      plan,
      how,
      unread: unreadPlaces(unreadKeys(plan, how, log.handle), ledger),
      ...this.#feed(stream, log, head),
    };
  }

  /** What is under way is not in the database yet: a log that may be the same, or a part of it, waits. */
  async #candidatesFor(head: Buffer, place: string): Promise<readonly StreamRecord[]> {
    for (;;) {
      const candidates = candidatesFor(head, place, this.#context.ledger);
      const isEntangled = this.#underWay.some((one) => {
        if (isWhole(one)) return false;
        const { sharedHead, stream } = one;
        const isAlike = sharedHead !== undefined && startAlike(sharedHead, head);
        return isAlike || candidates.some(({ id }) => id === stream.id);
      });
      if (!isEntangled) return candidates;
      await this.#settleFirst();
    }
  }

  #feed(stream: StreamIngest, log: LogFile, head: Buffer): Pick<Reading, 'sharedHead' | 'fed'> {
    const { readers } = this.#context;
    const { handle, compression, stat } = log;
    const isPlain = handle !== undefined && compression === 'none' && stream.isDivisible;
    const isWorthIt = readers?.isWorthIt(stat.size - stream.position, this.#bytesLeft);
    if (!isPlain || readers === undefined || isWorthIt !== true) {
      return { sharedHead: undefined, fed: this.#pump(stream, log) };
    }
    const readAlone = (): Promise<unknown> => this.#pump(stream, log);
    const fed = readSections({ handle, head, stream, readAlone }, readers, () => this.#isStopped(log));
    fed.catch(() => undefined);
    return { sharedHead: head, fed };
  }

  get #bytesLeft(): number {
    return this.#bytesTotal === undefined ? Infinity : this.#bytesTotal - this.#bytesDone;
  }

  /** Asked after each part of a log that threads read. */
  #isStopped(log: LogFile): boolean {
    this.#part.resolve();
    this.#part = Promise.withResolvers();
    this.#showProgress(log);
    return this.#isOver || this.#context.isInterrupted();
  }

  async #settleFirst(): Promise<void> {
    const [first] = this.#underWay;
    if (first === undefined) return;
    const { order } = this.#account;
    this.#account.order = first.order;
    const over = first.fed.then(() => true);
    while ((await Promise.race([over, this.#part.promise])) !== true) this.#commitIfDue();
    this.#underWay.shift();
    if (isWhole(first)) this.#begin();
    const reading = isWhole(first) ? ((await this.#wholes.finish(first)) ?? (await this.#start(first.log))) : first;
    if (reading !== undefined) await this.#settle(reading);
    if (isWhole(first)) this.#showProgress(first.log);
    this.#account.order = order;
  }

  /** Waits until a log is read to its end, and puts what it amounts to in the open transaction. */
  async #settle({ log, stream, plan, how, unread, fed }: Reading): Promise<void> {
    const { source } = how;
    const { ledger, scan } = this.#context;
    try {
      const damage = await fed;
      this.#begin();
      const longer = stream.longerKnown;
      if (longer !== undefined) return this.#copy(log, longer, false);
      // What nothing was read of cannot be recognised: it would pass for another log that was at its place.
      if (damage !== undefined && stream.hashedTo === 0) {
        return this.#unread(faultPlace(log, 0, source), whyUnread(damage));
      }
      if (damage === undefined) await stream.checkBytes();
      const id = stream.finish(damage === undefined);
      this.#count(how, plan, stream);
      const message = damage === undefined ? openDocument(stream) : whyUnread(damage).message;
      const { totals, firstDefect } = stream;
      if (totals.quarantined > 0 && firstDefect !== undefined)
        this.#account.note(unreadable(log.path, totals, firstDefect));
      if (message === undefined) ledger.clearFaults(faultPlace(log, id));
      else this.#unread(faultPlace(log, id, source), { message, fromAt: stream.lastAt });
      for (const [place, why] of keysNotRead(log, source, unread, stream.lastAt)) this.#unread(place, why);
      for (const [place, fault] of sampled(log, source, unread, stream.lastAt)) ledger.addFault(place, fault, scan);
    } finally {
      this.#unsaved.delete(stream);
      stream.close();
      this.#close(log);
    }
  }

  #close(log: LogFile): void {
    log.close();
    this.#bytesDone += log.stat.size;
  }

  /** Saves all that was read, and commits, when it is much. */
  #commitIfDue(isLate = false): void {
    const unsaved = [...this.#unsaved];
    const bytes = unsaved.reduce((sum, stream) => sum + stream.bytesSinceSave, this.#uncommittedBytes);
    const weight = unsaved.reduce((sum, stream) => sum + stream.weight, 0);
    if (weight >= COMMIT_WEIGHT / 4) collectSooner();
    if (!isLate && bytes < COMMIT_BYTES && weight < COMMIT_WEIGHT) return;
    this.#begin();
    for (const stream of unsaved) {
      if (!stream.canSave || stream.bytesSinceSave === 0) continue;
      stream.save();
      this.#uncommittedBytes += stream.takeBytesSinceSave();
    }
    if (this.#uncommittedBytes === 0) return;
    this.commit();
    this.#begin();
  }

  #count(how: Interpretation, plan: ReadingPlan, stream: StreamIngest): void {
    const { source } = how;
    const { records, keyed, bytes } = stream.totals;
    const file = { file: stream.path, format: plan.format.name, source, records, keyed };
    this.#context.onFile({ ...file, bytes, bytesInRecords: stream.bytesInRecords });
    this.#uncommittedBytes += stream.takeBytesSinceSave();
    this.#account.add(how, plan, stream.totals);
  }

  #copy(log: LogFile, known: StreamRecord, isComplete: boolean): undefined {
    const { ledger, scan } = this.#context;
    ledger.markSeen(known.id, scan);
    if (isComplete) this.#met.shared.push(log.place);
    if (isComplete) ledger.clearFaults(faultPlace(log, 0));
    else this.#unread(faultPlace(log, 0, known.source), CUT_COPY);
  }

  /** Feeds the log to the stream; returns what kept it from being read whole. */
  async #pump(stream: StreamIngest, log: LogFile): Promise<unknown> {
    try {
      for await (const bytes of log.bytes(stream.position)) {
        stream.push(bytes);
        this.#showProgress(log);
        this.#commitIfDue(log.path === STDIN && performance.now() - this.#committedAt > COMMIT_STDIN_MS);
        // What is on its way through a pipe cannot be read again: the process closes it a little later.
        if (log.path !== STDIN && this.#context.isInterrupted())
          return new DamagedInput('truncated', 'the run was interrupted', log.bytesRead());
      }
      return undefined;
    } catch (error) {
      if (error instanceof DamagedInput || error instanceof UnreachableInput || isFileError(error)) return error;
      throw error;
    }
  }

  #showProgress({ path }: LogFile): void {
    let bytesRead = this.#bytesDone;
    let { records } = this.#account;
    for (const stream of this.#unsaved) {
      bytesRead += stream.bytesRead;
      records += stream.records;
    }
    this.#context.onProgress({ file: path, bytesRead, bytesTotal: this.#bytesTotal, records });
  }

  /** When the known log turns up elsewhere, this is its successor and not the same log rewritten: wait for the others. */
  #rewritten({ path, place }: LogFile, known: StreamRecord): undefined {
    if (!this.#isLastChance) {
      this.#deferred.push(path);
      return;
    }
    const { ledger, scan } = this.#context;
    const { message, hint } = rewritten(known);
    const fault: Fault = { reason: 'rewritten-log', detail: message, fromAt: undefined, toAt: undefined };
    ledger.addFault({ path: place, stream: known.id, source: known.source, file: '' }, fault, scan);
    ledger.markSeen(known.id, scan);
    this.#account.note({ file: path, message, hint, isIncomplete: true });
  }

  #unread(place: FaultPlace, { message, hint, fromAt, toAt }: Unread): void {
    const fault: Fault = { reason: 'unread-input', detail: message, fromAt, toAt };
    this.#context.ledger.addFault(place, fault, this.#context.scan);
    this.#account.note({ file: place.path, message, hint, isIncomplete: true });
  }
}
