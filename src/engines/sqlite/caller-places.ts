import type { Caller } from '../../model.ts';
import { joinPlaces, type PlaceSet } from '../../tally/place-set.ts';
import type { Connection } from './database.ts';

const PLACES = `
  SELECT sources.name, places FROM keys JOIN callers ON key_id = keys.id JOIN systems ON systems.id = system_id
    JOIN place_sets ON place_sets.id = place_set_id JOIN sources ON sources.id = source_id
  WHERE key = :key AND systems.name = :name AND attribution = :attribution`;

/** Where a caller sends these keys, by source, as far as it is known. */
export function readPlaces(
  db: Connection,
  keys: readonly string[],
  { system }: Pick<Caller, 'system'>,
): ReadonlyMap<string, PlaceSet> {
  const statement = db.prepare(PLACES).raw();
  const found = new Map<string, PlaceSet>();
  for (const key of keys) {
    for (const [source, places] of statement.all({ key, ...system }) as [source: string, places: PlaceSet][]) {
      found.set(source, joinPlaces(found.get(source), places) ?? places);
    }
  }
  return found;
}
