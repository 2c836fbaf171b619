import { spawn } from 'node:child_process';
import type { OutcomeBody } from './steps.ts';

export interface CommandSettings {
  readonly timeoutMs: number;
  /** All that the command gets. */
  readonly environment: Readonly<Record<string, string>>;
  /** Sends a signal to a group of processes; does nothing when it is gone. */
  readonly signalGroup: (pid: number, signal: 'SIGTERM' | 'SIGKILL') => void;
  /** Cuts keys in a text down to their displays: programs print the key that they deleted. */
  readonly hideKeys: (text: string) => string;
}

/** Both outputs together. What is beyond is not kept. */
const MOST_OUTPUT = 2000;
/** Between the request to stop and the order; also for outputs that a child of the command holds open. */
const GRACE_MS = 2000;

/**
 * Runs a program with its arguments, no shell between. Never throws: what did not end by itself, with an exit code, may
 * have happened or not. `detail` is for people; nobody should trust what it says.
 */
export function runCommand(
  [program, ...words]: readonly [string, ...string[]],
  { timeoutMs, environment, signalGroup, hideKeys }: CommandSettings,
): Promise<OutcomeBody> {
  const output = new Output();
  return new Promise((resolve) => {
    // A group of its own, so that what it starts ends with it.
    const child = spawn(program, words, { env: environment, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let isLate = false;
    const stop = (signal: 'SIGTERM' | 'SIGKILL'): void => {
      isLate = true;
      if (child.pid !== undefined) signalGroup(child.pid, signal);
    };
    const timers = [setTimeout(stop, timeoutMs, 'SIGTERM'), setTimeout(stop, timeoutMs + GRACE_MS, 'SIGKILL')];
    const end = (result: OutcomeBody['result'], how: string): void => {
      for (const timer of timers) clearTimeout(timer);
      const said = hideKeys(output.text());
      resolve({ result, detail: said === '' ? how : `${how}: ${said}` });
    };
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => output.add(chunk));
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (child.pid === undefined) end('failed', `"${program}" cannot be run (${error.code ?? 'error'})`);
    });
    child.on('exit', () => {
      setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, GRACE_MS).unref();
    });
    child.on('close', (code, signal) => {
      if (child.pid === undefined) return;
      if (isLate) end('unknown', `stopped after ${timeoutMs / 1000} s`);
      else if (code === null) end('unknown', `ended by ${signal ?? 'a signal'}`);
      else end(code === 0 ? 'done' : 'failed', `exit code ${code}`);
    });
  });
}

/** What is cut off in the middle of a word may be half of a key. */
const HALF_WORD = /[\w.~+/=-]{1,512}$/;

class Output {
  readonly #chunks: Buffer[] = [];
  #size = 0;

  add(chunk: Buffer): void {
    if (this.#size < MOST_OUTPUT) this.#chunks.push(chunk.subarray(0, MOST_OUTPUT - this.#size));
    this.#size += chunk.length;
  }

  /** One line. */
  text(): string {
    const kept = Buffer.concat(this.#chunks).toString('utf8');
    const whole = this.#size > MOST_OUTPUT ? kept.replace(HALF_WORD, '') : kept;
    return whole.replaceAll(/\s+/g, ' ').trim();
  }
}
