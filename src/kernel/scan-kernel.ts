import { ACCEPTED, DAY, type DayRow, FAILED, FIRST_REFUSED, FIRST_USED, LAST_REFUSED, LAST_USED, newDayRow, REFUSED } from '../tally/day-row.ts'; // prettier-ignore
import { uuidAt } from '../tally/event-digests.ts';
import type { UsageField } from '../formats/format.ts';
import type { Outcome, RawFields } from '../model.ts';
import { FieldCollector } from './field-collector.ts';
import type { Leaf } from './field-trie.ts';
import { ACTION_SLOT, EVENT_SLOT, FIRST_GROUP_SLOT, QUERY_SLOT, TIME_SLOT, writeTables } from './field-table.ts';
import type { FrameSink } from './framing.ts';
import type { GroupCounts, GroupHost, GroupMap, GroupUsage, Reducible } from './group-map.ts';
import { decodeString } from './json-walk.ts';
import { type Global, instantiateScan, type ScanExports } from './scan-module.ts';
import { adoptGroups, copyGroups, type SharedGroups } from './shared-groups.ts';

/** A kernel for one log, until it ends. Undefined when the field map is too large. */
export function takeKernel(map: GroupMap, host: GroupHost): ScanKernel | undefined {
  const known = idle.findIndex((kernel) => kernel.fits(map, host));
  const kernel = known < 0 ? (idle.pop() ?? new ScanKernel()) : (idle.splice(known, 1)[0] as ScanKernel);
  if (kernel.begin(map, host)) return kernel;
  kernel.end();
  return undefined;
}

/** Kernels hold much memory, and know groups: they are used again. */
const idle: ScanKernel[] = [];

type PlainRecord = FrameSink['record'];

/** One instance of the kernel and its memory. */
export class ScanKernel {
  readonly #exports: ScanExports;
  readonly #memory: Buffer;
  readonly #words: DataView;
  readonly #collector = new FieldCollector();
  readonly input: Buffer;
  readonly #inputAt: number;
  #host: GroupHost | undefined;
  /** Of the host and map that it served last. */
  #kind: readonly unknown[] = [];
  /** What the records of a group say, by its number. Undefined: they are read plainly. */
  #groups: (GroupUsage | undefined)[] = [];
  /** So many groups were taken over from another kernel: what they say is known there. */
  #adopted = 0;
  #grouped: readonly UsageField[] = [];
  #query: UsageField | undefined;
  /** The places of keys, by their numbers in the kernel. */
  #keyLeaves: readonly (Leaf | undefined)[] = [];
  #syntax: GroupMap['syntax'] = 'json';
  /** Where records go that are to be read plainly, and the offset of the input in the stream. */
  #plainRecord: PlainRecord = () => undefined;
  #offset = 0;
  /** Of records that were handed on, or counted and drained. */
  #bytesGone = 0;

