import fs from 'node:fs';
import { Readable } from 'node:stream';
import { parseCommandLine } from '../../src/commands/command-line.ts';
import { parseConfig } from '../../src/config/config.ts';
import { EXIT_CODE_OF_ERROR, LastcallError } from '../../src/errors.ts';
import { FORMATS } from '../../src/formats/index.ts';
import { resolveOptions } from '../../src/options.ts';
import type { Outside } from '../../src/outside.ts';
import { run } from '../../src/run.ts';
import { reporters } from '../../src/reporters/index.ts';
import { environment, type Run } from '../run-cli.ts';

const CATALOG = { version: '0.1.0', reporters, formats: FORMATS };

export interface Surroundings {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** What is typed at questions. */
  readonly answers: readonly string[];
  /** What happens while the first of them is typed. */
  readonly meanwhile?: (() => Promise<void>) | undefined;
}

/** What the program does with these arguments, without a process of its own: for tests that run it dozens of times. */
export async function runHere(args: readonly string[], { cwd, env, answers, meanwhile }: Surroundings): Promise<Run> {
  process.chdir(cwd);
  const given = environment(env);
  const said = { stdout: '', stderr: '' };
  try {
    const line = parseCommandLine(args, CATALOG);
    if (line.kind !== 'run') throw new Error('nothing is to be run');
    const host = {
      readFile: (file: string) => (fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : undefined),
      parseConfig,
      now: Date.now(),
      home: cwd,
      cores: 1,
      isTerminal: false,
      columns: undefined,
      isErrorTerminal: false,
    };
    const status = await run(
      resolveOptions(line.typed, given, host, CATALOG),
      outsideOf(said, given, [...answers], meanwhile),
    );
    return { status, ...said };
  } catch (error) {
    if (!(error instanceof LastcallError)) throw error;
    const stderr = [said.stderr, error.message, ...error.details, error.hint ?? ''].join('\n');
    return { status: EXIT_CODE_OF_ERROR[error.code], stdout: said.stdout, stderr };
  }
}

function outsideOf(
  said: { stdout: string; stderr: string },
  given: Readonly<Record<string, string | undefined>>,
  answers: string[],
  meanwhile?: () => Promise<void>,
): Outside {
  let isFirst = true;
  return {
    version: CATALOG.version,
    node: process.versions.node,
    pid: process.pid,
    nodePath: process.execPath,
    stdin: Readable.from([]),
    isInterrupted: () => false,
    listening: (act) => act(),
    clock: () => performance.now(),
    write: async (file, pieces) => {
      const text = [...pieces].join('');
      if (file === undefined) said.stdout += text;
      else fs.writeFileSync(file, text);
    },
    warn: ({ file, message }) => void (said.stderr += `lastcall: ${file}: ${message}\n`),
    tell: (text) => void (said.stderr += text),
    ask: async () => {
      if (isFirst) await meanwhile?.();
      isFirst = false;
      return answers.shift();
    },
    environment: given,
    signalGroup: (pid, signal) => process.kill(-pid, signal),
    progress: () => {},
    fileRead: () => {},
    summary: () => {},
  };
}
