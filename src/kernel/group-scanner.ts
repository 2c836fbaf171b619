import type { FieldMap, UsageField } from '../formats/format.ts';
import type { EpochMs, RawFields } from '../model.ts';
import { FieldCollector } from './field-collector.ts';
import {
  ACTION_SLOT,
  EVENT_SLOT,
  FIRST_GROUP_SLOT,
  KEY_LEAF,
  QUERY_SLOT,
  TIME_SLOT,
  writeTables,
} from './field-table.ts';
import { frameLines } from './frame-lines.ts';
import type { Framer, FrameSink } from './framing.ts';
import { decodeString } from './json-walk.ts';
import { instantiateScan, type ScanExports } from './scan-module.ts';

/** What records are told apart by. */
export interface GroupMap {
  /** Fields that are read, and where they sit. */
  readonly fields: FieldMap;
  /** Those of them whose text tells groups apart, beside keys, the instant and keys in the query of the action. */
  readonly grouped: readonly UsageField[];
  /** A field with a query of its own, of which the same parameters matter where the action has no query. */
  readonly query: UsageField | undefined;
  /** Quoted texts by which a record without keys is one for the plain reader. Seven characters at least. */
  readonly marks: readonly string[];
  /** Parameters of a query that carry keys. */
  readonly queryNames: readonly string[];
  /** Records without keys are told apart too. */
  readonly keyless: boolean;
  /** Calls are counted by the hour, not by the day. */
  readonly byHour: boolean;
  /** Of this status only the outcome matters, of this error only that it is there, and cookies where one may be a key. */
  readonly reduced: readonly Reducible[];
  /** A time without zone is UTC. */
  readonly isUtc: boolean;
}

type Reducible = 'status' | 'error' | 'cookie';

/** Who attributes groups. */
export interface GroupHost {
  /** Takes the lines that the kernel leaves to the plain reader, and is told where it is safe to resume. */
  readonly plain: FrameSink;
  /** Instant of the last record. The scanner keeps it up to date, and takes it over where the host moves it. */
  lastAt: EpochMs | undefined;
  /** The first record of a group; groups are numbered from 0 on. False: all of its records are to be read plainly. */
  group(number: number, fields: RawFields, at: EpochMs): boolean;
  /** Reads an unusual time; NaN when it is none. */
  time(text: string): number;
  /** Whether the event was counted before. */
  isRepeated(group: number, eventId: string, at: EpochMs, offset: number, length: number): boolean;
  /** What was counted is to be drained: the tables are full. Group numbers begin anew afterwards. */
  full(): void;
}

/** What was counted since it was last drained. */
export interface GroupCounts {
  readonly records: number;
  readonly bytes: number;
  /** Calls by group and day (or hour). */
  groups(each: EachGroup): void;
  /** Records by hour. */
  hours(each: EachHour): void;
}

type EachGroup = (group: number, day: number, calls: number, firstAt: EpochMs, lastAt: EpochMs) => void;
type EachHour = (hour: number, records: number, firstAt: EpochMs, lastAt: EpochMs) => void;

/**
 * Scans lines of JSON in WebAssembly at some 800 MB/s a core, and counts records by what tells them apart, so that nothing
 * per record reaches the host. What is unusual in any way is given, line by line and in order, to the plain framer and
 * the host's plain reader: it alone decides what is wrong. Undefined when the field map is too large.
 */
export function createGroupScanner(map: GroupMap, host: GroupHost, from: number): GroupScanner | undefined {
  const kernel = idle.pop() ?? new Kernel();
  if (kernel.begin(map, host)) return new GroupScanner(kernel, host, from);
  kernel.end();
  return undefined;
}

/** Kernels hold much memory, so they are used again. */
const idle: Kernel[] = [];

const LF = 0x0a;

export class GroupScanner implements Framer {
  readonly #kernel: Kernel;
  readonly #host: GroupHost;
  readonly #sink: FrameSink;
  /** Offset in the stream of the first byte that the kernel holds, which begins a line, and how many it holds. */
  #offset: number;
  #held = 0;
  /** A line that is too long for the kernel, and where it began. */
  #long: Framer | undefined;
  #longAt = 0;

