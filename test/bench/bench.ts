import type { Table } from './table.ts';

/** What is asked of a bench. */
export interface BenchOptions {
  /** Where logs are made, and kept for the next time. */
  readonly folder: string;
  /** Of logs before they are packed. */
  readonly bytes: number;
  readonly runs: number;
  /** Names of rivals; undefined: all. */
  readonly only: readonly string[] | undefined;
  /** Other ways to ask the rivals, too. */
  readonly variants: boolean;
  /** Says what is going on. */
  readonly tell: (line: string) => void;
}

/** Something to be measured by its name: `npm run bench -- plain`. */
export interface Bench {
  readonly name: string;
  readonly run: (options: BenchOptions) => Table | Promise<Table>;
}
