import {
  ACCEPTED,
  addToRow,
  CALLER,
  callsIn,
  clearRow,
  DAY,
  type DayRow,
  type DayRows,
  FAILED,
  FIRST_REFUSED,
  FIRST_USED,
  LAST_REFUSED,
  LAST_USED,
  newDayRow,
  REFUSED,
  ROW_WIDTH,
} from '../tally/day-row.ts';
import type { EventDigest } from '../tally/event-digests.ts';
import { parseTime } from '../formats/timestamp.ts';
import { isSkip } from '../formats/reader.ts';
import type { GroupCall, GroupCounts, GroupHost, GroupMap, GroupUsage, TakeLater } from '../kernel/group-map.ts';
import { createGroupScanner, type GroupScanner } from '../kernel/group-scanner.ts';
import type { Framer, FrameSink } from '../kernel/framing.ts';
import type { SharedGroups } from '../kernel/shared-groups.ts';
import type { EpochMs, Outcome, RawFields, Usage } from '../model.ts';
import { addDay, addHour, type Callers, DAY_MS, type Tally } from '../tally/rollup.ts';
import { hasUniqueIds } from './events.ts';
import { planGroups } from './group-plan.ts';
import { interpret, type Interpretation, outcomeOf } from './interpret.ts';
import type { ReadingPlan } from './reading-plan.ts';
import { type RecordHandler, RecordSink, scanRecords, without } from './record-scan.ts';

/** A call that may have been counted before. Its event may be there as the digest of a UUID, which is overwritten. */
export interface CountedCall extends Pick<Usage, 'at' | 'outcome'> {
  /** The same for all calls of a group. */
  readonly callers: Callers;
  readonly eventId: string | EventDigest | undefined;
}

/** What happens to the records that are not counted in groups. */
export interface CallHandler extends RecordHandler {
  /** Instant of the last record, counted in a group or not. */
  lastAt: EpochMs | undefined;
  /** Whether an event was counted before; if so, it is noted as a duplicate. */
  isRepeated(call: CountedCall, offset: number, length: number): boolean;
  /** Takes calls in place of `isRepeated`, if it is there. */
  readonly later?: TakeCall | undefined;
  /** No more can be counted in groups before the scan is drained. */
  makeRoom(): void;
}

/** A call for which it is found out elsewhere whether its event was counted before. The digest is overwritten. */
export type TakeCall = (
  callers: Callers,
  outcome: Outcome,
  event: EventDigest,
  at: EpochMs,
  offset: number,
  length: number,
) => void;

/** The groups that a scan knows, for a scan in another thread. */
export interface SharedCallers extends SharedGroups {
  /** How the log is read: those of another kind are not taken over. */
  readonly kind: string;
}

/** What a scan keeps that shares its groups. */
export interface Sharing {
  readonly callers: SharedCallers;
  /** Adds what another scan counted of them. */
  add(into: Tally, rows: DayRow): void;
}

/** A scan that counts what it can in groups, out of the handler's sight, until they are drained. */
export interface CallScan extends Framer {
  /** Records in groups that are not drained yet. */
  readonly pending: number;
  /** How many rollups they make, at most. */
  readonly weight: number;
  /** Adds what was counted in groups before the last safe point, and what in a document that is still open. */
  drain(settled: Tally, open: Tally): void;
  /** Undefined: it knows no groups. */
  share(): Sharing | undefined;
  /** Before anything is read: what it counts of those groups goes to `rows`, by number, as it is drained. */
  adopt(callers: SharedCallers, rows: DayRows): void;
  /** Reads another part of the log, which begins at a line. Its groups are those of this scan, which is not used again. */
  next(from: number, handler: CallHandler): CallScan;
  close(): void;
}

/** Bytes of one log in, rollups out. Gives what `scanRecords` and a fold of its usage would give, faster where it can. */
export function scanCalls(
  plan: ReadingPlan,
  how: Interpretation,
  from: number,
  handler: CallHandler,
  dropsRepeats: boolean,
): CallScan {
  const map = planGroups(plan, how, dropsRepeats);
  const mark = from === 0 ? plan.byteOrderMark : 0;
  const host = new Groups(plan, how, handler);
  const scanner = map === undefined ? undefined : createGroupScanner(map, host, from + mark, plan.recordsPath);
  if (scanner === undefined || map === undefined) return scanPlainly(plan, how, from, handler);
  return host.scan(scanner, mark, map);
}

