import type { Problem } from './ingest/ingest.ts';
import type { EpochMs, SourceCoverage } from './model.ts';
import { nearMiss } from './near-miss.ts';
import type { Options } from './options.ts';
import type { Stock } from './report.ts';
import { dayOf, isoDay } from './verdicts/calendar.ts';

/**
 * What the user has declared and what comes to nothing: an exemption of a key that does not exist, or that has ended; a
 * source that is retired and still sends records.
 */
export function looseEnds(
  { evidence, world }: Pick<Stock, 'evidence' | 'world'>,
  { config, exemptions, asOf }: Pick<Options, 'config' | 'exemptions' | 'asOf'>,
): readonly Problem[] {
  const names = namesOf(evidence);
  const doubts = [
    ...exemptions.flatMap(({ key, untilAt }) =>
      names.isKnown(key) ? ended(key, untilAt, asOf) : [unknownKey('the exemption', key, names)],
    ),
    ...[...world.coverage.values()].flatMap(contradicted),
  ];
  return doubts.map((doubt) => ({ ...doubt, file: config ?? 'lastcall.yaml', isIncomplete: false }));
}

type Doubt = Pick<Problem, 'message' | 'hint'>;

interface Names {
  readonly isKnown: (key: string) => boolean;
  readonly meant: (key: string) => string | undefined;
}

/** Made when first asked for: few users declare anything, and a fleet may have a million keys. */
function namesOf(evidence: Stock['evidence']): Names {
  let ids: Set<string> | undefined;
  const known = (): Set<string> => (ids ??= new Set(evidence.map(({ key }) => key)));
  return {
    isKnown: (key) => known().has(key),
    meant: (key) =>
      evidence.find(({ entry, display }) => entry?.label === key || display === key)?.key ??
      nearMiss(key, [...known()]),
  };
}

function ended(key: string, untilAt: EpochMs, asOf: EpochMs): readonly Doubt[] {
  if (untilAt >= asOf) return [];
  const message = `the exemption of "${key}" ended on ${isoDay(dayOf(untilAt))}`;
  return [{ message, hint: 'Remove it, or give it a new end.' }];
}

function unknownKey(what: string, key: string, { meant }: Names): Doubt {
  const id = meant(key);
  const hint = id === undefined ? 'Name a key by its id, as lastcall report does.' : `Did you mean "${id}"?`;
  return { message: `${what} of "${key}" names no key of an inventory or the logs`, hint };
}

function contradicted({ source, retired }: SourceCoverage): readonly Doubt[] {
  if (retired?.contradictedOn === undefined) return [];
  const [on, since] = [isoDay(retired.on), isoDay(retired.contradictedOn)];
  const message = `the source "${source}" is declared retired on ${on}, but has records of ${since}`;
  return [{ message, hint: 'Correct that day, or the clock of the source. Until then its silence proves nothing.' }];
}
