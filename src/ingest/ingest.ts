import type { Readable } from 'node:stream';
import type { FaultPlace, Ledger, ScanTotals } from '../engines/sqlite/ledger.ts';
import type { StreamRecord } from '../engines/sqlite/stream-record.ts';
import { LastcallError } from '../errors.ts';
import type { Fault } from '../model.ts';
import { DamagedInput, UnreachableInput } from '../sources/decompress.ts';
import { HEAD_BYTES } from '../sources/identity.ts';
import { type LogFile, openLog, placeOf } from '../sources/log-file.ts';
import type { ObjectStore } from '../sources/object-store.ts';
import { STDIN } from '../sources/inputs.ts';
import type { Interpretation } from './interpret.ts';
import { availableFields, type FormatChoice, planReading, type ReadingPlan } from './reading-plan.ts';
import { knownAs, ReadAhead, sizeOf } from './read-ahead.ts';
import { candidatesFor, recognise } from './recognise.ts';
import { StreamIngest } from './stream-ingest.ts';

/** How a log is to be read, by its path. */
export interface LogSettings {
  /** Undefined: named after the format. */
  readonly source: string | undefined;
  readonly choice: FormatChoice;
  readonly interpretation: Omit<Interpretation, 'source'>;
}

export interface IngestContext {
  readonly ledger: Ledger;
  readonly scan: number;
  readonly settingsOf: (path: string) => LogSettings;
  readonly stdin: Readable;
  readonly objects?: ObjectStore;
  readonly onProgress: (progress: Progress) => void;
  readonly onFile: (file: FileRead) => void;
  /** Asked between chunks: stop at the next safe point. */
  readonly isInterrupted: () => boolean;
}

export interface Progress {
  readonly file: string;
  /** Of all files together, as they lie on disk. */
  readonly bytesRead: number;
  /** Undefined when standard input is among them. */
  readonly bytesTotal: number | undefined;
  readonly records: number;
}

/** A log of which something was read. */
export interface FileRead {
  readonly file: string;
  readonly format: string;
  readonly source: string;
  readonly records: number;
  readonly keyed: number;
}

/** Something that the user should mend; the rest of the run goes on. */
export interface Problem {
  readonly file: string;
  readonly message: string;
  readonly hint: string | undefined;
  /** Input stays unread because of it. */
  readonly isIncomplete: boolean;
}

export interface IngestResult extends ScanTotals {
  readonly duplicates: number;
  readonly problems: readonly Problem[];
  /** What was recognised: format by number of files. */
  readonly formats: ReadonlyMap<string, number>;
  readonly isInterrupted: boolean;
}

/**
 * Reads what is new in the logs into the ledger. Every log that cannot be read whole is a problem of its own, a fault
 * in the ledger, and no reason to stop. Throws for trouble with the database only.
 */
export async function ingest(files: readonly string[], context: IngestContext): Promise<IngestResult> {
  const run = new IngestRun(context, sizeOf(files, context.objects));
  try {
    const ahead = new ReadAhead(files, context.objects, context.ledger);
    for (const [index, file] of files.entries()) {
      if (context.isInterrupted()) break;
      ahead.from(index);
      await run.file(file);
    }
    await run.readDeferred();
    if (!context.isInterrupted()) run.noteLostTails();
    run.noteDoubtfulSources();
    run.commit();
  } catch (error) {
    context.ledger.rollback();
    throw error;
  }
  return run.result();
}

/**
 * A transaction is committed when it holds so much: a kill costs a second of reading, memory stays bounded, and callers
 * that are in all of a log are written a few times only.
 */
const COMMIT_BYTES = 256 * 1024 * 1024;
const COMMIT_ROLLUPS = 100_000;
const COMMIT_FILES = 256;

