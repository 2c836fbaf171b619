import { Readable } from 'node:stream';
import { parseCommandLine } from '../../src/commands/command-line.ts';
import { LastcallError } from '../../src/errors.ts';
import { FORMATS } from '../../src/formats/index.ts';
import { resolveOptions } from '../../src/options.ts';
import { writeWhole } from '../../src/output.ts';
import { run } from '../../src/run.ts';
import { reporters } from '../../src/reporters/index.ts';
import { FIXED_SECRET } from '../run-cli.ts';
import type { Ended } from './faulty-run.ts';

const CATALOG = { version: 'test', reporters, formats: FORMATS };

/** The program in this process: half a second faster than in one of its own. */
export async function runInside(
  args: readonly string[],
  stdin: Iterable<Buffer> = [],
  now: number = SURROUNDINGS.now,
): Promise<Ended> {
  let [stdout, stderr] = ['', ''];
  const say = (text: string): void => void (stderr += `${text}\n`);
  try {
    const line = parseCommandLine([...args], CATALOG);
    if (line.kind !== 'run') throw new Error('nothing is to be run');
    const options = await resolveOptions(
      line.typed,
      { LASTCALL_SECRET: FIXED_SECRET },
      { ...SURROUNDINGS, now },
      CATALOG,
    );
    const status = await run(options, {
      version: CATALOG.version,
      node: process.versions.node,
      pid: process.pid,
      nodePath: process.execPath,
      stdin: Readable.from(stdin, { objectMode: true }),
      isInterrupted: () => false,
      listening: (act) => act(),
      clock: () => performance.now(),
      async write(file, pieces) {
        if (file !== undefined) await writeWhole(file, pieces);
        else for (const piece of pieces) stdout += piece;
      },
      tell: say,
      ask: async () => undefined,
      environment: {},
      signalGroup: () => undefined,
      warn: ({ file, message, hint = '' }) => say(`${file}: ${message}\n${hint}`),
      progress: () => undefined,
      fileRead: () => undefined,
      summary: () => undefined,
    });
    return { status, stdout, stderr };
  } catch (error) {
    if (!(error instanceof LastcallError)) throw error;
    return { status: -1, stdout, stderr: `${stderr}${error.message}` };
  }
}

const SURROUNDINGS = {
  readFile: () => undefined,
  parseConfig: () => {
    throw new Error('there is no configuration to be read');
  },
  now: Date.UTC(2026, 11, 1),
  home: '/nowhere',
  cores: 1,
  isTerminal: false,
  columns: undefined,
  isErrorTerminal: false,
};
