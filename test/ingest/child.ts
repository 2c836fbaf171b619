import { type ChildProcess, spawn } from 'node:child_process';
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
  const child = spawn(process.execPath, [...ofNode, CLI, ...args], {
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
