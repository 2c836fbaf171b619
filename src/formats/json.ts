import type { RawFields } from '../model.ts';
import { pairOf } from '../kernel/header-pairs.ts';
import { lowerAscii, parsePaths, type Step } from '../kernel/field-path.ts';
import { memo } from '../memo.ts';
import type { FieldMap, Format, Sample } from './format.ts';
import { KEY_HEADERS } from './key-headers.ts';
import { alsoWithin, DOUBTFUL_MEMBERS, HEADER_OBJECTS, keyPaths, MORE_HEADER_OBJECTS, REQUEST_FIELDS, USUAL_FIELDS } from './usual-fields.ts'; // prettier-ignore

/** JSON of no particular product: usual names, or the fields that the user maps. */
export const json: Format = {
  name: 'json',
  title: 'JSON, one object a line or in documents; usual field names or your own map (--field)',
  syntax: { kind: 'json' },
  // Written in another way than a user writes them, whose word counts.
  fields: {
    ...USUAL_FIELDS,
    key: keyPaths(DOUBTFUL_MEMBERS.map(inBrackets)),
    'identity.query': 'args || query_string || request_query || query || querystring || queryParams || url.query',
  },
  fieldsFor: usualFieldsOf,
  recognise: (sample) => (sample.records.length > 0 || sample.recordsPath !== '' ? 0.6 : 0),
  refine: (fields) => withoutPaths(joinQuery(splitRequestLine(fields))),
  refineReads: [],
  queryField: 'identity.query',
};

/** Where in these records what is usual stands. */
export function usualFieldsOf(sample: Sample): FieldMap {
  return withObjects(withHeaderLists(json.fields, sample), sample);
}

function inBrackets(name: string): string {
  return `["${name}"]`;
}

/** The key of an entry in a cache, `user:123:profile`, and the path of an object, `photos/2026/a.jpg`, are no keys of a caller. */
function withoutPaths(fields: RawFields): RawFields {
  fields.keys = fields.keys.flatMap((key) => {
    const place = DOUBTFUL_PLACES.get(key.place ?? '');
    if (place === undefined) return [key];
    return isPath(key.text) ? [] : [{ ...key, place }];
  });
  return fields;
}

/** Words and numbers with colons or slashes between them, or the name of a file. When in doubt it is a key. */
function isPath(text: string): boolean {
  if (!/^[\w.~-]*(?:[/:][\w.~-]*)+$/.test(text)) return false;
  const isFile = text.includes('/') && /\.[a-z]{2,4}$/i.test(text);
  return isFile || !text.split(/[/:]/).some(mayBeKey);
}

function mayBeKey(part: string): boolean {
  return part.length > 3 && (/\d/.test(part) ? /[a-z]/i.test(part) : /[a-z]/.test(part) && /[A-Z]/.test(part));
}

/** Headers as a list of names and values are looked into only where the sample has such lists. */
function withHeaderLists(fields: FieldMap, sample: Sample): FieldMap {
  const lists = [...HEADER_OBJECTS, ...MORE_HEADER_OBJECTS].filter((path) =>
    sample.records.some((record) => Array.isArray(valueIn(record, path))),
  );
  if (lists.length === 0) return fields;
  const keys = lists.flatMap((list) => KEY_HEADERS.map((header) => `${list}{${header}}`));
  const agents = lists.map((list) => `${list}{user-agent}`);
  return { ...fields, key: [fields.key, ...keys].join(' || '), userAgent: [fields.userAgent, ...agents].join(' || ') };
}

/** Objects that loggers put what they are given into: OpenTelemetry, Serilog, ASP.NET, Monolog, tracing. */
const OBJECTS = ['attributes', 'Properties', 'State', 'context', 'extra', 'metadata', 'span', 'payload'];

/** As the map has them, and as people write them. */
const DOUBTFUL_PLACES: ReadonlyMap<string, string> = new Map(
  DOUBTFUL_MEMBERS.flatMap((name) => [
    [inBrackets(name), name] as const,
    ...OBJECTS.map((object) => [`${object}${inBrackets(name)}`, `${object}.${name}`] as const),
  ]),
);

/** They are looked into only where the sample tells of requests there. */
function withObjects(fields: FieldMap, sample: Sample): FieldMap {
  return OBJECTS.filter((object) => tellsOfRequests(sample, object)).reduce((all, one) => {
    return alsoWithin(one, all, fields);
  }, fields);
}

