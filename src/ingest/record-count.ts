import type { EventDigest } from '../tally/event-digests.ts';
import type { EpochMs, KeyRef, Skip, Usage } from '../model.ts';
import {
  addCall,
  addSkip,
  addUsage,
  type Counts,
  DAY_MS,
  type Defect,
  mergeTally,
  newTally,
  type Tally,
} from '../tally/rollup.ts';
import type { CallHandler, CallScan, CountedCall, TakeCall } from './call-scan.ts';
import type { CallPacker, PackedCall } from './packed-calls.ts';

/** What became of records. */
export interface RecordTotals {
  records: number;
  /** Records that carry a key. */
  keyed: number;
  quarantined: number;
  skipped: number;
  duplicates: number;
}

/** Which log is counted, and what was counted of it and others before. */
export interface CountedLog {
  readonly path: string;
  readonly source: string;
  /** By what an event is known that must not count twice; undefined: it has nothing of the kind. */
  readonly eventOf: (call: CountedCall) => EventDigest | undefined;
  readonly isKnown: (event: EventDigest, day: number) => boolean;
  /** The header lines in force where reading stands. */
  readonly header: () => string | undefined;
  /** Keys that the text of an unreadable record may hold. */
  readonly findKeys: (text: string) => readonly KeyRef[];
  /** Takes the calls that have an event: whether it was counted before is found out elsewhere. */
  readonly later?: CallPacker | undefined;
}

/** Keys in a record that cannot be read. */
export interface PossibleUse {
  readonly offset: number;
  /** Instant of the record before it, if there is one. */
  readonly at: EpochMs | undefined;
  readonly keys: readonly KeyRef[];
}

/** Where reading goes on, and what was in force there. */
export interface Start {
  readonly position: number;
  readonly resumeAt: EpochMs | undefined;
  readonly header: string | undefined;
}

/** What was counted of a stretch that begins at `from`. */
export interface CountedSection {
  readonly from: number;
  readonly position: number;
  readonly totals: RecordTotals;
  readonly firstDefect: Defect | undefined;
  readonly lastAt: EpochMs | undefined;
  readonly resumeAt: EpochMs | undefined;
  readonly possible: readonly PossibleUse[];
}

/** To search unreadable records for keys costs more than to read good ones: where most are unreadable, it ends with these. */
const MAX_SEARCHED = 20_000;

/** Counts the records of a stretch of a log, in their order. What lies before the last safe point is settled. */
export class RecordCount implements CallHandler {
  totals: RecordTotals = noTotals();
  /** Everything before it is settled. */
  position: number;
  /** Instant of the last record, by which a defect after it is placed in time, and the same at the last safe point. */
  lastAt: EpochMs | undefined;
  resumeAt: EpochMs | undefined;
  /** The header lines in force at the last safe point. */
  header: string | undefined;
  /** The first of the records that could not be read. */
  firstDefect: Defect | undefined;
  /** Where a document that is not closed ends; its records count for the time being. */
  openDocumentAt: number | undefined;
  /** What hands records over here, or counts them in groups until it is drained. */
  scan: CallScan | undefined;
  /** In unreadable records; taken from here by whoever knows which keys there are. */
  possible: PossibleUse[] = [];
  settled: Tally = newTally();
  open: Tally = newTally();
  /** Defects before the first record: what lies before this stretch places them in time. Settled ones, and the others. */
  unplaced = { settled: 0, open: 0 };

  readonly later: TakeCall | undefined;
  readonly #log: CountedLog;
  #searched = 0;
  /** End of the last record or defect: they must not overlap. */
  #accountedTo: number;

  constructor(log: CountedLog, { position, resumeAt, header }: Start) {
    this.#log = log;
    this.position = position;
    this.#accountedTo = position;
    this.lastAt = resumeAt;
    this.resumeAt = resumeAt;
    this.header = header;
    const { later } = log;
    if (later !== undefined)
      this.later = (callers, outcome, event, at, offset, length) => {
        this.#account(offset, length);
        later.add(callers, outcome, event, at, offset, length);
      };
  }

  usage(usage: Usage, offset: number, length: number): void {
    const { at, outcome, eventId } = usage;
    if (this.isRepeated({ callers: usage, at, outcome, eventId }, offset, length)) return;
    this.#account(offset, length);
    this.lastAt = at;
    this.totals.records++;
    if (usage.keys.length > 0) this.totals.keyed++;
    addUsage(this.open, usage, length);
  }