  constructor(kernel: Kernel, host: GroupHost, from: number) {
    this.#kernel = kernel;
    this.#host = host;
    this.#offset = from;
    // Lines are framed one at a time here: where it is safe to resume is for this scanner to say.
    this.#sink = {
      record: (bytes, start, end, offset) => host.plain.record(bytes, start, end, offset),
      defect: (reason, offset, length) => host.plain.defect(reason, offset, length),
      largeRecord: (offset) => host.plain.largeRecord(offset),
      safePoint: () => undefined,
    };
  }

  push(bytes: Buffer): void {
    for (let at = 0; at < bytes.length;) at = this.#long === undefined ? this.#take(bytes, at) : this.#goOn(bytes, at);
    this.#host.plain.safePoint(this.#long === undefined ? this.#offset : this.#longAt);
  }

  end(): void {
    const rest = this.#long ?? frameLines(this.#sink, this.#offset);
    if (this.#long === undefined) rest.push(this.#kernel.input.subarray(0, this.#held));
    rest.end();
    this.#held = 0;
    this.#long = undefined;
  }

  /** What was counted and not drained yet: records, and groups by day. */
  get pending(): { readonly records: number; readonly groups: number } {
    return this.#kernel.pending;
  }

  /** Hands over what was counted, once. */
  drain(take: (counts: GroupCounts) => void): void {
    take(this.#kernel.counts);
    this.#kernel.clear();
  }

  /** The kernel may serve another log. */
  close(): void {
    this.#kernel.end();
  }

  /** Takes at least one byte; returns where to go on. */
  #take(bytes: Buffer, from: number): number {
    const { input } = this.#kernel;
    const end = Math.min(bytes.length, from + input.length - this.#held);
    const filled = this.#held + bytes.copy(input, this.#held, from, end);
    const lf = bytes.lastIndexOf(LF, end - 1);
    if (lf >= from) this.#scan(this.#held + lf + 1 - from, filled);
    else if (filled === input.length) this.#beginLong();
    else this.#held = filled;
    return end;
  }

  #scan(whole: number, filled: number): void {
    this.#kernel.scan(whole, this.#sink, this.#offset);
    this.#kernel.input.copyWithin(0, whole, filled);
    this.#offset += whole;
    this.#held = filled - whole;
  }

  #beginLong(): void {
    this.#long = frameLines(this.#sink, this.#offset);
    this.#longAt = this.#offset;
    this.#long.push(this.#kernel.input);
    this.#offset += this.#kernel.input.length;
    this.#held = 0;
  }

  #goOn(bytes: Buffer, from: number): number {
    const lf = bytes.indexOf(LF, from);
    const end = lf < 0 ? bytes.length : lf + 1;
    this.#long?.push(bytes.subarray(from, end));
    if (lf >= 0) this.#long = undefined;
    this.#offset += end - from;
    return end;
  }
}

/** One instance of the kernel and its memory. */
class Kernel {
  readonly #exports: ScanExports;
  readonly #memory: Buffer;
  readonly #words: DataView;
  readonly #collector = new FieldCollector();
  readonly input: Buffer;
  #host: GroupHost | undefined;
  #grouped: readonly UsageField[] = [];
  #query: UsageField | undefined;
  /** Where plain lines go, and the offset of the input in the stream. */
  #sink: FrameSink | undefined;
  #offset = 0;

