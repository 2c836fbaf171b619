import { KEY_PARAMETERS } from '../attribution/credentials.ts';
import type { FieldMap, UsageField } from '../formats/format.ts';
import { parsePaths } from '../kernel/field-path.ts';
import type { GroupMap } from '../kernel/group-map.ts';
import type { Interpretation } from './interpret.ts';
import type { ReadingPlan } from './reading-plan.ts';

/**
 * What the records of a log can be told apart by before they are interpreted: every field on which a rollup depends,
 * and no other, since an id or path among them would make each record a group of its own. Undefined: they must be read
 * one by one, because the kernel does not know the syntax, or because `refine` does not say what it looks at.
 */
export function planGroups(plan: ReadingPlan, how: Interpretation, dropsRepeats: boolean): GroupMap | undefined {
  const isMapped = (field: UsageField): boolean => plan.fields[field] !== undefined;
  const { format, reader } = plan;
  const { inGroups } = reader;
  if (inGroups === undefined) return undefined;
  if (format.refine !== undefined && format.refineReads === undefined) return undefined;
  // A path is different in each call.
  if (how.keyPaths !== undefined) return undefined;
  if (how.keyParameters?.every((name) => PLAIN_NAME.test(name)) === false) return undefined;
  if (Object.values(plan.fields).some(hasPair)) return undefined;
  const { syntax, marks } = inGroups;
  if (marks.some((mark) => mark.length < SHORTEST_MARK)) return undefined;
  const reads = format.refineReads ?? [];
  const query = format.queryField === undefined || !isMapped(format.queryField) ? undefined : format.queryField;
  const identity = how.nameSystem.identity.map((name): UsageField => `identity.${name}`);
  const grouped = [...new Set<UsageField>([...GROUPED, ...identity, ...reads])].filter(isMapped);
  const alone: UsageField[] = ['time', 'key', 'keyId', 'action'];
  if (dropsRepeats) alone.push('eventId');
  if (query !== undefined) alone.push(query);
  return {
    syntax,
    fields: pick(plan.fields, [...new Set([...alone, ...grouped])].filter(isMapped)),
    grouped,
    query: query === undefined || grouped.includes(query) ? undefined : query,
    marks,
    queryNames: [...KEY_PARAMETERS, ...(how.keyParameters ?? [])],
    keyless: reads.length > 0 || isMapped('source'),
    byHour: isMapped('source'),
    reduced: REDUCED.filter((field) => isMapped(field) && !reads.includes(field)),
    isUtc: how.timezone === undefined || how.timezone === 'UTC',
  };
}

/** What `interpret` makes a system, an outcome, an issuer or a source of. */
const GROUPED: readonly UsageField[] = [
  'source',
  'system',
  'ip',
  'userAgent',
  'status',
  'outcome',
  'error',
  'issuer',
  'cookie',
];

const REDUCED = ['status', 'error', 'cookie', 'ip'] as const;

const PLAIN_NAME = /^[\w.-]+$/;

/** The kernel looks at so many bytes before a closing quote. */
const SHORTEST_MARK = 7;

/** Lists of names and values are for the plain reader. */
function hasPair(paths = ''): boolean {
  return paths !== '' && parsePaths(paths).some((steps) => steps.some((step) => 'pair' in step));
}

function pick(fields: FieldMap, names: readonly UsageField[]): FieldMap {
  return Object.fromEntries(names.map((name) => [name, fields[name]])) as FieldMap;
}
