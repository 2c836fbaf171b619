import type { FieldCollector } from './field-collector.ts';
import { lowerAscii } from './field-path.ts';
import type { TrieNode } from './field-trie.ts';

/** Hands over the values of a pair such as `{"name": "X-Api-Key", "value": "..."}` or `["X-Api-Key", "..."]` whose name is wanted. */
export function collectPair(
  bytes: Buffer,
  start: number,
  end: number,
  { pairs }: TrieNode,
  collector: FieldCollector,
): void {
  if (end - start > MAX_PAIR) return;
  const pair = pairOf(JSON.parse(bytes.toString('utf8', start, end)));
  const leaves = pair === undefined ? undefined : pairs.get(pair.name);
  if (pair === undefined || leaves === undefined) return;
  for (const leaf of leaves) for (const value of pair.values) collector.add(leaf, value);
}

/** Name (in lower case) and values of a pair; undefined when it is none. */
export function pairOf(value: unknown): { readonly name: string; readonly values: readonly string[] } | undefined {
  const [name, content] = Array.isArray(value) ? (value as readonly unknown[]) : membersOf(value);
  if (typeof name !== 'string') return undefined;
  const whole = anyValue(content);
  const values = (Array.isArray(whole) ? (whole as readonly unknown[]).map(anyValue) : [whole])
    .filter(isScalar)
    .map(String);
  return { name: lowerAscii(name), values };
}

/** No header is longer. */
const MAX_PAIR = 256 * 1024;
const NAMES = ['name', 'key', 'header', 'k'];
const VALUES = ['value', 'values', 'val', 'v'];

function membersOf(value: unknown): readonly [unknown, unknown] {
  if (typeof value !== 'object' || value === null) return [undefined, undefined];
  const members = new Map(Object.entries(value).map(([name, member]) => [lowerAscii(name), member as unknown]));
  const first = (names: readonly string[]): unknown => members.get(names.find((name) => members.has(name)) ?? '');
  return [first(NAMES), first(VALUES)];
}

/** OTLP names the type of a value: `{"stringValue": "..."}`, `{"arrayValue": {"values": [...]}}`. */
function anyValue(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const [[type = '', content] = [], ...others] = Object.entries(value) as [string, unknown][];
  if (others.length > 0 || !/^(?:string|int|double|bool|array)Value$/.test(type)) return value;
  return type === 'arrayValue' ? (content as { values?: unknown } | null)?.values : content;
}

function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