function scanPlainly(plan: ReadingPlan, how: Interpretation, start: number, first: CallHandler): CallScan {
  const framer = scanRecords(plan, how, start, first);
  return {
    push: (bytes) => framer.push(bytes),
    end: () => framer.end(),
    get structureBytes() {
      return framer.structureBytes;
    },
    pending: 0,
    weight: 0,
    drain: () => undefined,
    share: () => undefined,
    adopt: () => undefined,
    next: (from, handler) => scanPlainly(plan, how, from, handler),
    close: () => undefined,
  };
}

class Groups implements GroupHost {
  readonly #plan: ReadingPlan;
  readonly #how: Interpretation;
  readonly #handler: CallHandler;
  readonly kind: readonly unknown[];
  readonly plain: FrameSink;
  readonly later: TakeLater | undefined;
  #byHour = false;
  #reducesStatus = false;
  /** Takes what was counted of groups that were taken over. */
  #rows: DayRows | undefined;

  constructor(plan: ReadingPlan, how: Interpretation, handler: CallHandler) {
    this.#plan = plan;
    this.#how = how;
    this.#handler = handler;
    const { source, timezone, keyParameters, resolveKey, normaliseIp, nameSystem } = how;
    this.kind = [plan.format, source, timezone, keyParameters, resolveKey, normaliseIp, nameSystem];
    this.plain = new RecordSink(plan.reader, how, handler);
    const { later } = handler;
    // Of an id that the user mapped, the kernel does not know the digest.
    if (later !== undefined && hasUniqueIds(plan))
      this.later = ({ usage, outcomes }, by, event, at, offset, length) =>
        later(usage, outcomes[by], event, at, offset, length);
  }

