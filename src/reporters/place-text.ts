import type { KeyPlace } from '../model.ts';

/** `headers.authorization and parameter api_key (gateway)`; what is not known of the calls themselves `may be` so. */
export function placesText(places: readonly KeyPlace[]): string {
  return [...Map.groupBy(places, ({ source }) => source)]
    .map(([source, ofSource]) => {
      const may = ofSource.every(({ seen }) => seen) ? '' : 'what may be ';
      return `${may}${ofSource.map(({ place }) => place).join(' and ')} (${source})`;
    })
    .join(', in ');
}
