#!/usr/bin/env node
import type { Outside } from './outside.ts';
import type { ExitCode } from './errors.ts';

// Node writes such a report when it crashes, if it was told to; the secret may be in the environment.
process.report.excludeEnv = true;

let isReaderGone = false;

// Without a listener an error of standard output would end the process; writeOut deals with it.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') isReaderGone = true;
});

async function main(): Promise<number> {
  const { readVersion } = await import('./version.ts');
  const { parseCommandLine } = await import('./commands/command-line.ts');
  const { reporters } = await import('./reporters/index.ts');
  const light: Catalog = { version: readVersion(), reporters };
  try {
    const words = process.argv.slice(2);
    const isAsking = await isAskingForStatus(words);
    const argv = isAsking ? ['status'] : words;
    const short = parseCommandLine(argv, light);
    const line = short.kind === 'incomplete' ? parseCommandLine(argv, await withFormats(light)) : short;
    if (line.kind === 'incomplete') throw new Error('the catalog lacks something');
    if (line.kind === 'text') {
      (line.exitCode === 0 ? process.stdout : process.stderr).write(line.text);
      return line.exitCode;
    }
    const code = await runCommand(line.typed, light);
    // As the help does: a gate whose words got lost must not pass.
    return isAsking && code === 0 ? 2 : code;
  } catch (error) {
    return await explainError(error);
  }
}

/** Where there is a configuration, nothing typed on a terminal asks how things stand. */
async function isAskingForStatus(words: readonly string[]): Promise<boolean> {
  if (words.length > 0 || !process.stdout.isTTY) return false;
  const fs = await import('node:fs');
  const { configFileOf } = await import('./options.ts');
  return fs.existsSync(configFileOf({ flags: {} }, process.env));
}

type Typed = import('./commands/command-line.ts').Typed;
type Catalog = import('./commands/command-line.ts').Catalog;

/** `modules`: of the user's. */
async function withFormats(catalog: Catalog, modules: readonly string[] = []): Promise<Catalog> {
  const { FORMATS } = await import('./formats/index.ts');
  if (modules.length === 0) return { ...catalog, formats: FORMATS };
  const { loadFormats } = await import('./extensions.ts');
  const own = (await loadFormats(modules)).map((format, index) => ({ ...format, file: modules[index]! }));
  return { ...catalog, formats: [...own, ...FORMATS] };
}

async function runCommand(typed: Typed, light: Catalog): Promise<number> {
  const fs = await import('node:fs');
  const os = await import('node:os');
  const { formatModules, namesFormat } = await import('./commands/log-formats.ts');
  const { configFileOf, resolveOptions } = await import('./options.ts');
  const { run } = await import('./run.ts');
  // Loaded for a configuration only: zod and yaml take longer than everything else together.
  const file = configFileOf(typed, process.env);
  const isConfigured = typed.command !== 'init' && fs.existsSync(file);
  const config = isConfigured
    ? (await import('./config/config.ts')).parseConfig(fs.readFileSync(file, 'utf8'), file)
    : undefined;
  const modules = formatModules(typed, process.env, config);
  const catalog = isConfigured || namesFormat(typed, process.env) ? await withFormats(light, modules) : light;
  const options = resolveOptions(
    typed,
    process.env,
    {
      // It is read above, since what it names has to be loaded first.
      parseConfig: () => config!,
      readFile: () => (isConfigured ? '' : undefined),
      now: Date.now(),
      home: os.homedir(),
      cores: os.availableParallelism(),
      isTerminal: process.stdout.isTTY === true,
      columns: process.stdout.columns,
      isErrorTerminal: process.stderr.isTTY === true,
    },
    catalog,
  );
  const interruption = new Interruption();
  const outside = await createOutside(options, catalog.version, interruption);
  const code = await run(options, outside)
    .catch((error: unknown) => {
      if (error instanceof Interrupted) return 0;
      throw error;
    })
    .finally(outside.endAsking);
  return interruption.signal === undefined ? code : 128 + os.constants.signals[interruption.signal];
}

