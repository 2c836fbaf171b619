import type { Readable } from 'node:stream';
import type { KeyResolver } from '../attribution/key-resolver.ts';
import { hideKeys } from '../attribution/raw-secret.ts';
import type { InventoryEntry, KeyRef, Skip, Usage } from '../model.ts';
import { HEAD_BYTES } from '../sources/identity.ts';
import { openLog } from '../sources/log-file.ts';
import type { ObjectStore } from '../sources/object-store.ts';
import { type LogSettings, planReading } from './reading-plan.ts';
import type { Problem } from './problem.ts';
import { interpretationFor } from './interpret.ts';
import { scanRecords } from './record-scan.ts';
import { whyUnread } from './log-faults.ts';

/** Prints each record of a log as it is understood, one JSON object a line. Returns what kept it from being read whole. */
export async function parseLog(
  file: string,
  settings: LogSettings,
  inventory: readonly InventoryEntry[],
  stdin: Readable,
  write: (lines: readonly string[]) => Promise<void>,
  objects?: ObjectStore,
): Promise<Problem | undefined> {
  const printer = new RecordPrinter(file, inventory, settings.interpretation.resolveKey);
  try {
    const log = await openLog(file, stdin, objects);
    try {
      const head = await log.peek(HEAD_BYTES);
      if (head.length === 0) return undefined;
      const plan = planReading(head, settings.choice);
      const framer = scanRecords(plan, interpretationFor(plan.format, settings), 0, printer);
      for await (const bytes of log.bytes(0)) {
        framer.push(bytes);
        await write(printer.take());
      }
      framer.end();
    } finally {
      log.close();
    }
    await write(printer.take());
    return undefined;
  } catch (error) {
    const why = whyUnread(error);
    await write(printer.take());
    return { file, hint: undefined, ...why, isIncomplete: true };
  }
}

/** Ids that the inventory has for keys in traffic. */
function idsByKey(inventory: readonly InventoryEntry[]): ReadonlyMap<string, string> {
  return new Map(
    inventory.flatMap(({ id, match, forms = [] }) => {
      const keys = match.by === 'fingerprint' ? [match.key] : (match.keys ?? []);
      return [...forms, ...keys].map((key) => [key, id] as const);
    }),
  );
}

class RecordPrinter {
  readonly #file: string;
  readonly #ids: ReadonlyMap<string, string>;
  readonly #resolveKey: KeyResolver;
  #record = 0;
  #lines: string[] = [];

  constructor(file: string, inventory: readonly InventoryEntry[], resolveKey: KeyResolver) {
    this.#file = file;
    this.#resolveKey = resolveKey;
    this.#ids = idsByKey(inventory);
  }

  usage(usage: Usage, offset: number, length: number): void {
    const keys = usage.keys.filter(showsSomething).map(({ key, forms, display, kind }) => ({
      key: this.#idOf({ key, forms }) ?? key,
      display,
      keyKind: kind,
    }));
    this.#print(offset, length, {
      at: new Date(usage.at).toISOString(),
      ...keys[0],
      ...(keys.length > 1 ? { keys } : {}),
      eventId: this.#clean(usage.eventId),
      ip: usage.ip,
      userAgent: this.#clean(usage.userAgent),
      status:
        usage.status !== undefined && /^\d{1,5}$/.test(usage.status) ? Number(usage.status) : this.#clean(usage.status),
      outcome: usage.outcome,
      method: this.#clean(usage.method),
      action: this.#clean(usage.action),
      identity: this.#cleanAll(usage.identity),
      system: this.#clean(usage.system.name),
    });
  }

  /** What an inventory calls the key, else that of which it is another form. */
  #idOf({ key, forms = [] }: Pick<KeyRef, 'key' | 'forms'>): string | undefined {
    return [key, ...forms].map((one) => this.#ids.get(one)).find((id) => id !== undefined);
  }

  /** A path or an agent may hold a key that the record shows nowhere else. */
  #clean(text: string | undefined): string | undefined {
    const isListed = (word: string): boolean =>
      this.#resolveKey({ text: word, kind: 'secret' }).some(({ ref }) => this.#idOf(ref) !== undefined);
    return text === undefined ? undefined : hideKeys(text, isListed);
  }

  #cleanAll(texts: Readonly<Record<string, string>>): Record<string, string> | undefined {
    const entries = Object.entries(texts).map(([name, text]) => [name, this.#clean(text) ?? ''] as const);
    return entries.length > 0 ? Object.fromEntries(entries) : undefined;
  }

  skip(skip: Skip, offset: number, length: number): void {
    this.#print(offset, length, { skip: skip.skip });
  }

  safePoint(): void {
    // Nothing to settle: printing has no state.
  }

  take(): string[] {
    const lines = this.#lines;
    this.#lines = [];
    return lines;
  }

  #print(offset: number, length: number, rest: object): void {
    this.#lines.push(`${JSON.stringify({ file: this.#file, record: this.#record++, offset, length, ...rest })}\n`);
  }
}

/** A key that was wholly redacted is some key, and so counts as each; there is nothing of it to print. */
function showsSomething({ display, kind }: KeyRef): boolean {
  return kind !== 'masked' || display !== '...';
}