function tellsOfRequests({ records }: Sample, object: string): boolean {
  const inside = records.flatMap((record) => {
    const value = valueIn(record, object);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? [value as Sample['records'][number]]
      : [];
  });
  return inside.some((one) => REQUEST_PATHS.some((paths) => valueIn(one, paths) !== undefined));
}

const REQUEST_PATHS = REQUEST_FIELDS.map((field) => json.fields[field] ?? '');

/** nginx's $request, `GET /path HTTP/1.1`, in one field. */
function splitRequestLine(fields: RawFields): RawFields {
  // What a request says, not how it was sent.
  if (fields.action?.startsWith('{') === true) delete fields.action;
  const parts = /^([A-Z]{3,10}) (\S+)(?: HTTP\/[\d.]+)?$/.exec(fields.action ?? '');
  if (parts === null) return fields;
  fields.method ??= parts[1] as string;
  fields.action = parts[2] as string;
  return fields;
}

/** A query that stands apart, in `identity.query`, may hold the key, so it goes back where it was. */
export function joinQuery(fields: RawFields): RawFields {
  const { query } = fields.identity;
  delete fields.identity['query'];
  if (query !== undefined && fields.action?.includes('?') !== true) {
    fields.action = `${fields.action ?? ''}?${query.replace(/^\?/, '')}`;
  }
  return fields;
}

/** The share of records that have a value at one of the paths. For `recognise` functions. */
export function share(sample: Sample, paths: string): number {
  return sample.records.length === 0 ? 0 : recordsWith(sample, [paths]) / sample.records.length;
}

/** How many records have a value at one of the alternatives of each of the paths. */
export function recordsWith({ records }: Sample, paths: readonly string[]): number {
  const members = allMembers(records);
  const wanted = paths.map((one) => stepsOf(one).filter(([first]) => mayBeIn(members, first)));
  if (wanted.some((steps) => steps.length === 0)) return 0;
  return records.filter((record) => wanted.every((steps) => firstValue(record, steps) !== undefined)).length;
}

const membersByRecords = new WeakMap<Sample['records'], ReadonlySet<string>>();

/** Names of members that some of the records have: of most formats, not one record has any. */
function allMembers(records: Sample['records']): ReadonlySet<string> {
  let members = membersByRecords.get(records);
  if (members === undefined) {
    members = new Set(records.flatMap((record) => [...membersOf(record).keys()]));
    membersByRecords.set(records, members);
  }
  return members;
}

function mayBeIn(members: ReadonlySet<string>, first: Step | undefined): boolean {
  return first === undefined || !('member' in first) || members.has(first.member);
}

/** The value at the first of the paths that has one. */
export function valueIn(record: Sample['records'][number], paths: string): unknown {
  return firstValue(record, stepsOf(paths));
}

function firstValue(record: Sample['records'][number], paths: readonly (readonly Step[])[]): unknown {
  for (const steps of paths) {
    const value = valueAt(record, steps);
    if (value !== undefined) return value;
  }
  return undefined;
}

const stepsByPaths = new Map<string, readonly (readonly Step[])[]>();

function stepsOf(paths: string): readonly (readonly Step[])[] {
  let steps = stepsByPaths.get(paths);
  if (steps === undefined) stepsByPaths.set(paths, (steps = parsePaths(paths)));
  return steps;
}

function valueAt(value: unknown, steps: readonly Step[]): unknown {
  let at: unknown = value;
  for (const step of steps) {
    if (typeof at !== 'object' || at === null) return undefined;
    if ('pair' in step)
      return Array.isArray(at)
        ? at.map((one) => pairOf(one)).find((one) => one?.name === step.pair)?.values[0]
        : undefined;
    if ('member' in step) at = membersOf(at).get(step.member);
    else at = Array.isArray(at) ? at['index' in step ? step.index : 0] : undefined;
  }
  return at ?? undefined;
}

const membersByObject = new WeakMap<object, ReadonlyMap<string, unknown>>();

const folded = memo(lowerAscii, 5000);

/** Every format asks the same records for members: their names are folded once. */
function membersOf(object: object): ReadonlyMap<string, unknown> {
  let members = membersByObject.get(object);
  if (members === undefined) {
    members = new Map(Object.entries(object).map(([name, value]) => [folded(name), value]));
    membersByObject.set(object, members);
  }
  return members;
}
