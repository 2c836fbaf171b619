import { type ExitCode, LastcallError } from '../errors.ts';
import type { Problem } from '../ingest/problem.ts';
import type { KeyReport, Report } from '../model.ts';
import { prepareRun, type Run } from './prepare-run.ts';
import type { ReadSettings } from './settings.ts';

/** What was read, and whether the evidence is whole. */
export interface Reading {
  /** Logs of which something was new. */
  readonly files: number;
  readonly records: number;
  /** Records that could not be read. */
  readonly quarantined: number;
  /** Records that are no requests of a key. */
  readonly skipped: number;
  readonly bytes: number;
  /** Recognised formats, by number of logs. */
  readonly formats: ReadonlyMap<string, number>;
  readonly problems: readonly Problem[];
  /** False: some input was not fully read, now or earlier. The verdicts know of it. */
  readonly isComplete: boolean;
}

export interface Scan {
  readonly reading: Reading;
  readonly report: Report;
}

/** Reads what is new in the logs and judges every key: `lastcall scan`. Makes the database and the secret if need be. */
export async function scan(settings: ReadSettings = {}): Promise<Scan> {
  const run = await prepareRun('scan', settings.logs ?? [], settings);
  const { scan: scanLogs } = await import('../actions/pipeline.ts');
  let report: Report | undefined;
  const code = await scanLogs(run.options, run.outside, (result) => {
    report = result;
    return 0;
  });
  const reading = readingOf(run, code, settings);
  if (report === undefined) settings.signal?.throwIfAborted();
  if (report === undefined) throw new Error('a scan ended without a report');
  return { reading, report };
}

/** Reads what is new in the logs, and judges nothing: `lastcall ingest`. */
export async function ingest(settings: ReadSettings = {}): Promise<Reading> {
  const run = await prepareRun('ingest', settings.logs ?? [], settings);
  const { readLogs } = await import('../actions/pipeline.ts');
  const code = await readLogs(run.options, run.outside, () => 0);
  return readingOf(run, code, settings);
}

/** The gate before a deletion. */
export interface Check {
  /** The key is safe now and nothing was left unread. Whatever else: do not delete it. */
  readonly isSafe: boolean;
  readonly key: KeyReport;
  readonly problems: readonly Problem[];
}

/** Reads what is new in the sources, then judges one key: `lastcall check`. Throws `usage` for a key that is not known. */
export async function check(key: string, settings: ReadSettings = {}): Promise<Check> {
  const { logs: _, ...rest } = settings;
  const run = await prepareRun('check', [key], rest);
  const { verdictOn } = await import('../actions/inspect.ts');
  const { nothingRead } = await import('../actions/nothing-read.ts');
  let verdict: KeyReport | undefined;
  const act = async (...[store, inventories]: Parameters<typeof verdictOn>): Promise<ExitCode> => {
    verdict = verdictOn(store, inventories, run.options);
    const unread = nothingRead(store, run.options);
    if (unread !== undefined) run.outside.warn(unread);
    return unread?.isIncomplete === true ? 3 : 0;
  };
  const code = await (run.options.logs.length > 0
    ? (await import('../actions/pipeline.ts')).readLogs(run.options, run.outside, (store) =>
        act(store, [], run.options),
      )
    : (await import('../actions/stored.ts')).withStore(run.options, run.outside, (store, inventories) =>
        act(store, inventories, run.options),
      ));
  settings.signal?.throwIfAborted();
  if (verdict === undefined) throw new LastcallError('incomplete', 'the logs were not read to their end');
  return { isSafe: verdict.verdict === 'safe' && code === 0, key: verdict, problems: run.problems };
}

/** Rejects with the reason of the signal when that stopped the run. */
function readingOf({ reading, problems }: Run, code: number, { signal }: ReadSettings): Reading {
  const result = reading();
  if (result?.isInterrupted === true) signal?.throwIfAborted();
  if (result === undefined) throw new Error('nothing was said of what was read');
  const { files, records, quarantined, skipped, bytes, formats } = result;
  return { files, records, quarantined, skipped, bytes, formats, problems, isComplete: code === 0 };
}
