import type { Sample } from '../formats/format.ts';
import { textPattern } from '../formats/text-pattern.ts';
import { shareOfLines } from '../formats/text-lines.ts';

/** A pattern that fits lines of an unknown text, and how many of them. */
export interface PatternSuggestion {
  readonly pattern: string;
  readonly share: number;
}

/** Put together from what the first lines show in their order: a time, an address, a request, a status, a named key. */
export function suggestPattern(sample: Sample): PatternSuggestion | undefined {
  const patterns = [...new Set(sample.lines.slice(0, MAX_TRIED).flatMap((line) => patternOf(line) ?? []))];
  const tried = patterns.map((pattern) => ({ pattern, share: shareOf(pattern, sample) }));
  const [best] = tried.toSorted((a, b) => b.share - a.share || b.pattern.length - a.pattern.length);
  return best !== undefined && best.share >= ENOUGH ? best : undefined;
}

const MAX_TRIED = 10;
const ENOUGH = 0.5;
const MAX_LINE = 4096;

/** Usage field -> how it looks in a line; of several looks the first that is there. What stands behind `key=` is the key, however it looks. */
const SHAPES: readonly (readonly [string, string])[] = [
  ['time', String.raw`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?`],
  ['time', String.raw`\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d(?:\.\d+)?(?: [+-]\d{4})?`],
  ['time', String.raw`\b1\d{9}(?:\.?\d{3})?\b`],
  ['request', String.raw`[A-Z]{3,7} /[^ "]* HTTP/[\d.]+`],
  ['ip', String.raw`\b\d{1,3}(?:\.\d{1,3}){3}\b`],
  ['userAgent', String.raw`[^"]*`],
  ['key', String.raw`[^\s"',;\])}]+`],
  ['status', String.raw`\b[1-5]\d\d\b`],
];
/** What looks like anything is told by its name. */
const NAMES: Readonly<Record<string, RegExp>> = {
  key: /\b(?:x[-_])?(?:api[-_]?key|apikey|key|token)["']?[=:]\s?["']?/i,
  userAgent: /\b(?:http_)?(?:user[-_]?)?(?:agent|ua)["']?[=:]\s?"/i,
  status: /(?:\b(?:http_)?(?:status|code)(?:_code)?["']?[=:]\s?| )(?=[1-5]\d\d(?![\d.]))/i,
};

function patternOf(line: string): string | undefined {
  const found = SHAPES.flatMap(([field, shape]) => {
    const at = placeOf(field, shape, line.slice(0, MAX_LINE));
    return at === undefined ? [] : [{ field, shape, ...at }];
  });
  const places = found
    .filter(({ field }, index) => found.findIndex((one) => one.field === field) === index)
    .toSorted((a, b) => a.at - b.at);
  if (!places.some(({ field }) => field === 'time') || places.length < 2) return undefined;
  return places.map(({ field, shape, before }) => `${before}(?<${field}>${shape})`).join('.*?');
}

function placeOf(field: string, shape: string, line: string): { at: number; before: string } | undefined {
  const name = NAMES[field];
  if (name === undefined) {
    const at = line.search(new RegExp(shape));
    return at < 0 ? undefined : { at, before: '' };
  }
  const found = name.exec(line);
  return found === null
    ? undefined
    : { at: found.index, before: found[0].replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`) };
}

function shareOf(pattern: string, sample: Sample): number {
  const { syntax } = textPattern(`pattern:${pattern}`);
  return syntax.kind === 'text' ? shareOfLines(sample, syntax.match) : 0;
}
