import type { RawFields, Skip } from '../model.ts';
import type { Sample } from './format.ts';
import { recordsWith } from './json.ts';

/** A program's own messages beside its requests, a stage of a call that is counted elsewhere, and the like. */
export const NOT_A_REQUEST: Skip = { skip: 'not-a-request', quarantined: false };

/**
 * How sure one may be of a product by the members that its records have; each of `paths` is a list of alternatives.
 * Records without them may be messages of the program, so few with them are enough.
 */
export function marks(sample: Sample, ...paths: readonly string[]): number {
  if (sample.records.length === 0) return 0;
  const marked = recordsWith(sample, paths);
  return marked === 0 ? 0 : 0.55 + (0.44 * marked) / sample.records.length;
}

/** Takes out what the map only fetched for `refine`. */
export function takeIdentity(fields: RawFields, name: string): string | undefined {
  const value = fields.identity[name];
  delete fields.identity[name];
  return value;
}

/** An id that stands for the credential where its own id is not logged. */
export function fallBackOn(fields: RawFields, ...ids: readonly (string | undefined)[]): void {
  const id = ids.find((one) => one !== undefined);
  if (fields.keys.length === 0 && id !== undefined) fields.keys.push({ text: id, kind: 'public' });
}

/** The ids that are public first: they are what an inventory lists. */
export function publicFirst(fields: RawFields): RawFields {
  fields.keys.sort((a, b) => Number(a.kind === 'secret') - Number(b.kind === 'secret'));
  return fields;
}

/** An address without its port: `10.0.0.1:80`, `[fd00::1]:80`. */
export function addressOf(peer: string): string {
  const bracketed = /^\[([^\]]*)\]/.exec(peer)?.[1];
  return bracketed ?? peer.replace(/^([^:]*):\d{1,5}$/, '$1');
}
