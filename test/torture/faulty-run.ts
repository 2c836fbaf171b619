import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { environment } from '../run-cli.ts';

/** What the shim does at an operation; see faults.c. */
export type Mode = 'count' | 'kill' | 'half' | 'enospc' | 'eio' | 'short' | 'act';

export interface Fault {
  readonly mode: Mode;
  /** Which operation, from 1. */
  readonly at: number;
  readonly persists?: boolean;
  /** The command of `act`. */
  readonly act?: string;
}

export interface Ended {
  /** Null: killed by a signal. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** One operation of a run: what it was and on which file. */
export interface Operation {
  readonly number: number;
  readonly name: string;
  readonly kind: number;
  readonly file: string;
}

const SOURCE = fileURLToPath(new URL('faults.c', import.meta.url));
const KILLING = 2 | 4 | 8;
const KIND_OF: Readonly<Record<Mode, number>> = {
  count: 15,
  eio: 15,
  act: 15,
  kill: KILLING,
  half: 2,
  enospc: 4,
  short: 1 | 2,
};

/** Builds the shim. Undefined where there is no C compiler, or no Linux: then nothing can be injected. */
export function buildShim(): string | undefined {
  if (os.platform() !== 'linux') return undefined;
  const shim = path.join(os.tmpdir(), `lastcall-faults-${process.pid}.so`);
  const built = spawnSync('cc', ['-O1', '-shared', '-fPIC', '-Wall', '-Werror', '-o', shim, SOURCE, '-ldl']);
  if (built.error !== undefined) return undefined;
  if (built.status !== 0) throw new Error(built.stderr.toString());
  process.once('exit', () => fs.rmSync(shim, { force: true }));
  return shim;
}

export interface Injection {
  readonly shim: string;
  /** Operations on files below it count. */
  readonly below: string;
  readonly fault: Fault;
  /** Where what was synced is copied. */
  readonly shadow?: string;
  readonly log?: string;
}

/** The real program in a process of its own, with a fault injected. */
export function runProgram(args: readonly string[], { cwd, injection, cli, env = {} }: RunOptions): Promise<Ended> {
  const child = spawn(process.execPath, [cli, ...args], {
    cwd,
    env: environment({ ...COMPILED, ...variablesOf(injection), ...env }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, stdout, stderr })));
}

export interface RunOptions {
  readonly cwd: string;
  readonly injection?: Injection | undefined;
  readonly cli: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Compiled code is kept between the many runs. */
const COMPILED = { NODE_COMPILE_CACHE: path.join(os.tmpdir(), 'lastcall-torture-compiled') };

function variablesOf(injection: Injection | undefined): Record<string, string> {
  if (injection === undefined) return {};
  const { shim, below, fault, shadow, log } = injection;
  return {
    LD_PRELOAD: shim,
    UV_USE_IO_URING: '0',
    TORTURE_DIR: `${below}${path.sep}`,
    TORTURE_MODE: fault.mode,
    TORTURE_AT: String(fault.at),
    ...(fault.persists === true ? { TORTURE_PERSISTS: '1' } : {}),
    ...(fault.act === undefined ? {} : { TORTURE_ACT: fault.act }),
    ...(shadow === undefined ? {} : { TORTURE_SHADOW: shadow }),
    ...(log === undefined ? {} : { TORTURE_LOG: log }),
  };
}

/** Runs the program once, unharmed, and lists its operations. */
export async function listOperations(
  args: readonly string[],
  { cwd, shim, below, cli }: Pick<Injection, 'shim' | 'below'> & Pick<RunOptions, 'cwd' | 'cli'>,
): Promise<Operation[]> {
  const log = path.join(cwd, 'operations');
  const injection = { shim, below, fault: { mode: 'count', at: 0 }, log } as const;
  await runProgram(args, { cwd, injection, cli });
  const lines = fs.readFileSync(log, 'utf8').trimEnd().split('\n');
  fs.rmSync(log);
  return lines.map((line) => {
    const [number, name = '', kind, ...file] = line.split(' ');
    return { number: Number(number), name, kind: Number(kind), file: file.join(' ') };
  });
}

/** The operations at which a fault of this mode can strike. */
export function placesFor(mode: Mode, operations: readonly Operation[]): Operation[] {
  return operations.filter(({ kind }) => (kind & KIND_OF[mode]) !== 0);
}
