import type { Sizes } from '../../src/ingest/reader-pool.ts';
import type { Format } from '../../src/formats/format.ts';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { createFingerprinter } from '../../src/attribution/fingerprint.ts';
import { writeTransaction } from '../../src/engines/sqlite/database.ts';
import { openForReading, openForWriting, type WritableStore } from '../../src/engines/sqlite/store.ts';
import { ingest } from '../../src/ingest/ingest.ts';
import type { IngestResult } from '../../src/ingest/context.ts';
import { type SettingOptions, settingsByPath } from '../../src/ingest/log-settings.ts';
import type { ReaderPool } from '../../src/ingest/reader-pool.ts';
import type { Inflater } from '../../src/sources/inflater.ts';
import { expandInputs } from '../../src/sources/inputs.ts';
import type { ObjectStore } from '../../src/sources/object-store.ts';
import { isAddress } from '../../src/sources/s3-address.ts';
import { DEFAULT_POLICY } from '../../src/verdicts/policy.ts';
import { dump, type Dump } from './dump.ts';

export const SECRET = '5eed'.repeat(16);

export interface ReadOptions {
  /** Formats of the user's. */
  readonly own?: readonly Format[];
  /** Undefined: named after the format. */
  readonly source?: string | undefined;
  readonly fields?: Readonly<Record<string, string>>;
  readonly format?: string;
  readonly records?: string;
  readonly stdin?: Iterable<Buffer>;
  /** What `s3://...` among the logs is read from. */
  readonly objects?: ObjectStore;
  readonly readers?: ReaderPool | undefined;
  readonly inflater?: Inflater | undefined;
  /** When the run begins, by the clock. */
  readonly now?: number;
  /** Asked between chunks. */
  readonly isInterrupted?: () => boolean;
}

/** A temporary directory with logs and a database in it; removed when the test ends. */
export interface Lab {
  readonly dir: string;
  readonly db: string;
  path(name: string): string;
  write(name: string, content: string | Buffer): void;
  append(name: string, content: string | Buffer): void;
  move(from: string, to: string): void;
  remove(name: string): void;
  /** One run over logs of the directory (`logs` itself when none is named), as `lastcall ingest` makes it. */
  read(names?: readonly string[], options?: ReadOptions): Promise<IngestResult>;
  /** What the database says, in an order of its own. */
  dump(): Dump;
  faults(): { path: string; reason: string; detail: string }[];
  /** Where each log is known to end, and by which bytes it is known. */
  streams(): unknown;
}

export function newLab(): Lab {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-test-'));
  onTestFinished(() => fs.rmSync(dir, { recursive: true, force: true }));
  const db = path.join(dir, 'lastcall.db');
  const at = (name: string): string => (name === '-' || isAddress(name) ? name : path.join(dir, 'logs', name));
  const relative = (file: string): string => path.relative(path.join(dir, 'logs'), file);
  fs.mkdirSync(path.join(dir, 'logs'));
  return {
    dir,
    db,
    path: at,
    write(name, content) {
      fs.mkdirSync(path.dirname(at(name)), { recursive: true });
      fs.writeFileSync(at(name), content);
    },
    append: (name, content) => fs.appendFileSync(at(name), content),
    move: (from, to) => fs.renameSync(at(from), at(to)),
    remove: (name) => fs.rmSync(at(name)),
    read: async (names = [''], options = {}) => readLogs(db, names.map(at), options),
    dump: () => withReader(db, (store) => dump(store.db)),
    faults: () =>
      withReader(db, (store) =>
        store.db
          .prepare<[], { path: string; reason: string; detail: string }>('SELECT path, reason, detail FROM faults')
          .all()
          .map((fault) => ({ ...fault, path: isAddress(fault.path) ? fault.path : relative(fault.path) })),
      ),
    streams: () => withReader(db, (store) => streamsOf(store)),
  };
}

/** The dump of one run over logs with these contents in a directory of their own. */
export async function readOnce(logs: Readonly<Record<string, string | Buffer>>, options?: ReadOptions): Promise<Dump> {
  const lab = newLab();
  for (const [name, content] of Object.entries(logs)) lab.write(name, content);
  await lab.read(Object.keys(logs), options);
  return lab.dump();
}

async function readLogs(db: string, logs: readonly string[], options: ReadOptions): Promise<IngestResult> {
  const fingerprinter = createFingerprinter(SECRET);
  const { files } = await expandInputs(logs, [db], options.objects);
  const store = openForWriting(db, fingerprinter.canary());
  try {
    const scan = writeTransaction(store.db, store.file, () => store.ledger.startScan(options.now ?? 0, 1, 'test'));
    const result = await ingest(files, {
      ledger: store.ledger,
      scan,
      settingsOf: settingsByPath(settingsOf(options), fingerprinter, options.own ?? []),
      quarantineShare: DEFAULT_POLICY.quarantineShare,
      stdin: Readable.from(options.stdin ?? [], { objectMode: true }),
      ...(options.objects === undefined ? {} : { objects: options.objects }),
      readers: options.readers,
      inflater: options.inflater,
      onProgress: () => undefined,
      onFile: () => undefined,
      isInterrupted: options.isInterrupted ?? (() => false),
    });
    writeTransaction(store.db, store.file, () => store.ledger.finishScan(scan, 0, result));
    checkIntegrity(store);
    return result;
  } finally {
    store.close();
  }
}

/** What `read` takes for options. */
export function settingsOf({ source, format = 'auto', records, fields = {} }: ReadOptions): SettingOptions {
  return {
    formats: [],
    sources: [],
    source,
    logFormat: format,
    logFormatString: undefined,
    records,
    fields,
    timezone: undefined,
    systems: [],
  };
}

function checkIntegrity(store: WritableStore): void {
  const foreign = store.db.pragma('foreign_key_check') as unknown[];
  if (foreign.length > 0) throw new Error('foreign keys are broken');
}

function withReader<T>(db: string, act: (store: ReturnType<typeof openForReading>) => T): T {
  const store = openForReading(db, undefined);
  try {
    return act(store);
  } finally {
    store.close();
  }
}

function streamsOf({ db }: ReturnType<typeof openForReading>): unknown {
  const columns = 'position, resume_at, header, head_length, head_hash, read_length, crc, tail_hash';
  const counted = 'records, keyed, quarantined, skipped, pending_records, pending_quarantined, first_at, last_at';
  const rows = db.prepare(`SELECT ${columns}, ${counted} FROM streams ORDER BY path`).all();
  const places = db.prepare('SELECT offset, length, reason FROM quarantine ORDER BY 1, 2, 3').all();
  const heads = db.prepare('SELECT length, hash FROM heads ORDER BY 1, 2').all();
  return { rows, places, heads };
}

/** Threads read logs in parts so small that a few lines are one. */
export const SMALL_PARTS: Sizes = {
  leastBytes: 1,
  leastInAll: 0,
  leastInShort: 0,
  sectionBytes: 700,
  mostWeight: 1000,
  stretchBytes: 2 ** 30,
};
