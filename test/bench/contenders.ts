import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { FIXED_SECRET } from '../run-cli.ts';
import { CLICKHOUSE_QUERIES } from './clickhouse-queries.ts';
import { DUCKDB_QUERIES, type Query } from './duckdb-queries.ts';
import { goaccessCommand } from './goaccess-command.ts';
import { jqScript } from './jq-script.ts';
import { type KeyDays, keyDaysOfCsv, keyDaysOfDatabase } from './key-days.ts';
import type { LogFiles, LogKind } from './log-files.ts';
import type { Command } from './process-run.ts';

/** A program that makes the rollup of a log. */
export interface Contender {
  readonly name: string;
  readonly version: string;
  /** What it does otherwise than lastcall. */
  readonly note?: string;
  /** It is so slow that it gets no log larger than this. */
  readonly atMostBytes?: number;
  /** Another way to ask the same program, kept for the ledger. */
  readonly isVariant?: boolean;
  /** In a folder of its own; undefined: it cannot read such logs. */
  readonly command: (log: LogFiles, folder: string) => Command | undefined;
  /** What it found; undefined: it cannot count calls by key. */
  readonly keyDays?: (folder: string) => KeyDays;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const RIVALS = fileURLToPath(new URL('rivals', import.meta.url));
const CLI = path.join(ROOT, 'dist/cli.js');

/** The whole program as it is shipped: a new database, its commit, no option but where to write. */
export const LASTCALL: Contender = {
  name: 'lastcall',
  version: (JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { version: string }).version,
  command: ({ files, kind }, folder) => {
    for (const name of fs.readdirSync(folder)) fs.rmSync(path.join(folder, name));
    const logs = kind === 'cloudtrail' ? [path.dirname(files[0] as string)] : files;
    return lastcall(['ingest', '--quiet', '--db', path.join(folder, 'lastcall.db'), ...logs]);
  },
  keyDays: (folder) => keyDaysOfDatabase(path.join(folder, 'lastcall.db')),
};

export function lastcall(args: readonly string[]): Command {
  return { argv: [process.execPath, CLI, ...args], env: { LASTCALL_SECRET: FIXED_SECRET } };
}

/** Whether `npm run build` made what is to be measured. */
export function isBuilt(): boolean {
  return fs.existsSync(CLI);
}

/** Those that are installed, and a line for each that is not. */
export function findRivals(only: readonly string[] | undefined): { rivals: Contender[]; absent: string[] } {
  const asked = FAMILIES.filter(({ name }) => only === undefined || only.includes(name));
  const rivals = asked.flatMap((family) => {
    const version = family.version();
    return version === undefined ? [] : family.contenders(version);
  });
  const absent = asked
    .filter(({ version }) => version() === undefined)
    .map(({ name, howToInstall }) => `${name} is not installed, and left out: ${howToInstall}`);
  return { rivals, absent };
}

interface Family {
  readonly name: string;
  readonly howToInstall: string;
  readonly version: () => string | undefined;
  readonly contenders: (version: string) => Contender[];
}

const INSTALL_RIVALS = 'npm ci --prefix test/bench/rivals';
/** Some ten seconds of their time. */
const SLOW_BYTES = 50_000_000;

const FAMILIES: readonly Family[] = [
  {
    name: 'duckdb',
    howToInstall: INSTALL_RIVALS,
    version: () => versionOfPackage('@duckdb/node-api'),
    contenders: (version) => engines('duckdb', version, 'duckdb.mjs', DUCKDB_QUERIES),
  },
  {
    name: 'clickhouse',
    howToInstall: INSTALL_RIVALS,
    version: () => versionOfPackage('@chdb/lib-linux-x64-gnu') ?? versionOfPackage('chdb'),
    contenders: (version) => engines('clickhouse', version, 'chdb.mjs', CLICKHOUSE_QUERIES),
  },
  {
    name: 'jq',
    howToInstall: 'apt-get install jq',
    version: () => versionOf('jq', /jq-(\S+)/),
    contenders: (version) => [
      {
        name: 'jq',
        version,
        note: 'grouped by awk',
        atMostBytes: SLOW_BYTES,
        command: (log, folder) => shell(jqScript(log, path.join(folder, 'found.csv'))),
        keyDays: foundIn,
      },
    ],
  },
  {
    name: 'goaccess',
    howToInstall: 'apt-get install goaccess',
    version: () => versionOf('goaccess', /GoAccess - (\S+)\./),
    contenders: (version) => [
      {
        name: 'goaccess',
        version,
        note: 'makes its own report: it cannot count by key',
        atMostBytes: SLOW_BYTES,
        command: goaccessCommand,
      },
    ],
  },
];

function engines(
  name: string,
  version: string,
  script: string,
  queries: Readonly<Record<LogKind, Readonly<Record<string, Query>>>>,
): Contender[] {
  const variants = [...new Set(Object.values(queries).flatMap((ofKind) => Object.keys(ofKind)))];
  return variants.map((variant) => ({
    name: variant === 'best' ? name : `${name}, ${variant}`,
    version,
    isVariant: variant !== 'best',
    command: (log, folder) => {
      const query = queries[log.kind][variant];
      if (query === undefined) return undefined;
      const out = path.join(folder, 'found.csv');
      fs.rmSync(out, { force: true });
      return { argv: [process.execPath, path.join(RIVALS, script), query(log), out] };
    },
    // That it counts what was delivered twice is the point of it.
    ...(variant === 'repeats counted' ? { note: 'counts what is delivered twice' } : { keyDays: foundIn }),
  }));
}

function foundIn(folder: string): KeyDays {
  return keyDaysOfCsv(fs.readFileSync(path.join(folder, 'found.csv'), 'utf8'));
}

function shell(script: string | undefined): Command | undefined {
  return script === undefined ? undefined : { argv: ['/bin/sh', '-c', script], env: { LC_ALL: 'C' } };
}

function versionOfPackage(name: string): string | undefined {
  const file = path.join(RIVALS, 'node_modules', name, 'package.json');
  if (!fs.existsSync(file)) return undefined;
  return (JSON.parse(fs.readFileSync(file, 'utf8')) as { version: string }).version;
}

function versionOf(program: string, pattern: RegExp): string | undefined {
  const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return pattern.exec(stdout ?? '')?.[1];
}
