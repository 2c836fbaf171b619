/** The places in which somebody sent a key, as one text, since it goes from thread to thread and into the database: sorted, each once. */
export type PlaceSet = string;

/** Who sends a key in more places than this sends it anywhere. */
export const MOST_PLACES = 8;

const BETWEEN = '\n';

/** Associative and commutative: of too many places the first by name are kept. */
export function joinPlaces(a: PlaceSet | undefined, b: PlaceSet | undefined): PlaceSet | undefined {
  if (a === b || b === undefined) return a;
  if (a === undefined) return b;
  const places = new Set([...placesIn(a), ...placesIn(b)]);
  return [...places].toSorted().slice(0, MOST_PLACES).join(BETWEEN);
}

export function placesIn(places: PlaceSet): readonly string[] {
  return places.split(BETWEEN);
}
