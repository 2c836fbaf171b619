import { none } from 'stream-chain/core';
import { jsonParser, type Token } from 'stream-json/core/parser.js';

/** A JSON value with numbers as they are written: an id of 19 digits keeps them all. */
export type JsonValue = string | boolean | null | readonly JsonValue[] | JsonObject;
export type JsonObject = ReadonlyMap<string, JsonValue>;

const MAX_DEPTH = 64;
const MAX_PIECE = 64 * 1024;

/** Reads all JSON values of a text: one document, one a line, or one after another. `fail` is given the line. */
export function parseJson(text: string, fail: (line: number, what: string) => never): JsonValue[] {
  const values: JsonValue[] = [];
  let line = 1;
  const parse = jsonParser({ streamValues: false, jsonStreaming: true });
  const build = createBuilder(
    (value) => values.push(value),
    (what) => fail(line, what),
  );
  const tokensOf = (piece: string | typeof none): readonly Token[] => {
    try {
      const tokens = parse(piece as string);
      return tokens === none ? [] : tokens.values;
    } catch {
      return fail(line, piece === none ? 'the JSON text ends too early: the file is cut off' : 'is not valid JSON');
    }
  };
  // Line by line, since the parser does not say where it stumbled.
  for (const piece of pieces(text)) {
    for (const token of tokensOf(piece)) build(token);
    if (piece.endsWith('\n')) line++;
  }
  for (const token of tokensOf(none)) build(token);
  return values;
}

function* pieces(text: string): Generator<string> {
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf('\n', start);
    const end = Math.min(newline === -1 ? text.length : newline + 1, start + MAX_PIECE);
    yield text.slice(start, end);
    start = end;
  }
}

type Open = { readonly list: JsonValue[] } | { readonly members: Map<string, JsonValue>; name: string };

/** Puts values together from tokens. Refuses what other readers would settle silently: the same member twice. */
function createBuilder(done: (value: JsonValue) => void, fail: (what: string) => never): (token: Token) => void {
  const open: Open[] = [];
  const add = (value: JsonValue): void => {
    const parent = open.at(-1);
    if (parent === undefined) done(value);
    else if ('list' in parent) parent.list.push(value);
    else if (parent.members.has(parent.name)) fail('an object has the same member twice');
    else parent.members.set(parent.name, value);
  };
  const push = (container: Open): void => {
    if (open.length >= MAX_DEPTH) fail(`is nested deeper than ${MAX_DEPTH} levels`);
    open.push(container);
  };
  const close = (): void => {
    const closed = open.pop();
    if (closed !== undefined) add('list' in closed ? closed.list : closed.members);
  };
  return (token) => {
    const parent = open.at(-1);
    switch (token.name) {
      case 'startObject':
        return push({ members: new Map(), name: '' });
      case 'startArray':
        return push({ list: [] });
      case 'endObject':
      case 'endArray':
        return close();
      case 'keyValue':
        if (parent !== undefined && 'members' in parent) parent.name = token.value;
        return;
      case 'stringValue':
      case 'numberValue':
      case 'trueValue':
      case 'falseValue':
      case 'nullValue':
        return add(token.value);
      default:
    }
  };
}

/** Member paths and their values as text. Lists of plain values are joined, other lists are left out. */
export function* flatten(object: JsonObject, path = ''): Generator<[string, string]> {
  for (const [name, value] of object) {
    if (isObject(value)) yield* flatten(value, `${path}${name}.`);
    else if (!isList(value)) yield [path + name, value === null ? '' : String(value)];
    else if (!value.some((element) => isList(element) || isObject(element))) yield [path + name, value.join(', ')];
  }
}

/** What stands at a path, such as `owner.login`. */
export function valueAt(item: JsonValue | undefined, path: string): JsonValue | undefined {
  let value = item;
  for (const name of path.split('.')) value = value !== undefined && isObject(value) ? value.get(name) : undefined;
  return value;
}

/** The text or number that stands at a path, as it is written. Undefined: nothing, or nothing but blanks. */
export function textAt(item: JsonValue | undefined, path: string): string | undefined {
  const value = valueAt(item, path);
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

/** The objects in the list that stands at a path; none if there is no list. */
export function objectsAt(item: JsonValue, path: string): readonly JsonObject[] {
  const value = valueAt(item, path);
  return value !== undefined && isList(value) ? value.filter(isObject) : [];
}

/** An object of these members and values; those without a value are left out. */
export function objectOf(members: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  return new Map(Object.entries(members).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

export function isObject(value: JsonValue): value is JsonObject {
  return value instanceof Map;
}

export function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