class IngestRun {
  readonly #context: IngestContext;
  readonly #problems: Problem[] = [];
  readonly #formats = new Map<string, number>();
  readonly #deferred: string[] = [];
  #isLastChance = false;
  #totals = { files: 0, records: 0, quarantined: 0, skipped: 0, duplicates: 0, bytes: 0 };
  readonly #bySource = new Map<string, { records: number; keyed: number; quarantined: number; plan: ReadingPlan }>();
  readonly #bytesTotal: number | undefined;
  #bytesDone = 0;
  #uncommittedBytes = 0;
  #uncommittedFiles = 0;

  constructor(context: IngestContext, bytesTotal: number | undefined) {
    this.#context = context;
    this.#bytesTotal = bytesTotal;
  }

  async file(path: string): Promise<void> {
    const { ledger, scan, stdin, objects } = this.#context;
    if (!ledger.inTransaction) ledger.begin();
    let log: LogFile;
    try {
      log = await openLog(path, stdin, objects);
    } catch (error) {
      const source = error instanceof UnreachableInput ? this.#context.settingsOf(path).source : undefined;
      this.#unread({ path: placeOf(path), stream: 0, source, file: '' }, { message: reasonOf(error) });
      return;
    }
    try {
      const known = knownAs(log.place, log.stat, ledger);
      if (known !== undefined) ledger.markSeen(known.id, scan);
      else await this.#read(log);
    } catch (error) {
      if (!(error instanceof UnreachableInput)) throw error;
      const { source } = this.#context.settingsOf(path);
      this.#unread(faultPlace(log, 0, source), { message: error.message });
    } finally {
      log.close();
      this.#bytesDone += log.stat.size;
    }
    if (++this.#uncommittedFiles >= COMMIT_FILES || this.#uncommittedBytes >= COMMIT_BYTES) this.commit();
  }

  /** Logs that were put off, now that all others were looked at. */
  async readDeferred(): Promise<void> {
    this.#isLastChance = true;
    for (const path of this.#deferred) if (!this.#context.isInterrupted()) await this.file(path);
  }

  /** A log that was replaced at its path and turned up nowhere else may have been written to after we last read it. */
  noteLostTails(): void {
    const { ledger, scan } = this.#context;
    if (!ledger.inTransaction) ledger.begin();
    for (const { lost, next } of ledger.replacedStreams(scan)) {
      const place = { path: lost.path, stream: lost.id, source: lost.source, file: '' };
      ledger.addFault(place, lostTail(lost, next), scan);
      ledger.forgetPath(lost.id);
      this.#problems.push({
        file: lost.path,
        message: 'this log was replaced since it was last read, and its predecessor is not among the logs',
        hint: 'Include rotated files, e.g. with a glob: what was written between the two is not covered.',
        isIncomplete: true,
      });
    }
  }

