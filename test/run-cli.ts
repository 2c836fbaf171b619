import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const CLI: string = fileURLToPath(new URL('../src/cli.ts', import.meta.url));

/** No secret at all: fixed, so that fingerprints are the same everywhere. */
export const FIXED_SECRET: string = '00112233445566778899aabbccddeeff'.repeat(2);

export interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Buffer;
}

/** The real program in a process of its own, with no settings but those given. */
export function runCli(args: readonly string[], { cwd, env = {}, input = '' }: RunOptions): Run {
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [CLI, ...args], {
    cwd,
    env: environment(env),
    input,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error !== undefined) throw error;
  return { status, stdout, stderr };
}

export function environment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(?:LASTCALL_|NODE_OPTIONS$|FORCE_COLOR$)/.test(name));
  return { ...Object.fromEntries(own), LASTCALL_SECRET: FIXED_SECRET, ...more };
}