type Signal = (typeof SIGNALS)[number];

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** For what the writer at the other end of a pipe, who may have got the same signal, still has to say. */
const LAST_WORDS_MS = 1500;

class Interrupted extends Error {}

/** Lets the event loop turn once. An old Node must not meet an import here. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * While somebody listens, the first signal lets the run stop at a safe point, and the second one ends it. What judges keys
 * hears nothing until it is done: there the first signal ends the process, which leaves nothing behind.
 */
class Interruption {
  signal: Signal | undefined;
  readonly heard: AbortController = new AbortController();
  #listeners = 0;

  async listening<T>(act: () => Promise<T>): Promise<T> {
    if (this.#listeners++ === 0) for (const signal of SIGNALS) process.once(signal, this.#hear);
    try {
      return await act();
    } finally {
      await nextTurn();
      if (--this.#listeners === 0) for (const signal of SIGNALS) process.off(signal, this.#hear);
    }
  }

  /** Lets signals in, and throws when there was one. */
  async stopHere(): Promise<void> {
    await nextTurn();
    if (this.signal !== undefined) throw new Interrupted();
  }

  readonly #hear = (signal: NodeJS.Signals): void => {
    this.signal = signal as Signal;
    this.heard.abort();
    process.stderr.write('\nlastcall: stopping; run again to go on from here\n');
    setTimeout(() => process.stdin.destroy(), LAST_WORDS_MS).unref();
  };
}

async function createOutside(
  options: import('./options.ts').Options,
  version: string,
  interruption: Interruption,
): Promise<Outside & { readonly endAsking: () => void }> {
  const { writeWhole } = await import('./output.ts');
  const { inert } = await import('./reporters/inert.ts');
  const { progressLine } = await import('./reporters/progress.ts');
  const { summaryLine } = await import('./reporters/summary-line.ts');
  const v8 = await import('node:v8');
  const startedAt = performance.now();
  let drawnAt = 0;
  let limitedAt = 0;
  const clear = (): void => {
    if (drawnAt > 0) process.stderr.write('\r\x1b[2K');
    drawnAt = 0;
  };
  return {
    version,
    node: process.versions.node,
    pid: process.pid,
    nodePath: process.execPath,
    stdin: process.stdin,
    isInterrupted: () => interruption.signal !== undefined,
    listening: (act) => interruption.listening(act),
    environment: process.env,
    signalGroup,
    ...asker(interruption),
    tell(text) {
      clear();
      process.stderr.write(text);
    },
    clock: () => performance.now(),
    async write(file, pieces) {
      if (file === undefined) await writeOut(pieces);
      else await interruption.listening(() => writeWhole(file, pieces, () => interruption.stopHere()));
    },
    warn({ file, message, hint }) {
      clear();
      process.stderr.write(`lastcall: ${inert(file)}: ${inert(message)}\n`);
      if (hint !== undefined) process.stderr.write(`  ${inert(hint)}\n`);
    },
    progress(progress) {
      const now = performance.now();
      if (now - limitedAt > 20) {
        limitYoungGeneration(v8);
        limitedAt = now;
      }
      if (!options.progress || now - drawnAt < 100) return;
      drawnAt = now;
      const line = progressLine({ ...progress, elapsedMs: now - startedAt }, (process.stderr.columns ?? 80) - 1);
      process.stderr.write(`\r\x1b[2K${line}`);
    },
    fileRead({ file, format, source, records, keyed, bytes, bytesInRecords: within }) {
      if (!options.verbose) return;
      clear();
      const account = within === undefined ? '' : ` (${within} in records, ${bytes - within} between them)`;
      process.stderr.write(
        `${inert(file)}: ${format}, source ${inert(source)}, ${records} records, ${keyed} with a key, ${bytes} bytes${account}\n`,
      );
    },
    summary(result, given, since) {
      clear();
      if (options.quiet) return;
      const skipped = result.skipped - result.duplicates;
      const seconds = (performance.now() - since) / 1000;
      process.stderr.write(`${summaryLine({ ...result, skipped, seconds, given })}\n`);
    },
  };
}

/** Reads answers line by line from standard input. It is opened with the first question. */
function asker({ heard }: Interruption): Pick<Outside, 'ask'> & { readonly endAsking: () => void } {
  let lines: import('node:readline').Interface | undefined;
  let answers: AsyncIterator<string> | undefined;
  const end = (): void => lines?.close();
  heard.signal.addEventListener('abort', end);
  return {
    async ask(question) {
      if (heard.signal.aborted) return undefined;
      process.stderr.write(question);
      const { createInterface } = await import('node:readline');
      lines ??= createInterface({ input: process.stdin, crlfDelay: Infinity });
      answers ??= lines[Symbol.asyncIterator]();
      const { done, value } = await answers.next();
      if (done === true) process.stderr.write('\n');
      return done === true ? undefined : value;
    },
    endAsking: end,
  };
}

function signalGroup(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

const YOUNG_GENERATION_BYTES = 8 * 1024 * 1024;

/**
 * Keeps V8 from growing the space for new objects to 192 MB, of which a long read of short-lived records makes no use.
 * The usual flag for it can only be given at the start of the process; stopping the growth works at any time.
 */
function limitYoungGeneration(v8: typeof import('node:v8')): void {
  const young = v8.getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
  if ((young?.space_size ?? 0) >= YOUNG_GENERATION_BYTES) v8.setFlagsFromString('--semi-space-growth-factor=1');
}

const WRITE_BYTES = 64 * 1024;

/** Writes in large pieces, each when the one before is gone. A reader that went away (`| head`) is success. */
async function writeOut(pieces: Iterable<string>): Promise<void> {
  let text = '';
  for (const piece of pieces) {
    text += piece;
    if (text.length < WRITE_BYTES) continue;
    await writeText(text);
    text = '';
  }
  if (text !== '') await writeText(text);
}

async function writeText(text: string): Promise<void> {
  const error = await new Promise<NodeJS.ErrnoException | null | undefined>((resolve) => {
    if (isReaderGone) resolve(undefined);
    else process.stdout.write(text, resolve);
  });
  if (error === null || error === undefined || isReaderGone) return;
  const { LastcallError } = await import('./errors.ts');
  throw new LastcallError('storage', `Standard output cannot be written (${error.code ?? error.message})`);
}

/** A line on what happened, what it lists, a line on what to do. Anything that is not ours is a bug and keeps its stack. */
async function explainError(thrown: unknown): Promise<ExitCode> {
  const { EXIT_CODE_OF_ERROR, LastcallError, refusedByFiles } = await import('./errors.ts');
  const error = refusedByFiles(thrown) ?? thrown;
  if (!(error instanceof LastcallError)) throw error;
  const { hideKeys } = await import('./attribution/raw-secret.ts');
  const { inert } = await import('./reporters/inert.ts');
  // What was typed by mistake is repeated, and may be a key.
  const say = (text: string): string => inert(hideKeys(text));
  process.stderr.write(`lastcall: ${say(error.message)}\n`);
  for (const line of error.details) process.stderr.write(`  - ${say(line)}\n`);
  if (error.hint !== undefined) process.stderr.write(`  ${say(error.hint)}\n`);
  return EXIT_CODE_OF_ERROR[error.code];
}

// Everything else is loaded after this check: better-sqlite3 crashes in native code on a Node that is too old.
const OLDEST_NODE = [22, 18] as const;
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
  process.stderr.write(
    `lastcall needs Node.js ${OLDEST_NODE.join('.')} or newer; this is ${process.versions.node}. Next: npm install node@24\n`,
  );
  process.exitCode = 2;
} else {
  // As it was written, the program is no faster for it, and a change of it would leave more to be kept each time.
  if (import.meta.url.endsWith('.js')) {
    const { keepCompiledCode } = await import('./code-cache.ts');
    const { homedir } = await import('node:os');
    keepCompiledCode(process.env, homedir(), process.geteuid?.());
  }
  process.exitCode = await main();
}