  constructor() {
    this.#exports = instantiateScan({
      onGroup: (group, at) => {
        const usage = this.#hidesStatus() ? undefined : this.#hosted.group(this.#fields(), at);
        this.#groups[group] = usage;
        return usage === undefined ? 0 : 1;
      },
      onFull: () => {
        this.#handLater();
        this.#hosted.full();
        this.#forget();
      },
      onCountsFull: () => this.#hosted.full(),
      onPlain: (start, end) => this.#plain(start, end),
      onTime: (start, length) => this.#hosted.time(this.#text(start, length)),
      onLaterFull: () => this.#handLater(),
      onEvent: (group, outcome, at, start, length, record, bytes) => {
        this.#handLater();
        const eventId = uuidAt(this.#memory, start, length) ?? this.#text(start, length);
        const call = { group: this.#groups[group] as GroupUsage, by: outcomeOf(outcome), eventId, at };
        const isRepeated = this.#hosted.isRepeated(call, this.#offset + record - this.#inputAt, bytes);
        if (isRepeated) this.#bytesGone += bytes;
        return isRepeated ? 1 : 0;
      },
    });
    const { buffer } = this.#exports.memory;
    this.#memory = Buffer.from(buffer);
    this.#words = new DataView(buffer);
    this.#inputAt = this.#exports.INPUT.value;
    this.input = Buffer.from(buffer, this.#inputAt, this.#exports.INPUT_BYTES.value);
  }

  /** Whether its groups hold for this log too. */
  fits(map: GroupMap, host: GroupHost): boolean {
    const kind = kindOf(map, host);
    return kind.length === this.#kind.length && kind.every((one, i) => one === this.#kind[i]);
  }

  begin(map: GroupMap, host: GroupHost): boolean {
    if (this.fits(map, host)) this.#exports.clearCounts();
    else {
      this.#kind = [];
      this.#groups = [];
      this.#host = host;
      if (!this.#configure(map)) return false;
      this.#kind = kindOf(map, host);
    }
    this.goOn(host);
    return true;
  }

  /** Serves another host of the same kind and map. What was counted stays. */
  goOn(host: GroupHost): void {
    this.#host = host;
    this.#exports.setLastAt(Number.NaN);
    this.#exports.setDeferring(host.later !== undefined);
  }

  #configure(map: GroupMap): boolean {
    const slots = FIRST_GROUP_SLOT + map.grouped.length;
    if (slots > this.#exports.MAX_SLOTS.value) return false;
    this.#grouped = map.grouped;
    const slotOf = (field: UsageField): number => {
      if (field === 'time') return TIME_SLOT;
      const place = map.grouped.indexOf(field);
      if (place >= 0) return FIRST_GROUP_SLOT + place;
      return field === 'action' ? ACTION_SLOT : field === map.query ? QUERY_SLOT : EVENT_SLOT;
    };
    this.#exports.setGrouping(slots, map.keyless, map.byHour);
    const reduced = (field: Reducible): number => (map.reduced.includes(field) ? slotOf(field) : 0);
    this.#exports.setReduced(reduced('status'), reduced('error'), reduced('cookie'), reduced('ip'));
    this.#exports.setZone(map.isUtc);
    this.#query = map.query;
    this.#syntax = map.syntax;
    if (map.syntax === 'combined') {
      const wanted = (field: UsageField): number => (map.grouped.includes(field) ? slotOf(field) : 0);
      const identity = (['identity.user', 'identity.referer', 'identity.vhost'] as const).map(wanted);
      const [user = 0, referer = 0, vhost = 0] = identity;
      this.#exports.setCombined(wanted('ip'), wanted('userAgent'), wanted('status'), user, referer, vhost);
    }
    const keyLeaves = writeTables(this.#exports, map.fields, slotOf, slots, map);
    this.#keyLeaves = keyLeaves ?? [];
    return keyLeaves !== undefined;
  }

  end(): void {
    if (this.#host === undefined) return;
    // What another log takes over are other groups.
    if (this.#adopted > 0) this.#forget();
    this.#host = undefined;
    idle.push(this);
  }

  /** The groups that it knows, and what the records of each say. */
  share(): { readonly groups: SharedGroups; readonly usages: readonly (GroupUsage | undefined)[] } {
    return { groups: copyGroups(this.#exports), usages: this.#groups.slice() };
  }

  /** Knows the groups of a kernel with the same map, before anything is counted. */
  adopt(groups: SharedGroups): void {
    this.#forget();
    adoptGroups(this.#exports, groups);
    this.#adopted = groups.count;
  }

  #forget(): void {
    this.#groups = [];
    this.#adopted = 0;
    this.#exports.forgetGroups();
  }

  /** Counts the first bytes of the input: whole lines, each with its line feed. */
  scanLines(length: number, offset: number, plain: PlainRecord): void {
    this.#plainRecord = plain;
    this.#offset = offset;
    if (this.#syntax === 'combined') this.#exports.scanCombined(length);
    else this.#exports.scanLines(length);
    this.#handLater();
    this.#tellLastAt();
  }

  /** Looks for the structure of a part of the input, the first byte of which is in no string. */
  indexDocument(from: number, length: number): void {
    this.#exports.indexDocument(from, length);
  }

  /** Whether the index has this place in a string. */
  isInString(place: number): boolean {
    return this.#exports.isInString(place) !== 0;
  }

  /** Counts the record that begins here, and those behind it. `isCut`: it stopped where one does not end. */
  scanRecords(from: number, length: number, offset: number, plain: FrameSink): { end: number; isCut: boolean } {
    this.#plainRecord = (bytes, start, end, at) => plain.record(bytes, start, end, at);
    this.#offset = offset;
    this.#takeLastAt();
    const end = this.#exports.scanRecords(from, length);
    this.#handLater();
    this.#tellLastAt();
    return { end, isCut: this.#exports.stop.value === CUT };
  }

  /** What is counted from now on lies in a document that is open. */
  beginOpen(): void {
    this.#exports.beginOpen();
  }

  /** What was counted: before the document that is open, and in it. */
  counts(isOpen: boolean): [settled: GroupCounts, open: GroupCounts] {
    const { records, recordBytes, openRecords, openRecordBytes, documentNumber } = this.#exports;
    const all = { records: records.value, bytes: recordBytes.value };
    if (!isOpen) return [this.#countsOf(all, () => true), NOTHING];
    const settled = { records: openRecords.value, bytes: openRecordBytes.value };
    const open = { records: all.records - settled.records, bytes: all.bytes - settled.bytes };
    const isOfOpen = (at: number): boolean => this.#word(at + 56) === documentNumber.value;
    return [this.#countsOf(settled, (at) => !isOfOpen(at)), this.#countsOf(open, isOfOpen)];
  }

  get pending(): { readonly records: number; readonly groups: number } {
    return { records: this.#exports.records.value, groups: this.#exports.bucketCount.value };
  }

  /** Bytes of all records that were met, whatever became of them. */
  get bytesOfRecords(): number {
    return this.#bytesGone + this.#exports.recordBytes.value;
  }

  clear(): void {
    this.#bytesGone += this.#exports.recordBytes.value;
    this.#exports.clearCounts();
  }

  get #hosted(): GroupHost {
    if (this.#host === undefined) throw new Error('this kernel is not in use');
    return this.#host;
  }

  #countsOf(totals: { records: number; bytes: number }, isWanted: (at: number) => boolean): GroupCounts {
    return {
      ...totals,
      groups: (each) => {
        this.#eachCount(this.#adopted, this.#exports.groupCount.value, (group, at) => {
          if (isWanted(at)) each(this.#groups[group] as GroupUsage, this.#count(at));
        });
      },
      adopted: (each) => {
        this.#eachCount(0, this.#adopted, (group, at) => {
          if (isWanted(at)) each(group, this.#count(at));
        });
      },
      hours: (each) => {
        const { HOURS, hourCount } = this.#exports;
        for (const at of this.#row(HOURS, hourCount))
          if (isWanted(at))
            each(this.#words.getInt32(at + 4, true), this.#word(at), this.#double(at + 16), this.#double(at + 24));
      },
    };
  }

  /** See `assembly/count.ts`. */
  #count(at: number): DayRow {
    CALLS[DAY] = this.#words.getInt32(at + 4, true);
    CALLS[ACCEPTED] = this.#word(at);
    CALLS[FAILED] = this.#word(at + FAILED_AT);
    CALLS[REFUSED] = this.#word(at + REFUSED_AT);
    CALLS[FIRST_USED] = this.#double(at + 16);
    CALLS[LAST_USED] = this.#double(at + 24);
    CALLS[FIRST_REFUSED] = this.#double(at + 32);
    CALLS[LAST_REFUSED] = this.#double(at + 40);
    return CALLS;
  }

  /** Where counts of calls stand: of each of these groups the latest day, and those before it. See `assembly/group.ts`. */
  #eachCount(from: number, to: number, each: (group: number, at: number) => void): void {
    const first = this.#exports.GROUPS.value;
    for (let group = from; group < to; group++) {
      const latest = this.#word(first + group * 4);
      if (this.#words.getInt32(latest + 4, true) === CLEARED) continue;
      for (let at = latest; at !== 0; at = this.#word(at + 52)) each(group, at);
    }
  }

  #row(first: Global, { value: length }: Global): number[] {
    const [start, bytes] = [first.value, this.#exports.COUNT_BYTES.value];
    return Array.from({ length }, (_, i) => start + i * bytes);
  }

  #plain(start: number, end: number): void {
    this.#handLater();
    this.#tellLastAt();
    this.#bytesGone += end - start;
    this.#plainRecord(this.#memory, start, end, this.#offset + start - this.#inputAt);
    this.#takeLastAt();
  }

  /** See `assembly/later.ts`. */
  #handLater(): void {
    const count = this.#exports.laterCount.value;
    const { later } = this.#hosted;
    if (count === 0 || later === undefined) return;
    const [first, size] = [this.#exports.LATER.value, this.#exports.LATER_BYTES.value];
    for (let at = first; at < first + count * size; at += size) {
      for (let i = 0; i < 4; i++) EVENT[i] = this.#word(at + 4 * i);
      const group = this.#groups[this.#word(at + 24)] as GroupUsage;
      const [record, bytes] = [this.#word(at + 32), this.#word(at + 36)];
      later(
        group,
        outcomeOf(this.#word(at + 28)),
        EVENT,
        this.#double(at + 16),
        this.#offset + record - this.#inputAt,
        bytes,
      );
      this.#bytesGone += bytes;
    }
    this.#exports.takeLater();
  }

  #takeLastAt(): void {
    const { lastAt } = this.#hosted;
    if (lastAt !== undefined) this.#exports.setLastAt(lastAt);
  }

  #tellLastAt(): void {
    const at = this.#exports.lastAt.value;
    if (!Number.isNaN(at)) this.#hosted.lastAt = at;
  }

  /** Fields of the record at hand, as the plain reader would gather them, but for those that nothing depends on. */
  #fields(): RawFields {
    const { SLOTS, SLOT_BYTES, KEYS, QUERY, keyCount, queryLength } = this.#exports;
    const slot = (place: number): string | undefined => this.#slotText(SLOTS.value + place * SLOT_BYTES.value);
    this.#add('time', slot(TIME_SLOT));
    for (const [i, field] of this.#grouped.entries()) this.#add(field, slot(FIRST_GROUP_SLOT + i));
    for (let i = 0; i < keyCount.value; i++) {
      const at = KEYS.value + i * SLOT_BYTES.value;
      const leaf = this.#keyLeaves[this.#word(at)] as Leaf;
      this.#collector.add(leaf, this.#text(this.#word(at + 4), this.#word(at + 8)));
    }
    if (queryLength.value > 0) this.#add('action', this.#text(QUERY.value, queryLength.value));
    const { OWN_QUERY, ownQueryLength } = this.#exports;
    if (this.#query !== undefined && ownQueryLength.value > 0)
      this.#add(this.#query, this.#text(OWN_QUERY.value, ownQueryLength.value));
    return this.#collector.take();
  }

  /** It is three digits only when its escapes are undone: what outcome it says, the kernel did not see. */
  #hidesStatus(): boolean {
    const place = this.#grouped.indexOf('status');
    const at = this.#exports.SLOTS.value + (FIRST_GROUP_SLOT + place) * this.#exports.SLOT_BYTES.value;
    if (place < 0 || this.#word(at) === NO_RANK) return false;
    const start = this.#word(at + 4);
    for (let i = start + this.#word(at + 8) - 1; i >= start; i--) if (this.#memory[i] === BACKSLASH) return true;
    return false;
  }

  #add(field: UsageField, text: string | undefined): void {
    if (text !== undefined) this.#collector.add({ field, rank: 0, path: '' }, text);
  }

  #slotText(at: number): string | undefined {
    return this.#word(at) === NO_RANK ? undefined : this.#text(this.#word(at + 4), this.#word(at + 8));
  }

  #text(start: number, length: number): string {
    return decodeString(this.#memory, start, start + length);
  }

  #word(at: number): number {
    return this.#words.getUint32(at, true);
  }

  #double(at: number): number {
    return this.#words.getFloat64(at, true);
  }
}

const NO_RANK = 0xffff_ffff;
const BACKSLASH = 0x5c;
/** Of the call at hand. */
const EVENT = new Uint32Array(4);

/** Why `scanRecords` stopped: see `assembly/index.ts`. */
const CUT = 1;

/** Where calls of an outcome are counted: see `assembly/count.ts`. */
const FAILED_AT = 8;
const REFUSED_AT = 12;

/** The calls that are handed over. */
const CALLS = newDayRow();

function outcomeOf(place: number): Outcome {
  return place === REFUSED_AT ? 'refused' : place === FAILED_AT ? 'failed' : 'accepted';
}

/** Of a count: what stands for its day when there is none. */
const CLEARED = -0x8000_0000;

const none = (): undefined => undefined;
const NOTHING: GroupCounts = { records: 0, bytes: 0, groups: none, adopted: none, hours: none };

function kindOf(map: GroupMap, { kind }: GroupHost): readonly unknown[] {
  return [JSON.stringify(map), ...kind];
}
