import type { Pairs } from './format.ts';
import { unescapeLog } from './log-format.ts';

/** How values without quotes end: at a blank, or where the next name and `=` stand, as Rails writes agents and times. */
export type BareValues = 'words' | 'phrases';

/**
 * The pairs of a line such as `level=info path="/a b" params={"q"=>"x"}`, in their order. Words that are no pair are passed
 * over. Undefined when there are fewer than two, or a quote is left open. Reads each character a few times at most.
 */
export function logfmtPairs(line: string, bare: BareValues = 'words'): Pairs | undefined {
  const pairs: [string, string][] = [];
  const closes = { bracket: true, apostrophe: true };
  for (let at = 0; at < line.length;) {
    NAME.lastIndex = at;
    const name = NAME.exec(line)?.[1];
    if (name === undefined) {
      at = afterBlank(line, at);
      continue;
    }
    const start = at + name.length + 1;
    const end = line[start] === '"' ? afterQuote(line, start + 1) : endOfBare(line, start, bare, closes);
    if (end < 0) return undefined;
    pairs.push([name, valueOf(line.slice(start, end))]);
    at = afterBlank(line, end);
  }
  return pairs.length < 2 ? undefined : pairs;
}

const NAME = /([A-Za-z_@][\w.@#:/-]{0,99})=(?!=)/y;

function afterBlank(line: string, from: number): number {
  const blank = line.indexOf(' ', from);
  return blank < 0 ? line.length : blank + 1;
}

/** `closes`: whether a value in brackets or apostrophes may still be closed: one that is not shows that none is. */
function endOfBare(line: string, start: number, bare: BareValues, closes: Closes): number {
  const first = line[start];
  if (closes.bracket && (first === '{' || first === '[')) {
    const end = afterBracket(line, start);
    if (end > 0) return end;
    closes.bracket = false;
  }
  if (closes.apostrophe && first === "'") {
    const end = matchFrom(APOSTROPHE, line, start + 1);
    if (end > 0) return end + 1;
    closes.apostrophe = false;
  }
  return bare === 'phrases' ? matchFrom(NEXT_PAIR, line, start) : afterWord(line, start);
}

interface Closes {
  bracket: boolean;
  apostrophe: boolean;
}

const NEXT_PAIR = / (?=[A-Za-z_@][\w.@#:/-]{0,99}=)|$/g;
const APOSTROPHE = /'(?= [A-Za-z_@][\w.@#:/-]{0,99}=|$)/g;

function matchFrom(pattern: RegExp, line: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.exec(line)?.index ?? -1;
}

/** Some put commas between the pairs. */
function afterWord(line: string, start: number): number {
  const blank = line.indexOf(' ', start);
  const end = blank < 0 ? line.length : blank;
  return end > start && (line[end - 1] === ',' || line[end - 1] === ';') ? end - 1 : end;
}

/** Behind the bracket that closes the one at `start`, those in quotes apart; -1 when none does. */
function afterBracket(line: string, start: number): number {
  let depth = 0;
  for (let at = start; at < line.length; at++) {
    const c = line[at];
    if (c === '"') {
      at = afterQuote(line, at + 1) - 1;
      if (at < 0) return -1;
    } else if (c === '{' || c === '[') depth++;
    else if ((c === '}' || c === ']') && --depth === 0) return at + 1;
  }
  return -1;
}

/** Behind the quote that closes; -1 when none does. */
function afterQuote(line: string, from: number): number {
  for (let at = from; at < line.length; at++) {
    if (line[at] === '\\') at++;
    else if (line[at] === '"') return at + 1;
  }
  return -1;
}

function valueOf(text: string): string {
  if (text.startsWith('"')) return unescapeLog(text.slice(1, -1));
  return text.length > 1 && text.startsWith("'") && text.endsWith("'") ? text.slice(1, -1) : text.trimEnd();
}
