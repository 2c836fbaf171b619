import { displayOf } from '../attribution/fingerprint.ts';
import { isRawSecret } from '../commands/raw-secret.ts';
import type { Problem } from '../ingest/problem.ts';
import type { LoadedInventory } from '../report/known-keys.ts';
import type { EpochMs, SourceCoverage } from '../model.ts';
import { nearMiss } from '../near-miss.ts';
import type { Options } from '../options.ts';
import type { Stock } from '../report/report.ts';
import { dayOf, isoDay } from '../verdicts/calendar.ts';
import { isInCircle } from '../verdicts/substitution.ts';
import type { World } from '../verdicts/world.ts';

/**
 * What the user has declared and what comes to nothing: exemptions and successors of keys that do not exist, exemptions
 * that have ended, successors in a circle, sources that are retired and still send records.
 */
export function looseEnds(
  { evidence, world }: Declared,
  { config = 'lastcall.yaml', exemptions, successors, asOf }: Settings,
): readonly Problem[] {
  return [
    ...exemptions
      .flatMap(({ key, untilAt }) => unknownKey(key, evidence) ?? ended(key, untilAt, asOf))
      .map(at(`${config}: exemptions`)),
    ...[...world.coverage.values()].flatMap(contradicted).map(at(`${config}: sources`)),
    ...successors.flatMap(({ key, successor, origin }) =>
      [...(unknownKey(key, evidence) ?? []), ...(unknownKey(successor, evidence) ?? []), ...circle(key, world)].map(
        at(origin),
      ),
    ),
  ];
}

/** Inventories that leave keys out, as far as they say so themselves. */
export function incompleteInventories(inventories: readonly LoadedInventory[]): readonly Problem[] {
  return inventories.flatMap(({ file, partial, remedy }) => {
    if (partial === undefined) return [];
    const message = `this inventory is not complete: ${partial}`;
    const hint =
      remedy ?? 'Keys that it leaves out are judged as keys of no inventory. All pages can stand in one file.';
    return [{ file, message, hint, isIncomplete: true }];
  });
}

interface Declared extends Pick<Stock, 'world'> {
  readonly evidence: Names;
}

/** Asked for each key that is named: there may be a million others. */
type Names = Pick<Stock['evidence'], 'of' | 'find' | 'someIds'>;

type Settings = { readonly config: string | undefined } & Pick<Options, 'exemptions' | 'successors' | 'asOf'>;

type Doubt = Pick<Problem, 'message' | 'hint'>;

function at(place: string): (doubt: Doubt) => Problem {
  return (doubt) => ({ ...doubt, file: place, isIncomplete: false });
}

function ended(key: string, untilAt: EpochMs, asOf: EpochMs): readonly Doubt[] {
  if (untilAt >= asOf) return [];
  const message = `the exemption of "${key}" ended on ${isoDay(dayOf(untilAt))}`;
  return [{ message, hint: 'Remove it, or give it a new end.' }];
}

/** Undefined: the key is known. Somebody may have written the key itself: that is not repeated. */
function unknownKey(key: string, names: Names): readonly Doubt[] | undefined {
  if (names.of(key) !== undefined) return undefined;
  const id = names.find(key)[0]?.key ?? nearMiss(key, names.someIds(MAX_NEAR_MISSES));
  const hint = id === undefined ? 'Name a key by its id, as lastcall report does.' : `Did you mean "${id}"?`;
  const shown = isRawSecret(key) ? displayOf(key) : key;
  return [{ message: `no key of an inventory or the logs has the id "${shown}"`, hint }];
}

const MAX_NEAR_MISSES = 5000;

function circle(key: string, world: World): readonly Doubt[] {
  const evidence = world.others(key);
  if (evidence === undefined || !isInCircle(evidence, world)) return [];
  const message = `the successors of "${key}" lead back to it`;
  return [{ message, hint: 'Name for each key the one that replaces it, also in the inventory.' }];
}

function contradicted({ source, retired }: SourceCoverage): readonly Doubt[] {
  if (retired?.contradictedOn === undefined) return [];
  const [on, since] = [isoDay(retired.on), isoDay(retired.contradictedOn)];
  const message = `"${source}" is declared retired on ${on}, but has records of ${since}`;
  return [{ message, hint: 'Correct that day, or the clock of the source. Until then its silence proves nothing.' }];
}