  scan(scanner: GroupScanner, mark: number, map: GroupMap): CallScan {
    const { byHour, reduced } = map;
    this.#byHour = byHour;
    this.#reducesStatus = reduced.includes('status');
    const framer = without(mark, scanner);
    return {
      push: (bytes) => framer.push(bytes),
      end: () => framer.end(),
      get structureBytes() {
        return framer.structureBytes;
      },
      get pending() {
        return scanner.pending.records;
      },
      get weight() {
        return scanner.pending.groups;
      },
      drain: (settled, open) =>
        scanner.drain((before, since) => {
          this.#add(settled, before);
          this.#add(open, since);
        }),
      share: () => {
        const { groups, usages } = scanner.share();
        return {
          callers: { ...groups, kind: this.#kindOf(map) },
          add: (into, rows) => this.#addRows(into, rows, usages as readonly GroupUsage[]),
        };
      },
      adopt: (callers, rows) => {
        if (callers.kind !== this.#kindOf(map)) return;
        scanner.adopt(callers);
        this.#rows = rows;
      },
      next: (from, handler) => {
        const host = new Groups(this.#plan, this.#how, handler);
        host.#rows = this.#rows;
        return host.scan(scanner.next(host, from), 0, map);
      },
      close: () => scanner.close(),
    };
  }

  get lastAt(): EpochMs | undefined {
    return this.#handler.lastAt;
  }

  set lastAt(at: EpochMs | undefined) {
    this.#handler.lastAt = at;
  }

  group(fields: RawFields, at: EpochMs): GroupUsage | undefined {
    const hadKeys = fields.keys.length > 0;
    const { refine } = this.#plan.format;
    const outcomes = this.#outcomesOf(fields);
    const refined = refine?.(fields) ?? fields;
    if (isSkip(refined)) return undefined;
    // Without keys it is for the reader to see what marks the record has; the kernel saw to those that had none.
    const { marks = [] } = this.#plan.reader.inGroups ?? {};
    if (hadKeys && refined.keys.length === 0 && marks.length > 0) return undefined;
    const usage = interpret(refined, this.#how);
    if (isSkip(usage) || this.#mayHideAnother(usage)) return undefined;
    if (usage.at !== at) throw new Error(`a group was read as of ${usage.at} and counted as of ${at}`);
    return { usage, outcomes };
  }

  /** By a status of each outcome in place of the one that it has, where the kernel does not tell groups apart by it. */
  #outcomesOf(fields: RawFields): GroupUsage['outcomes'] {
    const { refine } = this.#plan.format;
    const statuses = this.#reducesStatus && STATUS.test(fields.status ?? '') ? STATUS_OF : undefined;
    const outcome = (by: Outcome): Outcome => {
      const changed = statuses === undefined ? fields : { ...fields, status: statuses[by] };
      if (refine === undefined) return outcomeOf(changed);
      const refined = refine({ ...changed, keys: [...fields.keys], identity: { ...fields.identity } });
      return isSkip(refined) ? by : outcomeOf(refined);
    };
    return { accepted: outcome('accepted'), failed: outcome('failed'), refused: outcome('refused') };
  }

  /** Beside a key that is masked in part, one that is redacted counts too; whether there is one, the reader sees. */
  #mayHideAnother({ keys }: Usage): boolean {
    if (this.#plan.format.redactions === undefined || keys.length === 0) return false;
    return keys.every(({ kind, display }) => kind === 'masked' && display !== NOTHING_SHOWN);
  }

  time(text: string): number {
    const at = parseTime(text, this.#how.timezone);
    return typeof at === 'number' ? at : Number.NaN;
  }

  isRepeated({ group, by, eventId, at }: GroupCall, offset: number, length: number): boolean {
    const { usage: callers, outcomes } = group;
    return this.#handler.isRepeated({ callers, outcome: outcomes[by], eventId, at }, offset, length);
  }

  full(): void {
    this.#handler.makeRoom();
  }

  /** All on which it depends what groups there are and what they say. */
  #kindOf(map: GroupMap): string {
    const { source, timezone, keyParameters } = this.#how;
    return JSON.stringify([this.#plan.format.name, source, timezone, keyParameters, map]);
  }

  #addCalls(into: Tally, { usage, outcomes }: GroupUsage, calls: DayRow): void {
    if (this.#byHour) addHour(into, hourOf(usage.source, calls));
    addDay(into, usage, byOutcome(calls, outcomes));
  }

  #addRows(into: Tally, rows: DayRow, usages: readonly GroupUsage[]): void {
    for (let at = 0; at < rows.length; at += ROW_WIDTH) {
      CALLS.set(rows.subarray(at, at + ROW_WIDTH));
      this.#addCalls(into, usages[CALLS[CALLER]!]!, CALLS);
    }
  }

  #add(into: Tally, counts: GroupCounts): void {
    into.counts.records += counts.records;
    into.counts.countedBytes += counts.bytes;
    counts.groups((group, calls) => this.#addCalls(into, group, calls));
    counts.adopted((group, calls) => this.#rows?.add(group, calls));
    if (this.#byHour) return;
    counts.hours((hour, records, firstAt, lastAt) =>
      addHour(into, { source: this.#how.source, hour, records, firstAt, lastAt }),
    );
  }
}

/** The calls that are handed over. */
const CALLS = newDayRow();

const OUTCOMES = ['accepted', 'failed', 'refused'] as const;

/** What the kernel takes for an outcome. */
const STATUS = /^\d{3}$/;
const STATUS_OF: Readonly<Record<Outcome, string>> = { accepted: '200', failed: '500', refused: '401' };

/** The calls of a group on one day or in one hour, which are of one day, by what their status means in this log. */
function byOutcome(calls: DayRow, outcomes: GroupUsage['outcomes']): DayRow {
  const day = Math.floor(firstIn(calls) / DAY_MS);
  if (OUTCOMES.every((by) => outcomes[by] === by)) {
    calls[DAY] = day;
    return calls;
  }
  clearRow(SAID_OTHERWISE, 0, day);
  const { accepted, failed, refused } = outcomes;
  const used = { firstAt: calls[FIRST_USED]!, lastAt: calls[LAST_USED]! };
  if (calls[ACCEPTED]! > 0) addToRow(SAID_OTHERWISE, 0, accepted, { calls: calls[ACCEPTED]!, ...used });
  if (calls[FAILED]! > 0) addToRow(SAID_OTHERWISE, 0, failed, { calls: calls[FAILED]!, ...used });
  const last = { firstAt: calls[FIRST_REFUSED]!, lastAt: calls[LAST_REFUSED]! };
  if (calls[REFUSED]! > 0) addToRow(SAID_OTHERWISE, 0, refused, { calls: calls[REFUSED]!, ...last });
  return SAID_OTHERWISE;
}

const SAID_OTHERWISE = newDayRow();

function hourOf(source: string, calls: DayRow): Parameters<typeof addHour>[1] {
  const lastAt = Math.max(calls[LAST_USED]!, calls[LAST_REFUSED]!);
  return { source, hour: calls[DAY]!, records: callsIn(calls), firstAt: firstIn(calls), lastAt };
}

function firstIn(calls: DayRow): EpochMs {
  return Math.min(calls[FIRST_USED]!, calls[FIRST_REFUSED]!);
}

/** The display of a key that is redacted as a whole. */
const NOTHING_SHOWN = '...';
