import fs from 'node:fs';
import os from 'node:os';
import { Readable } from 'node:stream';
import { parseCommandLine } from '../../../src/commands/command-line.ts';
import { parseConfig } from '../../../src/config/config.ts';
import { EXIT_CODE_OF_ERROR, LastcallError } from '../../../src/errors.ts';
import { FORMATS } from '../../../src/formats/index.ts';
import { resolveOptions } from '../../../src/options.ts';
import type { Outside } from '../../../src/outside.ts';
import { reporters } from '../../../src/reporters/index.ts';
import { run } from '../../../src/run.ts';
import { environment, type Run } from '../../run-cli.ts';

/** The program without a process of its own, which takes a second to start. Paths are those of the current folder. */
export async function runHere(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  isInterrupted: Outside['isInterrupted'] = () => false,
): Promise<Run> {
  const catalog = { version: '0.0.0', reporters, formats: FORMATS };
  let [stdout, stderr] = ['', ''];
  const say = (text: string): void => void (stderr += `${text}\n`);
  try {
    const line = parseCommandLine([...args], catalog);
    if (line.kind === 'text') return { status: line.exitCode, stdout: line.text, stderr };
    if (line.kind !== 'run') throw new Error('nothing is to be run');
    const all = environment(env);
    const options = resolveOptions(line.typed, all, hostOf(), catalog);
    const outside = outsideOf(all, isInterrupted, (text) => void (stdout += text), say);
    return { status: await run(options, outside), stdout, stderr };
  } catch (error) {
    if (!(error instanceof LastcallError)) throw error;
    say(`${error.message} ${error.hint ?? ''}`);
    return { status: EXIT_CODE_OF_ERROR[error.code], stdout, stderr };
  }
}

function hostOf(): Parameters<typeof resolveOptions>[2] {
  return {
    parseConfig,
    readFile: (file) => (fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : undefined),
    now: Date.now(),
    home: os.homedir(),
    cores: 1,
    isTerminal: false,
    columns: undefined,
    isErrorTerminal: false,
  };
}

function outsideOf(
  env: NodeJS.ProcessEnv,
  isInterrupted: Outside['isInterrupted'],
  print: (text: string) => void,
  say: (text: string) => void,
): Outside {
  return {
    version: '0.0.0',
    node: process.versions.node,
    pid: process.pid,
    nodePath: process.execPath,
    stdin: Readable.from([]),
    isInterrupted,
    clock: () => performance.now(),
    write: async (_, pieces) => [...pieces].forEach(print),
    warn: ({ file, message, hint }) => say(`${file}: ${message} ${hint ?? ''}`),
    tell: say,
    ask: async () => undefined,
    environment: env,
    signalGroup: () => undefined,
    listening: (act) => act(),
    progress: () => undefined,
    fileRead: () => undefined,
    summary: ({ records }) => say(`${records} records`),
  };
}
