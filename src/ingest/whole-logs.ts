import { HEAD_BYTES } from '../sources/identity.ts';
import type { LogFile } from '../sources/log-file.ts';
import { isShort } from '../sources/whole-file.ts';
import type { IngestContext } from './context.ts';
import type { LogSettings, ReadingPlan } from './reading-plan.ts';
import { type Interpretation, interpretationFor } from './interpret.ts';
import type { ReadWhole } from './reader-pool.ts';
import { StreamIngest } from './stream-ingest.ts';
import { type UnreadPlaces, unreadPlaces } from './unread-keys.ts';
import { kindOf, planned } from './whole-log.ts';

/** A log that is being read. */
export interface Reading {
  readonly order: number;
  readonly log: LogFile;
  readonly stream: StreamIngest;
  readonly plan: ReadingPlan;
  readonly how: Interpretation;
  readonly unread: UnreadPlaces;
  /** Its first bytes, while other logs are read beside it. */
  readonly sharedHead: Buffer | undefined;
  /** Settles when all of it was fed to the stream: with what kept it from being read whole. */
  readonly fed: Promise<unknown>;
}

/** A short log that is being read whole, before it is known which one it is. */
export interface WholeReading {
  readonly order: number;
  readonly log: LogFile;
  readonly isWhole: true;
  readonly fed: Promise<ReadWhole | undefined>;
}

export function isWhole(reading: Reading | WholeReading): reading is WholeReading {
  return 'isWhole' in reading;
}

/** Has short logs read whole by threads, this one among them. */
export class WholeLogs {
  readonly #context: IngestContext;
  /** By which they were read elsewhere: one for all that are read in the same way. */
  readonly #plans = new Map<string, ReadingPlan>();

  constructor(context: IngestContext) {
    this.#context = context;
  }

  /** Undefined: the log is to be read in the usual way. `bytesLeft`: of all logs. */
  start(order: number, log: LogFile, bytesLeft: number): WholeReading | undefined {
    const { readers, ledger, hasDigests = false } = this.#context;
    const { handle } = log;
    if (readers === undefined || handle === undefined || !isShort(handle)) return undefined;
    // Of a log that was at this place before, mostly no more than the end is new.
    if (ledger.streamByHint(log.place, log.stat.device, log.stat.inode) !== undefined) return undefined;
    const fed = readers.readWhole({ handle, hasDigests }, bytesLeft);
    fed.catch(() => undefined);
    return { order, log, isWhole: true, fed };
  }

  /**
   * What was read, in the order of the logs and within a transaction. Undefined: it is to be read in the usual way, since
   * something is wrong with it, or since a log is known that begins like it.
   */
  async finish({ order, log, fed }: WholeReading): Promise<Reading | undefined> {
    const { ledger, scan, hasDigests } = this.#context;
    const read = await fed;
    if (read === undefined) return undefined;
    const { kind, heads } = read.log;
    if (ledger.streamsByHeads(heads, log.place).length > 0) return undefined;
    const settings = this.#context.settingsOf(log.path);
    const plan = await this.#planOf(kind, log, settings.choice, settings.source);
    if (plan === undefined) return undefined;
    const how = interpretationFor(plan.format, settings);
    const stream = new StreamIngest(log, plan, how, { ledger, scan, hasDigests });
    stream.addWhole(read.log, read.callers);
    const unread = unreadPlaces(read.log.unread, ledger);
    return { order, log, sharedHead: undefined, stream, plan, how, unread, fed: Promise.resolve() };
  }

  /** Undefined: the file has changed, or fails, since it was read. */
  async #planOf(
    kind: string,
    log: LogFile,
    choice: LogSettings['choice'],
    named: string | undefined,
  ): Promise<ReadingPlan | undefined> {
    const known = this.#plans.get(kind);
    if (known !== undefined) return known;
    const head = await log.peek(HEAD_BYTES).catch(() => undefined);
    const plan = head === undefined ? undefined : planned(head, choice);
    if (plan === undefined || kindOf(plan, named ?? plan.format.name) !== kind) return undefined;
    this.#plans.set(kind, plan);
    return plan;
  }
}
