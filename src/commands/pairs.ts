import { LastcallError } from '../errors.ts';
import type { NameProblem } from '../config/field-names.ts';
import type { Setting } from './settings.ts';

/** Reads values such as `key=auth.api_key`, split at the first `=`, into an object. The names are checked. */
export function readPairs(
  setting: Setting | undefined,
  problemOf: (name: string) => NameProblem | undefined,
): Readonly<Record<string, string>> {
  const pairs = new Map<string, string>();
  for (const text of setting?.texts ?? []) {
    const [name, value] = splitPair(setting?.origin ?? '', text);
    const problem = problemOf(name);
    if (problem !== undefined)
      throw new LastcallError('usage', `${setting?.origin}: ${problem.message}`, { hint: problem.hint });
    // The second would silently replace the first, and keys that sit in the first place would go unseen.
    if (pairs.has(name)) {
      throw new LastcallError('usage', `${setting?.origin}: "${name}" is given twice`, {
        hint: 'For log fields, write alternatives as one value, separated by ||.',
      });
    }
    pairs.set(name, value);
  }
  return Object.fromEntries(pairs);
}

function splitPair(origin: string, text: string): [name: string, value: string] {
  const split = text.indexOf('=');
  const name = text.slice(0, split).trim();
  const value = text.slice(split + 1).trim();
  if (split === -1 || name === '' || value === '') {
    throw new LastcallError('usage', `${origin}: "${text}" is not of the form <name>=<value>`);
  }
  return [name, value];
}
