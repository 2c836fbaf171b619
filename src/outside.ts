import type { Readable } from 'node:stream';
import type { FileRead, IngestResult } from './ingest/context.ts';
import type { Problem } from './ingest/problem.ts';
import type { Progress } from './ingest/progress.ts';
import type { Options } from './options.ts';
import type { View } from './reporters/reporter.ts';

/** What a run may do to the world outside. */
export interface Outside {
  readonly version: string;
  /** The version of Node.js. */
  readonly node: string;
  readonly pid: number;
  /** The program of Node.js. */
  readonly nodePath: string;
  readonly stdin: Readable;
  /** A signal was heard: stop at a safe point. */
  readonly isInterrupted: () => boolean;
  /** Signals are heard while `act` runs. At any other time the first one ends the process. */
  readonly listening: <T>(act: () => Promise<T>) => Promise<T>;
  readonly clock: () => number;
  /** To an output: a file, or standard output when undefined. Resolves when it may go on. */
  readonly write: (file: string | undefined, pieces: Iterable<string>) => Promise<void>;
  readonly warn: (problem: Problem) => void;
  /** To a person, beside the outputs. */
  readonly tell: (text: string) => void;
  /** Asks a person for a line; undefined when nobody answers. */
  readonly ask: (question: string) => Promise<string | undefined>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** To a group of processes; nothing happens when it is gone. */
  readonly signalGroup: (pid: number, signal: 'SIGTERM' | 'SIGKILL') => void;
  readonly progress: (progress: Progress) => void;
  readonly fileRead: (file: FileRead) => void;
  /** `given`: how many logs there were, read or known. */
  readonly summary: (result: IngestResult, given: number, startedAt: number) => void;
}

/** Commands that know a text for people and JSON only. */
export async function writeAs(
  options: Options,
  outside: Outside,
  asText: (view: View) => Iterable<string>,
  asJson: () => Iterable<string>,
): Promise<void> {
  for (const { reporter, file } of options.outputs) {
    await outside.write(file, reporter === 'json' ? asJson() : asText(viewOf(file, options)));
  }
}

/** What a reporter may know of where its text goes. */
export function viewOf(file: string | undefined, { columns, color }: Options): View {
  return file === undefined ? { columns, color } : { columns: 120, color: false };
}
