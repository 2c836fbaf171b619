import type { Readable } from 'node:stream';
import { LastcallError } from '../errors.ts';
import type { InventoryEntry, KeyRef, Skip, Usage } from '../model.ts';
import { DamagedInput, UnreachableInput } from '../sources/decompress.ts';
import { HEAD_BYTES } from '../sources/identity.ts';
import { openLog } from '../sources/log-file.ts';
import type { ObjectStore } from '../sources/object-store.ts';
import type { LogSettings, Problem } from './ingest.ts';
import { planReading } from './reading-plan.ts';
import { scanRecords } from './record-scan.ts';

/** Prints each record of a log as it is understood, one JSON object a line. Returns what kept it from being read whole. */
export async function parseLog(
  file: string,
  settings: LogSettings,
  inventory: readonly InventoryEntry[],
  stdin: Readable,
  write: (lines: readonly string[]) => Promise<void>,
  objects?: ObjectStore,
): Promise<Problem | undefined> {
  const printer = new RecordPrinter(file, inventory);
  try {
    const log = await openLog(file, stdin, objects);
    try {
      const head = await log.peek(HEAD_BYTES);
      if (head.length === 0) return undefined;
      const plan = planReading(head, settings.choice);
      const source = settings.source ?? plan.format.name;
      const framer = scanRecords(plan, { ...settings.interpretation, source }, 0, printer);
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
    if (error instanceof LastcallError && error.code === 'storage') throw error;
    await write(printer.take());
    return problemOf(file, error);
  }
}

/** Ids that the inventory has for keys in traffic. */
function idsByKey(inventory: readonly InventoryEntry[]): ReadonlyMap<string, string> {
  return new Map(
    inventory.flatMap(({ id, match }) => {
      if (match.by === 'fingerprint') return [[match.key, id] as const];
      return (match.keys ?? []).map((key) => [key, id] as const);
    }),
  );
}

class RecordPrinter {
  readonly #file: string;
  readonly #ids: ReadonlyMap<string, string>;
  #record = 0;
  #lines: string[] = [];

  constructor(file: string, inventory: readonly InventoryEntry[]) {
    this.#file = file;
    this.#ids = idsByKey(inventory);
  }

  usage(usage: Usage, offset: number, length: number): void {
    const keys = usage.keys.filter(showsSomething).map(({ key, display, kind }) => ({
      key: this.#ids.get(key) ?? key,
      display,
      keyKind: kind,
    }));
    this.#print(offset, length, {
      at: new Date(usage.at).toISOString(),
      ...keys[0],
      ...(keys.length > 1 ? { keys } : {}),
      eventId: usage.eventId,
      ip: usage.ip,
      userAgent: usage.userAgent,
      status: usage.status !== undefined && /^\d{1,5}$/.test(usage.status) ? Number(usage.status) : usage.status,
      outcome: usage.outcome,
      method: usage.method,
      action: usage.action,
      identity: Object.keys(usage.identity).length > 0 ? usage.identity : undefined,
      system: usage.system.name,
    });
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
function showsSomething({ display }: KeyRef): boolean {
  return display !== '...';
}

function problemOf(file: string, error: unknown): Problem {
  if (error instanceof LastcallError) return { file, message: error.message, hint: error.hint, isIncomplete: true };
  if (error instanceof DamagedInput) {
    return { file, message: `${error.message} at byte ${error.offset}`, hint: undefined, isIncomplete: true };
  }
  if (error instanceof UnreachableInput) return { file, message: error.message, hint: undefined, isIncomplete: true };
  const code = (error as { code?: unknown }).code;
  if (typeof code !== 'string') throw error;
  return { file, message: `it cannot be read (${code})`, hint: undefined, isIncomplete: true };
}
