import { LastcallError } from '../errors.ts';

/** One step of a path: a member name (lower case), an element's index, or any element. */
export type Step =
  | { readonly member: string }
  | { readonly index: number }
  | { readonly every: true }
  /** The value beside this name in a list of pairs: `[{"name": ..., "value": ...}]`. */
  | { readonly pair: string };

/**
 * Parses a field map's entry such as `a.b["c-d"][0].e[*] || f || headers{x-api-key}` into its alternatives.
 * Names match without regard to ASCII case, so they are lowered here. Throws `config` with the place of the mistake.
 * With all that each of them stands for.
 */
export function parsePaths(text: string): (readonly Step[])[] {
  return splitAlternatives(text).flatMap(waysOf);
}

/**
 * What a path stands for: `a.b` is a member `b` of `a`, and also one member that is called `a.b`, since many a logger writes
 * what is nested with dots in its names. Of longer paths any names that follow one another may be joined so.
 */
export function waysOf(path: string): readonly (readonly Step[])[] {
  const known = waysByPath.get(path);
  if (known !== undefined) return known;
  const ways = spellingsOf(parsePath(path));
  waysByPath.set(path, ways);
  return ways;
}

/** Many a map has the same paths, which are looked at in many samples. */
const waysByPath = new Map<string, readonly (readonly Step[])[]>();

function spellingsOf(steps: readonly Step[]): readonly (readonly Step[])[] {
  const end = steps.findIndex((step) => !('member' in step));
  const names = (end < 0 ? steps : steps.slice(0, end)).flatMap((step) => ('member' in step ? [step.member] : []));
  const ways = names.length > MOST_JOINED ? [names, [names.join('.')]] : joinings(names);
  return ways.map((way) => [...way.map((member) => ({ member })), ...steps.slice(names.length)]);
}

/** There are twice as many with each name. */
const MOST_JOINED = 5;

/** The names as they are come first. */
function joinings(names: readonly string[]): string[][] {
  const [first, ...rest] = names;
  if (first === undefined) return [[]];
  return joinings(rest).flatMap(([next, ...others]) =>
    next === undefined
      ? [[first]]
      : [
          [first, next, ...others],
          [`${first}.${next}`, ...others],
        ],
  );
}

/**
 * Parses one path without alternatives; the empty path means the value itself. A name with dots is that of nested members, as
 * they are in a record.
 */
export function parsePath(text: string): Step[] {
  const steps: Step[] = [];
  const path = text.trim();
  let at = 0;
  while (at < path.length) {
    if (path[at] === '[') at = bracketStep(path, at, steps);
    else if (path[at] === '{') at = pairStep(path, at, steps);
    else at = memberStep(path, at, steps);
  }
  return steps;
}

/** Lower case for ASCII letters only: the same rule as the byte comparison of the scanners. */
export function lowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** The alternatives of an entry, each a path. */
export function splitAlternatives(text: string): string[] {
  const parts: string[] = [];
  let from = 0;
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const c = text[at] as string;
    if (quote !== '') quote = c === quote ? '' : quote;
    else if (c === '"' || c === "'") quote = c;
    else if (c === '|' && text[at + 1] === '|') {
      parts.push(text.slice(from, at));
      from = at + 2;
      at++;
    }
  }
  parts.push(text.slice(from));
  const paths = parts.map((part) => part.trim()).filter((part) => part !== '');
  if (paths.length === 0) throw new LastcallError('config', `Path "${text}" is empty`, { hint: PATH_HINT });
  return paths;
}

function memberStep(path: string, from: number, steps: Step[]): number {
  let at = from;
  if (path[at] === '.') {
    if (steps.length === 0) throw mistake(path, at, 'starts with a dot');
    at++;
  } else if (steps.length > 0) throw mistake(path, at, 'needs a dot or a bracket');
  const start = at;
  while (at < path.length && path[at] !== '.' && path[at] !== '[' && path[at] !== '{') at++;
  const name = path.slice(start, at);
  if (name === '') throw mistake(path, at, 'has an empty name');
  steps.push(name === '*' ? { every: true } : { member: lowerAscii(name) });
  return at;
}

function bracketStep(path: string, from: number, steps: Step[]): number {
  const quote = path[from + 1];
  if (quote === '"' || quote === "'") {
    const end = path.indexOf(quote, from + 2);
    if (end < 0 || path[end + 1] !== ']') throw mistake(path, from, 'has an open bracket');
    steps.push(
      ...lowerAscii(path.slice(from + 2, end))
        .split('.')
        .map((member) => ({ member })),
    );
    return end + 2;
  }
  const end = path.indexOf(']', from);
  if (end < 0) throw mistake(path, from, 'has an open bracket');
  const inside = path.slice(from + 1, end).trim();
  if (inside === '*') steps.push({ every: true });
  else if (/^\d{1,6}$/.test(inside)) steps.push({ index: Number(inside) });
  else if (/^[\w-]+$/.test(inside)) steps.push({ member: lowerAscii(inside) });
  else throw mistake(path, from, 'has brackets around neither an index, * nor a quoted name');
  return end + 1;
}

function pairStep(path: string, from: number, steps: Step[]): number {
  const end = path.indexOf('}', from);
  if (end < 0) throw mistake(path, from, 'has an open brace');
  if (end !== path.length - 1) throw mistake(path, end, 'goes on behind a brace');
  const name = path.slice(from + 1, end).trim();
  if (name === '' || steps.length === 0) throw mistake(path, from, 'has a brace without a name');
  steps.push({ pair: lowerAscii(name) });
  return end + 1;
}

const PATH_HINT = 'Write it like a.b["c-d"][0].e[*], with alternatives after ||.';

function mistake(path: string, at: number, what: string): LastcallError {
  return new LastcallError('config', `Path "${path}" ${what} at character ${at + 1}`, { hint: PATH_HINT });
}
