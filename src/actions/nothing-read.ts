import { lastReadAt } from '../engines/sqlite/health.ts';
import type { Store } from '../engines/sqlite/store.ts';
import { LastcallError } from '../errors.ts';
import type { Problem } from '../ingest/problem.ts';
import type { Options } from '../options.ts';
import { DAY_MS, isoInstant } from '../verdicts/calendar.ts';

/**
 * What is to be said of a gate that had nothing to read first, as no source is configured: a call since then is not known.
 * After a day it is no gate any more.
 */
export function nothingRead(store: Pick<Store, 'db' | 'file'>, { logs, now }: GateOptions): Problem | undefined {
  if (logs.length > 0) return undefined;
  const at = lastReadAt(store.db, store.file, now);
  const when = at === undefined ? 'none was ever read' : `they were last read at ${isoInstant(at)}`;
  return {
    file: 'sources',
    message: `no logs are configured, so nothing new was read: ${when}`,
    hint: 'Name them under sources in lastcall.yaml, or say where that is: --config',
    isIncomplete: at === undefined || now - at > DAY_MS,
  };
}

type GateOptions = Pick<Options, 'logs' | 'now'>;

/** Nothing is permitted, or done to a key, by what was read long ago. */
export function refuseUnread(store: Pick<Store, 'db' | 'file'>, options: GateOptions): Problem | undefined {
  const problem = nothingRead(store, options);
  if (problem?.isIncomplete !== true) return problem;
  throw new LastcallError('incomplete', `Refused: ${problem.message}`, { hint: problem.hint ?? '' });
}