  constructor() {
    this.#exports = instantiateScan({
      onGroup: (group, at) => (this.#hosted.group(group, this.#fields(), at) ? 1 : 0),
      onFull: () => {
        this.#hosted.full();
        this.#exports.forgetGroups();
      },
      onPlain: (start, end) => this.#plain(start, end),
      onTime: (start, length) => this.#hosted.time(this.#text(start, length)),
      onEvent: (group, at, start, length) => (this.#isRepeated(group, at, start, length) ? 1 : 0),
    });
    const { buffer } = this.#exports.memory;
    this.#memory = Buffer.from(buffer);
    this.#words = new DataView(buffer);
    this.input = Buffer.from(buffer, this.#exports.INPUT.value, this.#exports.INPUT_BYTES.value);
  }

  begin(map: GroupMap, host: GroupHost): boolean {
    const slots = FIRST_GROUP_SLOT + map.grouped.length;
    if (slots > this.#exports.MAX_SLOTS.value) return false;
    this.#host = host;
    this.#grouped = map.grouped;
    const slotOf = (field: UsageField): number => {
      if (field === 'time') return TIME_SLOT;
      const place = map.grouped.indexOf(field);
      if (place >= 0) return FIRST_GROUP_SLOT + place;
      return field === 'action' ? ACTION_SLOT : field === map.query ? QUERY_SLOT : EVENT_SLOT;
    };
    this.#exports.setGrouping(slots, map.keyless, map.byHour);
    const reduced = (field: Reducible): number => (map.reduced.includes(field) ? slotOf(field) : 0);
    this.#exports.setReduced(reduced('status'), reduced('error'), reduced('cookie'));
    this.#exports.setZone(map.isUtc);
    this.#query = map.query;
    return writeTables(this.#exports, map.fields, slotOf, map);
  }

  end(): void {
    if (this.#host === undefined) return;
    this.#host = undefined;
    this.#sink = undefined;
    idle.push(this);
  }

  scan(length: number, sink: FrameSink, offset: number): void {
    this.#sink = sink;
    this.#offset = offset;
    this.#exports.scanLines(length);
    this.#tellLastAt();
  }

  get counts(): GroupCounts {
    const { records, recordBytes } = this.#exports;
    return {
      records: records.value,
      bytes: recordBytes.value,
      groups: (each) => this.#eachGroup(each),
      hours: (each) => this.#eachHour(each),
    };
  }

  get pending(): { readonly records: number; readonly groups: number } {
    return { records: this.#exports.records.value, groups: this.#exports.bucketCount.value };
  }

  clear(): void {
    this.#exports.clearCounts();
  }

  get #hosted(): GroupHost {
    if (this.#host === undefined) throw new Error('this kernel is not in use');
    return this.#host;
  }

  #plain(start: number, end: number): void {
    this.#tellLastAt();
    const line = frameLines(this.#sink as FrameSink, this.#offset + start - this.#exports.INPUT.value);
    line.push(this.#memory.subarray(start, end));
    const { lastAt } = this.#hosted;
    if (lastAt !== undefined) this.#exports.setLastAt(lastAt);
  }

  #tellLastAt(): void {
    const at = this.#exports.lastAt.value;
    if (!Number.isNaN(at)) this.#hosted.lastAt = at;
  }

  #isRepeated(group: number, at: number, start: number, length: number): boolean {
    const id = this.#text(start, length);
    return this.#hosted.isRepeated(
      group,
      id,
      at,
      this.#offset + this.#exports.line.value - this.#exports.INPUT.value,
      this.#exports.lineBytes.value,
    );
  }

  /** Fields of the record at hand, as the plain reader would gather them, but for those that nothing depends on. */
  #fields(): RawFields {
    const { SLOTS, SLOT_BYTES, KEYS, QUERY, keyCount, queryLength } = this.#exports;
    const slot = (place: number): string | undefined => this.#slotText(SLOTS.value + place * SLOT_BYTES.value);
    this.#add('time', slot(TIME_SLOT));
    for (const [i, field] of this.#grouped.entries()) this.#add(field, slot(FIRST_GROUP_SLOT + i));
    for (let i = 0; i < keyCount.value; i++) {
      const at = KEYS.value + i * SLOT_BYTES.value;
      this.#add(this.#word(at) === KEY_LEAF ? 'key' : 'keyId', this.#text(this.#word(at + 4), this.#word(at + 8)));
    }
    if (queryLength.value > 0) this.#add('action', this.#text(QUERY.value, queryLength.value));
    const { OWN_QUERY, ownQueryLength } = this.#exports;
    if (this.#query !== undefined && ownQueryLength.value > 0)
      this.#add(this.#query, this.#text(OWN_QUERY.value, ownQueryLength.value));
    return this.#collector.take();
  }

  #add(field: UsageField, text: string | undefined): void {
    if (text !== undefined) this.#collector.add({ field, rank: 0 }, text);
  }

  #slotText(at: number): string | undefined {
    return this.#word(at) === NO_RANK ? undefined : this.#text(this.#word(at + 4), this.#word(at + 8));
  }

  #text(start: number, length: number): string {
    return decodeString(this.#memory, start, start + length);
  }

  #eachGroup(each: EachGroup): void {
    const { BUCKETS, BUCKET_BYTES, bucketCount } = this.#exports;
    const end = BUCKETS.value + bucketCount.value * BUCKET_BYTES.value;
    for (let at = BUCKETS.value; at < end; at += BUCKET_BYTES.value) {
      each(
        this.#word(at + 24),
        this.#words.getInt32(at + 4, true),
        this.#word(at),
        this.#double(at + 8),
        this.#double(at + 16),
      );
    }
  }

  #eachHour(each: EachHour): void {
    const { HOURS, HOUR_SLOTS, HOUR_BYTES } = this.#exports;
    for (let i = 0; i < HOUR_SLOTS.value; i++) {
      const at = HOURS.value + i * HOUR_BYTES.value;
      const records = this.#word(at + 8);
      if (records > 0) each(this.#words.getInt32(at, true), records, this.#double(at + 16), this.#double(at + 24));
    }
  }

  #word(at: number): number {
    return this.#words.getUint32(at, true);
  }

  #double(at: number): number {
    return this.#words.getFloat64(at, true);
  }
}

const NO_RANK = 0xffff_ffff;
