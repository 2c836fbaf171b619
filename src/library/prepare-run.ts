import os from 'node:os';
import { Readable } from 'node:stream';
import type { CommandName } from '../commands/command-list.ts';
import type { FlagName } from '../commands/flags.ts';
import type { Config } from '../config/config.ts';
import { LastcallError } from '../errors.ts';
import { loadFormats } from '../extensions.ts';
import type { IngestResult } from '../ingest/context.ts';
import type { Problem } from '../ingest/problem.ts';
import { type Options, resolveOptions } from '../options.ts';
import type { Outside } from '../outside.ts';
import { reporters } from '../reporters/index.ts';
import { readVersion } from '../version.ts';
import type { ConfigMembers } from './config-members.ts';
import type { ReadSettings, Settings } from './settings.ts';

/** A run as the stages take it, and what it said on the way. */
export interface Run {
  readonly options: Options;
  readonly outside: Outside;
  readonly problems: readonly Problem[];
  /** Of the last time that logs were read. */
  readonly reading: () => IngestResult | undefined;
}

/** Checks what was given, as the command line does. Throws `usage` or `config`. */
export async function prepareRun(command: CommandName, operands: readonly string[], given: ReadSettings): Promise<Run> {
  const config = await readConfig(given);
  const host = {
    readFile: () => '',
    parseConfig: () => config,
    now: (given.now ?? new Date()).getTime(),
    home: os.homedir(),
    cores: os.availableParallelism(),
    isTerminal: false,
    columns: undefined,
    isErrorTerminal: false,
  };
  const environment = given.secret === undefined ? {} : { LASTCALL_SECRET: given.secret };
  const { FORMATS } = await import('../formats/index.ts');
  const formats = [...config.formats, ...(given.formats ?? [])];
  const own = await loadFormats(formats);
  const catalog = { version: readVersion(), reporters, formats: [...own, ...FORMATS] };
  const resolved = resolveOptions({ command, operands, flags: flagsOf(given) }, environment, host, catalog);
  const options: Options = {
    ...resolved,
    formats,
    outputs: [],
    passwords: given.passwords ?? {},
    config: given.config,
  };
  return { options, ...outsideOf(given) };
}

async function readConfig(given: Settings): Promise<Config> {
  const { parseConfig, parseMembers } = await import('../config/config.ts');
  const members = parseMembers(membersOf(given));
  if (given.config === undefined) return members;
  const fs = await import('node:fs');
  if (!fs.existsSync(given.config)) throw new LastcallError('config', `${given.config}: there is no such file`);
  const inFile = parseConfig(fs.readFileSync(given.config, 'utf8'), given.config);
  const named = Object.entries(members).filter(([name]) => given[name as keyof ConfigMembers] !== undefined);
  return { ...inFile, ...Object.fromEntries(named) };
}

const NO_MEMBERS = {
  config: true,
  secret: true,
  asOf: true,
  now: true,
  includeSessions: true,
  accept: true,
  formats: true,
  onProblem: true,
  logs: true,
  workers: true,
  passwords: true,
  stdin: true,
  onProgress: true,
  signal: true,
} satisfies Record<Exclude<keyof ReadSettings, keyof ConfigMembers>, true>;

function membersOf(given: Settings): object {
  return Object.fromEntries(
    Object.entries(given).filter(([name, value]) => value !== undefined && !Object.hasOwn(NO_MEMBERS, name)),
  );
}

function flagsOf({
  asOf,
  workers,
  includeSessions,
  accept,
  config,
}: ReadSettings): Partial<Record<FlagName, string[]>> {
  return {
    config: [config ?? 'settings'],
    ...(asOf === undefined ? {} : { asOf: [typeof asOf === 'string' ? asOf : asOf.toISOString()] }),
    ...(workers === undefined ? {} : { workers: [String(workers)] }),
    ...(includeSessions === true ? { includeSessions: ['true'] } : {}),
    ...(accept === true ? { accept: ['true'] } : {}),
  };
}

function outsideOf({ stdin, signal, onProblem, onProgress }: ReadSettings): Omit<Run, 'options'> {
  const problems: Problem[] = [];
  let reading: IngestResult | undefined;
  const outside: Outside = {
    version: readVersion(),
    node: '',
    // Of a program that is not ours: a note in the list of scans.
    pid: 0,
    nodePath: '',
    stdin: Readable.from(stdin ?? []),
    isInterrupted: () => signal?.aborted === true,
    listening: (act) => act(),
    clock: () => performance.now(),
    write: async () => {},
    warn(problem) {
      problems.push(problem);
      onProblem?.(problem);
    },
    tell: () => {},
    ask: async () => undefined,
    environment: {},
    signalGroup: () => {},
    progress: (progress) => onProgress?.(progress),
    fileRead: () => {},
    summary: (result) => {
      reading = result;
    },
  };
  return { outside, problems, reading: () => reading };
}
