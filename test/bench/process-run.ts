import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** What one run of a program took. */
export interface ProcessRun {
  readonly seconds: number;
  /** Of all its processes; undefined without GNU time. */
  readonly cpuSeconds: number | undefined;
  /** Of its largest process. */
  readonly peakBytes: number | undefined;
  readonly stdout: string;
}

export interface Command {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** The cores that every program of the bench gets. */
export const CORES = 2;

/** Runs a program to its end, from its start as a process; throws when it ends otherwise than `allowed`. */
export function runProcess({ argv, env, cwd }: Command, allowed: readonly number[] = [0]): ProcessRun {
  const figures = path.join(os.tmpdir(), `lastcall-bench-time-${process.pid}`);
  const [program, ...args] = [...pinned(), ...timed(figures), ...argv] as [string, ...string[]];
  const startedAt = performance.now();
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    env: { ...process.env, ...env },
    cwd,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const seconds = (performance.now() - startedAt) / 1000;
  if (error !== undefined) throw error;
  if (status === null || !allowed.includes(status))
    throw new Error(`${argv.join(' ').slice(0, 500)}\nended with ${status}: ${stderr.slice(-2000)}`);
  return { seconds, ...readFigures(figures), stdout };
}

/** GNU time reads the system's own account of a process that has ended; Node has none of its children. */
const TIME = '/usr/bin/time';
export const HAS_GNU_TIME: boolean =
  fs.existsSync(TIME) && /GNU/.test(spawnSync(TIME, ['--version'], { encoding: 'utf8' }).stdout);

function timed(figures: string): string[] {
  return HAS_GNU_TIME ? [TIME, '--output', figures, '--format', '%U %S %M'] : [];
}

/** On a machine with more cores each program is kept to as many. */
function pinned(): string[] {
  const isNeeded = os.availableParallelism() > CORES && fs.existsSync('/usr/bin/taskset');
  return isNeeded ? ['/usr/bin/taskset', '-c', `0-${CORES - 1}`] : [];
}

function readFigures(figures: string): Pick<ProcessRun, 'cpuSeconds' | 'peakBytes'> {
  if (!HAS_GNU_TIME) return { cpuSeconds: undefined, peakBytes: undefined };
  // A line before the figures says that the program ended with another status than 0.
  const line = fs.readFileSync(figures, 'utf8').trimEnd().split('\n').at(-1) ?? '';
  const [user = 0, system = 0, kilobytes = 0] = line.split(' ').map(Number);
  fs.rmSync(figures);
  return { cpuSeconds: user + system, peakBytes: kilobytes * 1024 };
}
