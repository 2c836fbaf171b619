import type { Skip } from '../model.ts';
import type { Sample } from './format.ts';
import { valueIn } from './json.ts';

/** A program's own messages beside its requests, a stage of a call that is counted elsewhere, and the like. */
export const NOT_A_REQUEST: Skip = { skip: 'not-a-request', quarantined: false };

/**
 * How sure one may be of a product by the members that its records have; each of `paths` is a list of alternatives.
 * Records without them may be messages of the program, so few with them are enough.
 */
export function marks(sample: Sample, ...paths: readonly string[]): number {
  if (sample.records.length === 0) return 0;
  const marked = sample.records.filter((record) => paths.every((path) => valueIn(record, path) !== undefined));
  return marked.length === 0 ? 0 : 0.55 + (0.44 * marked.length) / sample.records.length;
}
