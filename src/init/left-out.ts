import type { Usage } from '../model.ts';
import type { SurveyedSource } from './survey.ts';

/** Files that look like logs and are left out, with the reason. */
export interface LeftOut {
  readonly source: SurveyedSource;
  readonly why: string;
}

/**
 * JSON and columns of no known format that show no use of a key: what has times and nothing of a call, and what tells the
 * calls of a log beside it again. Where nothing else is there, they stay: they were given as logs.
 */
export function leaveOut(sources: readonly SurveyedSource[]): {
  readonly sources: readonly SurveyedSource[];
  readonly leftOut: readonly LeftOut[];
} {
  const logs = sources.filter((source) => !isGeneric(source));
  const told = toldBy(logs);
  const leftOut = sources
    .filter(isGeneric)
    .map((source) => ({ source, why: isNoLog(source) ? NO_CALLS : isCopy(source, told) ? COPY : '' }))
    .filter(({ why }) => why !== '');
  const gone = new Set(leftOut.map(({ source }) => source));
  const kept = sources.filter((source) => !gone.has(source));
  return kept.length === 0 ? { sources, leftOut: [] } : { sources: kept, leftOut };
}

const NO_CALLS = 'its records have a time, and nothing of a call: no key, address, agent, status, method or action';
const COPY = 'it tells the calls of the logs beside it again';

function isGeneric({ format }: SurveyedSource): boolean {
  return format === 'json' || format === 'csv';
}

function isNoLog({ calls, detection }: SurveyedSource): boolean {
  if (detection.keyPaths !== undefined || detection.suggestions.some(({ field }) => MAY_BE_KEYS.has(field)))
    return false;
  return calls.every(
    ({ keys, ip, userAgent, status, method, action }) =>
      keys.length === 0 && [ip, userAgent, status, method, action].every((text) => text === undefined),
  );
}

const MAY_BE_KEYS: ReadonlySet<string> = new Set(['key', 'keyId']);

/** What was called when and from where; whether with a key. */
function toldBy(sources: readonly SurveyedSource[]): ReadonlyMap<string, boolean> {
  const told = new Map<string, boolean>();
  for (const call of sources.flatMap(({ calls }) => calls)) {
    const sign = signOf(call);
    told.set(sign, told.get(sign) === true || call.keys.length > 0);
  }
  return told;
}

function signOf({ at, ip = '' }: Usage): string {
  return `${Math.floor(at / 1000)} ${ip}`;
}

/** Whoever reads the others misses nothing: where this one shows a key, so do they. */
function isCopy({ calls }: SurveyedSource, told: ReadonlyMap<string, boolean>): boolean {
  const again = calls.filter((call) => told.has(signOf(call)));
  const isLess = calls.every((call) => call.keys.length === 0 || told.get(signOf(call)) === true);
  return isLess && calls.length > 0 && again.length >= ALMOST_ALL * calls.length;
}

const ALMOST_ALL = 0.95;
