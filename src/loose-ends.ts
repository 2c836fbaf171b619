import type { Problem } from './ingest/ingest.ts';
import type { EpochMs } from './model.ts';
import { nearMiss } from './near-miss.ts';
import type { Options } from './options.ts';
import type { Stock } from './report.ts';
import { dayOf, isoDay } from './verdicts/calendar.ts';

type Settings = Pick<Options, 'config' | 'exemptions' | 'asOf'>;

/** What the user has declared and what comes to nothing: an exemption of a key that does not exist, or that has ended. */
export function looseEnds(stock: Pick<Stock, 'evidence'>, options: Settings): readonly Problem[] {
  if (options.exemptions.length === 0) return [];
  const file = options.config ?? 'lastcall.yaml';
  const names = namesOf(stock);
  const problems = options.exemptions.flatMap(({ key, untilAt }) =>
    names.ids.has(key) ? ended(key, untilAt, options.asOf) : unknownKey('the exemption', key, names),
  );
  return problems.map((problem) => ({ ...problem, file, isIncomplete: false }));
}

type Doubt = Pick<Problem, 'message' | 'hint'>;

interface Names {
  readonly ids: ReadonlySet<string>;
  readonly idOf: (label: string) => string | undefined;
}

function namesOf({ evidence }: Pick<Stock, 'evidence'>): Names {
  return {
    ids: new Set(evidence.map(({ key }) => key)),
    idOf: (label) => evidence.find(({ entry, display }) => entry?.label === label || display === label)?.key,
  };
}

function ended(key: string, untilAt: EpochMs, asOf: EpochMs): readonly Doubt[] {
  if (untilAt >= asOf) return [];
  const message = `the exemption of "${key}" ended on ${isoDay(dayOf(untilAt))}`;
  return [{ message, hint: 'Remove it, or give it a new end.' }];
}

function unknownKey(what: string, key: string, { ids, idOf }: Names): readonly Doubt[] {
  const id = idOf(key);
  const meant = id ?? nearMiss(key, [...ids]);
  const hint = meant === undefined ? 'Name a key by its id, as lastcall report does.' : `Did you mean "${meant}"?`;
  return [{ message: `${what} of "${key}" names no key of an inventory or the logs`, hint }];
}