  isRepeated(call: CountedCall, offset: number, length: number): boolean {
    const event = this.#log.eventOf(call);
    if (event === undefined) return false;
    if (this.later !== undefined) {
      this.later(call.callers, call.outcome, event, call.at, offset, length);
      return true;
    }
    if (this.#takeEvent(event, call.at)) return false;
    this.#account(offset, length);
    this.totals.duplicates++;
    this.#skip({ skip: 'duplicate', quarantined: false }, offset, length);
    return true;
  }

  /**
   * Counts a call of a log that was read elsewhere and was added, all but such calls. `takeEvent` notes an event of what is
   * settled, and says whether it was new.
   */
  addLater(
    { callers, outcome, at, offset, length, event }: PackedCall,
    takeEvent: (event: EventDigest, day: number) => boolean,
  ): void {
    const isSettled = offset < this.position;
    const tally = isSettled ? this.settled : this.open;
    const isNew = isSettled ? takeEvent(event, Math.floor(at / DAY_MS)) : this.#takeEvent(event, at);
    if (!isNew) {
      this.totals.duplicates++;
      this.totals.skipped++;
      addSkip(tally, { reason: 'duplicate', offset, length }, false, this.#log.source, undefined);
      return;
    }
    this.lastAt = at;
    if (isSettled) this.resumeAt = at;
    this.totals.records++;
    if (callers.keys.length > 0) this.totals.keyed++;
    addCall(tally, callers, { at, outcome }, length);
  }

  /** Notes the event if it was not counted before. */
  #takeEvent(event: EventDigest, at: EpochMs): boolean {
    const day = Math.floor(at / DAY_MS);
    if (this.open.events.has(event) || this.settled.events.has(event) || this.#log.isKnown(event, day)) return false;
    this.open.events.set(event, day);
    return true;
  }

  findKeys(text: string): readonly KeyRef[] {
    const pending = this.scan?.pending ?? 0;
    return ++this.#searched > MAX_SEARCHED + this.totals.records + pending ? [] : this.#log.findKeys(text);
  }

  skip(skip: Skip, offset: number, length: number, keys: readonly KeyRef[] = []): void {
    this.#account(offset, length);
    if (keys.length > 0) this.possible.push({ offset, at: this.lastAt, keys });
    if (skip.quarantined) this.firstDefect ??= { offset, length, reason: skip.skip };
    if (skip.skip === 'truncated') this.openDocumentAt = offset + length;
    this.#skip(skip, offset, length);
  }

  safePoint(offset: number): void {
    const { records, quarantined, skipped } = this.open.counts;
    // Records that the kernel counts are not here, but the ids of their events are.
    if (records + quarantined + skipped + this.open.events.size > 0) {
      mergeTally(this.settled, this.open);
      this.open = newTally();
    }
    this.unplaced = { settled: this.unplaced.settled + this.unplaced.open, open: 0 };
    this.position = offset;
    this.resumeAt = this.lastAt;
    this.header = this.#log.header();
  }

  /** Adds what was counted elsewhere of the stretch that follows; all before it is settled. */
  add(section: CountedSection, settled: Tally, open: Tally): void {
    const { from, position, totals, firstDefect, lastAt, resumeAt } = section;
    if (from !== this.position) throw new Error(`${this.#log.path}: byte ${from} follows byte ${this.position}`);
    mergeTally(this.settled, settled);
    this.open = open;
    for (const name of Object.keys(totals) as (keyof RecordTotals)[]) this.totals[name] += totals[name];
    this.position = position;
    this.#accountedTo = position;
    this.firstDefect ??= firstDefect;
    for (const one of section.possible) this.possible.push({ ...one, at: one.at ?? this.lastAt });
    this.lastAt = lastAt ?? this.lastAt;
    this.resumeAt = resumeAt ?? this.resumeAt;
  }

  /** Adds what was counted elsewhere in groups, of stretches that were added or are to be. */
  addGroups(counted: Tally): void {
    this.totals.records += counted.counts.records;
    this.totals.keyed += counted.counts.keyed;
    mergeTally(this.settled, counted);
  }

  /** What was counted so far had been counted before. */
  takeBack(): void {
    this.scan?.drain(newTally(), this.open);
    this.settled = newTally();
    this.totals = noTotals();
    this.possible = [];
  }

  makeRoom(): void {
    this.drain();
  }

  /** Adds what the scan counted in groups. */
  drain(): void {
    const tallies = [this.settled, this.open] as const;
    const before = tallies.map(({ counts }) => ({ ...counts }));
    this.scan?.drain(...tallies);
    for (const [i, { counts }] of tallies.entries()) {
      this.totals.records += counts.records - (before[i] as Counts).records;
      this.totals.keyed += counts.keyed - (before[i] as Counts).keyed;
    }
  }

  /** What is held in memory, in rollups, at most. */
  get weight(): number {
    return this.settled.rollups.weight + this.open.rollups.weight + (this.scan?.weight ?? 0);
  }

  /** What is settled; it is counted here no longer. */
  takeSettled(): Tally {
    const settled = this.settled;
    this.settled = newTally();
    return settled;
  }

  /** The last line of a log that is being written is not malformed, only not written yet. Returns whether there is one. */
  forgetOpenDefects(): boolean {
    if (this.open.counts.quarantined === 0) return false;
    this.totals.quarantined -= this.open.counts.quarantined;
    this.open.counts.quarantined = 0;
    for (const hour of this.open.hours.values()) hour.quarantined = 0;
    return true;
  }

  #skip(skip: Skip, offset: number, length: number): void {
    this.totals[skip.quarantined ? 'quarantined' : 'skipped']++;
    if (skip.quarantined && this.lastAt === undefined) this.unplaced.open++;
    const defect = { reason: skip.skip, offset, length };
    addSkip(this.open, defect, skip.quarantined, this.#log.source, this.lastAt);
  }

  /** Conservation: no byte belongs to two records. A difference is a bug. */
  #account(offset: number, length: number): void {
    if (offset < this.#accountedTo) throw new Error(`${this.#log.path}: byte ${offset} was accounted for twice`);
    this.#accountedTo = offset + length;
  }
}

function noTotals(): RecordTotals {
  return { records: 0, keyed: 0, quarantined: 0, skipped: 0, duplicates: 0 };
}