  /** Many unreadable records, and records without a single key, are the sign of a wrong format or field map. */
  noteDoubtfulSources(): void {
    for (const [source, { records, keyed, quarantined, plan }] of this.#bySource) {
      if (quarantined > (records + quarantined) * QUARANTINE_SHARE) {
        const message = `${quarantined} of ${records + quarantined} records could not be read: the days of these prove nothing`;
        this.#problems.push({ file: source, message, hint: 'See them: lastcall parse <log>', isIncomplete: true });
      }
      if (keyed > 0 || records === 0 || plan.format.name === 'aws-cloudtrail-digest') continue;
      const paths = [plan.fields.key, plan.fields.keyId].filter((path) => path !== undefined).join(' || ');
      this.#problems.push({
        file: source,
        message: `none of the ${records} records read carries a key${plan.format.limits === undefined ? '' : `. ${plan.format.limits}`}`,
        hint: `Looked at ${paths === '' ? 'query strings' : shorten(paths, 120)}. Fields there: ${shorten(availableFields(plan).join(', '), 600)}. Map the key: --field key=<path>.`,
        isIncomplete: false,
      });
    }
  }

  commit(): void {
    if (this.#context.ledger.inTransaction) this.#context.ledger.commit();
    this.#uncommittedBytes = 0;
    this.#uncommittedFiles = 0;
  }

  result(): IngestResult {
    const isInterrupted = this.#context.isInterrupted();
    return { ...this.#totals, problems: this.#problems, formats: this.#formats, isInterrupted };
  }

  async #read(log: LogFile): Promise<void> {
    const { ledger } = this.#context;
    const settings = this.#context.settingsOf(log.path);
    let head: Buffer;
    try {
      head = await log.peek(HEAD_BYTES);
    } catch (error) {
      this.#unread(faultPlace(log, 0, settings.source), { message: reasonOf(error) });
      return;
    }
    if (head.length === 0) {
      ledger.clearFaults(faultPlace(log, 0));
      return;
    }
    let plan: ReadingPlan;
    try {
      plan = planReading(head, settings.choice);
    } catch (error) {
      if (!(error instanceof LastcallError)) throw error;
      this.#unread(faultPlace(log, 0, settings.source), { message: error.message, hint: error.hint });
      return;
    }
    const source = settings.source ?? plan.format.name;
    await this.#readRecords(log, head, plan, { ...settings.interpretation, source });
  }

  async #readRecords(log: LogFile, head: Buffer, plan: ReadingPlan, how: Interpretation): Promise<void> {
    const { ledger, scan } = this.#context;
    const candidates = candidatesFor(head, log.place, ledger);
    const stream = new StreamIngest(log, plan, how, { ledger, scan });
    try {
      await this.#readStream(stream, log, plan, how, candidates);
    } finally {
      stream.close();
    }
  }

  async #readStream(
    stream: StreamIngest,
    log: LogFile,
    plan: ReadingPlan,
    how: Interpretation,
    candidates: readonly StreamRecord[],
  ): Promise<void> {
    const { ledger, stdin, objects } = this.#context;
    if (log.path === STDIN) stream.startUnknown(candidates);
    else {
      const recognition = await recognise(log, candidates, stdin, objects);
      if (recognition.is === 'rewritten') return this.#rewritten(log, recognition.stream);
      if (recognition.is === 'copy') return this.#copy(log, recognition.stream, recognition.isComplete);
      if (recognition.is === 'known') stream.resume(recognition.stream, recognition.hash);
      else stream.startNew();
    }
    const damage = await this.#pump(stream, log);
    const longer = stream.longerKnown;
    if (longer !== undefined) return this.#copy(log, longer, false);
    const id = stream.finish(damage === undefined);
    this.#count(how.source, plan, stream);
    const message = damage === undefined ? openDocument(stream) : reasonOf(damage);
    this.#noteDefects(log.path, stream);
    if (message === undefined) ledger.clearFaults(faultPlace(log, id));
    else this.#unread(faultPlace(log, id, how.source), { message, fromAt: stream.lastAt });
  }

  #count(source: string, plan: ReadingPlan, stream: StreamIngest): void {
    this.#totals.files++;
    const format = plan.format.name;
    this.#formats.set(format, (this.#formats.get(format) ?? 0) + 1);
    const { records, keyed } = stream.totals;
    this.#context.onFile({ file: stream.path, format, source, records, keyed });
    this.#uncommittedBytes += stream.takeBytesSinceSave();
    for (const name of ['records', 'quarantined', 'skipped', 'duplicates', 'bytes'] as const) {
      this.#totals[name] += stream.totals[name];
    }
    const known = this.#bySource.get(source) ?? { records: 0, keyed: 0, quarantined: 0, plan };
    known.records += records;
    known.keyed += keyed;
    known.quarantined += stream.totals.quarantined;
    this.#bySource.set(source, known);
  }

  /** Names the first record that could not be read. */
  #noteDefects(file: string, { totals, firstDefect }: StreamIngest): void {
    const { quarantined, records } = totals;
    if (quarantined === 0 || firstDefect === undefined) return;
    this.#problems.push({
      file,
      message: `${quarantined} of ${quarantined + records} records could not be read, the first at byte ${firstDefect.offset} (${firstDefect.reason})`,
      hint: undefined,
      isIncomplete: false,
    });
  }

  #copy(log: LogFile, known: StreamRecord, isComplete: boolean): void {
    const { ledger, scan } = this.#context;
    ledger.markSeen(known.id, scan);
    if (isComplete) ledger.clearFaults(faultPlace(log, 0));
    else {
      const message = 'it is not complete, and begins like a log that was read before';
      this.#unread(faultPlace(log, 0, known.source), { message, hint: 'It is read when it is complete.' });
    }
  }

  /** Feeds the log to the stream; returns what kept it from being read whole. */
  async #pump(stream: StreamIngest, log: LogFile): Promise<unknown> {
    try {
      for await (const bytes of log.bytes(stream.position)) {
        stream.push(bytes);
        this.#context.onProgress({
          file: log.path,
          bytesRead: this.#bytesDone + log.bytesRead(),
          bytesTotal: this.#bytesTotal,
          records: this.#totals.records + stream.records,
        });
        const isDue =
          this.#uncommittedBytes + stream.bytesSinceSave >= COMMIT_BYTES || stream.rollupsInFlight >= COMMIT_ROLLUPS;
        if (stream.canSave && isDue) {
          stream.save();
          stream.takeBytesSinceSave();
          this.commit();
          this.#context.ledger.begin();
        }
        if (this.#context.isInterrupted())
          return new DamagedInput('truncated', 'the run was interrupted', log.bytesRead());
      }
      return undefined;
    } catch (error) {
      if (error instanceof DamagedInput || error instanceof UnreachableInput || isFileError(error)) return error;
      throw error;
    }
  }

  /** When the known log turns up elsewhere, this is its successor and not the same log rewritten: wait for the others. */
  #rewritten({ path, place }: LogFile, known: StreamRecord): void {
    if (!this.#isLastChance) {
      this.#deferred.push(path);
      return;
    }
    const { ledger, scan } = this.#context;
    const message = `its content is not what was read before (up to byte ${known.readLength}): it was edited or cut`;
    const fault: Fault = { reason: 'rewritten-log', detail: message, fromAt: undefined, toAt: undefined };
    ledger.addFault({ path: place, stream: known.id, source: known.source, file: '' }, fault, scan);
    ledger.markSeen(known.id, scan);
    this.#problems.push({
      file: path,
      message,
      hint: 'Nothing of it was counted. Restore the log, or read it under another database.',
      isIncomplete: true,
    });
  }

  #unread(
    place: FaultPlace,
    { message, hint, fromAt }: { message: string; hint?: string | undefined; fromAt?: number | undefined },
  ): void {
    const fault: Fault = { reason: 'unread-input', detail: message, fromAt, toAt: undefined };
    this.#context.ledger.addFault(place, fault, this.#context.scan);
    this.#problems.push({ file: place.path, message, hint, isIncomplete: true });
  }
}

function faultPlace({ place, stat }: LogFile, stream: number, source?: string): FaultPlace {
  const file = stat.bornNs === '' ? '' : `${stat.device} ${stat.inode} ${stat.bornNs}`;
  return { path: place, stream, source, file };
}

function openDocument({ openDocumentAt }: StreamIngest): string | undefined {
  return openDocumentAt === undefined
    ? undefined
    : `its JSON document is not closed: it ends at byte ${openDocumentAt}`;
}

/** The share of unreadable records up to which a source counts as read; the policy of the verdicts has the same. */
const QUARANTINE_SHARE = 0.001;

function shorten(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)}...`;
}

function lostTail(lost: StreamRecord, next: StreamRecord): Fault {
  return {
    reason: 'rewritten-log',
    detail: `${lost.path} was replaced; what its predecessor held beyond byte ${lost.readLength} was not seen`,
    fromAt: lost.lastAt,
    toAt: next.firstAt,
  };
}

function isFileError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

function reasonOf(error: unknown): string {
  if (error instanceof UnreachableInput) return error.message;
  if (error instanceof DamagedInput) return `${error.message} at byte ${error.offset}`;
  if (isFileError(error)) return `it cannot be read (${(error as { code?: string }).code ?? 'error'})`;
  throw error;
}
