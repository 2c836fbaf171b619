import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'vitest';
import { openForReading } from '../../../src/engines/sqlite/store.ts';
import { type Dump, dump } from '../../ingest/dump.ts';
import type { Run } from '../../run-cli.ts';
import { READER } from './cluster.ts';
import { runHere } from './in-process.ts';
import { asLines, asRows, COLUMNS, FIELDS, INVENTORY, type MadeCall, type MadeSource, NOW } from './made-calls.ts';

/** A server for tests, of whichever version. */
export interface TestServer {
  readonly url: string;
  /** Says what the answer was; throws what the server said. */
  run(sql: string): Promise<string>;
  create(table: string, columns: string, order: string): Promise<void>;
  /** `rows`: TSV */
  insert(table: string, rows: string): Promise<void>;
  alter(table: string, change: string): Promise<void>;
  close(): Promise<void>;
}

export interface ToldKey {
  readonly key: string;
  readonly verdict: string;
  readonly requests: number;
  readonly blockers: readonly { readonly code: string }[];
}

export interface Told {
  readonly sources: readonly {
    readonly source: string;
    readonly gaps: readonly { readonly from: string; readonly reason: string }[];
    readonly records: number;
  }[];
  readonly keys: readonly ToldKey[];
}

export const isBlocked = ({ blockers }: ToldKey): boolean => blockers.some(({ code }) => code === 'unread-input');
export const requestsOf = ({ keys }: Told): number[] => keys.map(({ requests }) => requests);
export const PASSWORD = { CLICKHOUSE_PASSWORD: READER.password };

export const recordsOf = (run: Run): number | undefined =>
  told(run).sources.find(({ source }) => source === 'gateway')?.records;

/** A report without what tells a table from files: the name of the format, bytes and the database. */
export function told({ stdout, stderr }: Run): Told {
  if (stdout === '') throw new Error(stderr);
  const report = JSON.parse(stdout) as { sources: object[] } & Record<string, unknown>;
  const sources = report.sources.map((source) => ({ ...source, format: '', bytes: 0, account: undefined }));
  return { ...report, database: undefined, sources } as unknown as Told;
}

/** The same calls in a table and in files, and what is said of them. The current folder is its own until it closes. */
export class TestBed {
  readonly server: TestServer;
  readonly #home = process.cwd();
  readonly #dir: string;
  #calls: Record<MadeSource, MadeCall[]> = { gateway: [], batch: [] };
  #ofFiles = new Map<string, Run>();

  constructor(server: TestServer) {
    this.server = server;
    this.#dir = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-table-'));
    process.chdir(this.#dir);
    fs.writeFileSync('keys.csv', INVENTORY);
    const files = ['gateway', 'batch'].map((name) => `  - { name: ${name}, paths: [${name}.ndjson] }\n`);
    fs.writeFileSync('files.yaml', `inventories: [{ path: keys.csv }]\nsources:\n${files.join('')}`);
    this.configure('lastcall.yaml', {});
  }

  async close(): Promise<void> {
    process.chdir(this.#home);
    fs.rmSync(this.#dir, { recursive: true, force: true });
    await this.server.close();
  }

  get calls(): readonly MadeCall[] {
    return this.#calls.gateway;
  }

  async start(): Promise<void> {
    await this.server.create('requests', COLUMNS, 'ms');
  }

  async add(calls: readonly MadeCall[], source: MadeSource = 'gateway'): Promise<void> {
    this.#calls[source].push(...calls);
    this.#ofFiles.clear();
    await this.addRowsOnly(calls, source);
  }

  /** Another table with all that was added. */
  async copy(table: string): Promise<void> {
    await this.server.create(table, COLUMNS, 'ms');
    await this.server.insert(table, `${asRows(this.#calls.gateway)}${asRows(this.#calls.batch, 'batch')}`);
  }

  /** Files do not have them. */
  async addRowsOnly(calls: readonly MadeCall[], source: MadeSource = 'gateway'): Promise<void> {
    if (calls.length > 0) await this.server.insert('requests', asRows(calls, source));
  }

  /** Rows that the table has lost, and files have not. */
  async putBack(isLost: (at: number) => boolean): Promise<void> {
    for (const source of ['gateway', 'batch'] as const) {
      const lost = this.#calls[source].filter(({ at }) => isLost(at));
      await this.addRowsOnly(lost, source);
    }
  }

  /** Both sources lie in one table. */
  configure(file: string, members: Readonly<Record<string, string>>): void {
    const sources = ['gateway', 'batch'].map((name) => {
      const { where, ...others } = members;
      const own = `src = '${name}'${where === undefined ? '' : ` AND (${where})`}`;
      const all = { url: this.server.url, user: READER.user, table: 'requests', fields: FIELDS, ...others, where: own };
      const lines = Object.entries(all).map(([member, value]) => `    ${member}: ${value}\n`);
      return `  - name: ${name}\n    type: clickhouse\n${lines.join('')}`;
    });
    fs.writeFileSync(file, `inventories: [{ path: keys.csv }]\nsources:\n${sources.join('')}`);
  }

  async scan(db: string, env: Readonly<Record<string, string>> = {}, config = 'lastcall.yaml'): Promise<Run> {
    const args = ['scan', '--db', db, '--config', config, '-o', 'json'];
    return runHere(args, { ...PASSWORD, LASTCALL_NOW: NOW, ...env });
  }

  /** What files with the same calls come to, read at once. */
  async scanFiles(now: string = NOW): Promise<Told> {
    const known = this.#ofFiles.get(now);
    if (known !== undefined) return told(known);
    for (const [name, calls] of Object.entries(this.#calls)) fs.writeFileSync(`${name}.ndjson`, asLines(calls));
    fs.rmSync('files.db', { force: true });
    const run = await this.scan('files.db', { LASTCALL_NOW: now }, 'files.yaml');
    expect(run.status, run.stderr).toBe(0);
    this.#ofFiles.set(now, run);
    return told(run);
  }

  /** Rollups and hours, without what is said of the logs themselves. */
  dump(db: string): Pick<Dump, 'uses' | 'hours' | 'days'> {
    const store = openForReading(db, undefined);
    try {
      const { uses, hours, days } = dump(store.db);
      return { uses, hours, days };
    } finally {
      store.close();
    }
  }
}
