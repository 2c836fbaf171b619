import type { FieldMap, UsageField } from '../formats/format.ts';
import type { Detection } from '../ingest/detect-format.ts';
import type { FieldSuggestion } from '../ingest/field-suggestions.ts';

/**
 * The suggestions that can be taken without asking: what is named like the field, and for what a log is nothing without
 * (time and key) also what looks like it, if nothing else does.
 */
export function adoptFields({ suggestions }: Detection): FieldMap {
  const byField = Map.groupBy(suggestions, ({ field }) => field);
  const adopted = [...byField].flatMap(([field, ones]) => {
    const taken = bestOf(field, ones);
    return taken === undefined ? [] : [[field, taken.path] as const];
  });
  const fields = Object.fromEntries(adopted) as Record<UsageField, string>;
  // What names a credential says less than the credential itself.
  const { keyId: _keyId, ...others } = fields;
  return 'key' in fields ? others : fields;
}

/** For lines of text: a pattern that fits almost all of them, and shows keys. */
export function adoptPattern({ pattern }: Detection): string | undefined {
  if (pattern === undefined || pattern.share < ALMOST_ALL || !pattern.pattern.includes('(?<key>')) return undefined;
  return `pattern:${pattern.pattern}`;
}

const ALMOST_ALL = 0.9;

function bestOf(field: UsageField, suggestions: readonly FieldSuggestion[]): FieldSuggestion | undefined {
  const allNamed = suggestions.filter(({ by, share }) => by === 'name' && share >= OFTEN);
  // A client may have several keys, so its id says less.
  const named = allNamed.find(({ path }) => field !== 'keyId' || /key|credential|token/i.test(path)) ?? allNamed[0];
  if (named !== undefined || !NEEDED.has(field)) return named;
  const shaped = suggestions.filter(({ share }) => share >= OFTEN);
  return shaped.length === 1 ? shaped[0] : undefined;
}

const OFTEN = 0.5;
const NEEDED: ReadonlySet<UsageField> = new Set(['time', 'key', 'ip', 'userAgent', 'method', 'action']);
