import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { CLI, environment } from '../run-cli.ts';

export interface Child {
  readonly process: ChildProcess;
  /** Resolves once the program says on standard error what `pattern` matches, or has ended. */
  readonly says: (pattern: RegExp) => Promise<void>;
  readonly ended: Promise<Ended>;
}

export interface Ended {
  /** Null: killed by a signal. */
  readonly status: number | null;
  readonly stderr: string;
}

/** Starts the real program and lets it run. `--progress` makes it say when it reads. */
export function startCli(args: readonly string[], cwd: string, ofNode: readonly string[] = []): Child {
  const [command = '', ...rest] = [...ENDS_WITH_TEST, process.execPath, ...ofNode, CLI, ...args];
  const child = spawn(command, rest, {
    cwd,
    env: environment(),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  const isSaid = new Map<RegExp, () => void>();
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    for (const [pattern, settle] of isSaid) if (pattern.test(stderr)) settle();
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (status) => {
      for (const settle of isSaid.values()) settle();
      resolve({ status, stderr });
    });
  });
  return {
    process: child,
    says: (pattern) =>
      new Promise((resolve) => {
        isSaid.set(pattern, resolve);
        if (pattern.test(stderr) || child.exitCode !== null) resolve();
      }),
    ended,
  };
}

/** Put before a command, it ends with who started it, where Linux can see to that: a test that is killed would leave it stopped for ever. */
const SETPRIV = ['setpriv', '--pdeathsig', 'KILL'];
const ENDS_WITH_TEST: readonly string[] =
  spawnSync('setpriv', [...SETPRIV.slice(1), 'true']).status === 0 ? SETPRIV : [];

/** Numbers from 0 to 1, the same in every run. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
