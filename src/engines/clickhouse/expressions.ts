import { LastcallError } from '../../errors.ts';

/** The alternatives of a field: `||` separates them, but within brackets and quotes it joins texts, as in SQL. */
export function splitAlternatives(text: string): readonly string[] {
  const parts = [''];
  let depth = 0;
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const c = text[at] as string;
    if (quote === '' && depth === 0 && c === '|' && text[at + 1] === '|') {
      parts.push('');
      at++;
      continue;
    }
    parts.push((parts.pop() as string) + c);
    if (quote !== '') {
      if (c === '\\') parts.push((parts.pop() as string) + (text[++at] ?? ''));
      else if (c === quote) quote = '';
    } else if (c === "'" || c === '"' || c === '`') quote = c;
    else if (c === '(' || c === '[') depth++;
    else if (c === ')' || c === ']') depth--;
  }
  const alternatives = parts.map((part) => part.trim());
  if (quote === '' && depth === 0 && !alternatives.includes('')) return alternatives;
  throw new LastcallError('config', `"${text}" is no expression`, { hint: 'Is a bracket or a quote left open?' });
}

export function quoteText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

export function quoteName(name: string): string {
  return `\`${name}\``;
}

/** An expression and its type, without what only says how it is stored. */
export interface Typed {
  readonly sql: string;
  readonly type: string;
  readonly isNullable: boolean;
}

export function typed(sql: string, type: string): Typed {
  let inner = type;
  let isNullable = false;
  for (;;) {
    const [, wrapper, rest] = /^(LowCardinality|Nullable)\((.*)\)$/.exec(inner) ?? [];
    if (wrapper === undefined || rest === undefined) return { sql: `(${sql})`, type: inner, isNullable };
    isNullable ||= wrapper === 'Nullable';
    inner = rest;
  }
}

const TEXT_TYPES =
  /^(?:String|FixedString\(.*|Enum(?:8|16)\(.*|U?Int\d+|Float(?:32|64)|Decimal.*|Bool|UUID|IPv[46]|Nothing)$/;

/** The expression as a text, '' where there is none. Undefined: its type has no one text, such as a list. */
export function asText({ sql, type, isNullable }: Typed): string | undefined {
  if (!TEXT_TYPES.test(type)) return undefined;
  const plain = type.startsWith('FixedString') ? `toStringCutToZero(${sql})` : `toString(${sql})`;
  const text = isNullable ? `ifNull(${plain}, '')` : plain;
  return `if(${text} = '-', '', ${text})`;
}

/** The first that is not ''. */
export function firstOf(texts: readonly string[]): string {
  const [first = "''", ...rest] = texts;
  return rest.length === 0 ? first : `if(${first} != '', ${first}, ${firstOf(rest)})`;
}

/** A time: milliseconds since 1970, and the condition for a stretch of time that lets the server pass over parts. */
export interface TimeExpression {
  readonly millis: string;
  readonly between: (fromAt: number, toAt: number) => string;
  readonly since: (fromAt: number) => string;
  readonly isNullable: boolean;
}

/** Undefined: the type is none of a time. Whole numbers are Unix times: seconds up to nanoseconds, by their size. */
export function asTime({ sql, type, isNullable }: Typed): TimeExpression | undefined {
  if (/^DateTime(?:\(.*)?$/.test(type)) {
    return { millis: `toInt64(toUInt32(${sql})) * 1000`, ...comparisons(sql, inSeconds), isNullable };
  }
  if (type.startsWith('DateTime64(')) {
    return { millis: `toUnixTimestamp64Milli(${sql})`, ...comparisons(sql, inMillis), isNullable };
  }
  if (!/^U?Int(?:32|64)$/.test(type)) return undefined;
  const n = `toInt64(${sql})`;
  const millis = `multiIf(${n} < 10000000000, ${n} * 1000, ${n} < 10000000000000, ${n}, ${n} < 10000000000000000, intDiv(${n}, 1000), intDiv(${n}, 1000000))`;
  const units = UNITS.slice(0, type.endsWith('32') ? 1 : undefined);
  const between = (fromAt: number, toAt: number): string =>
    units.map(({ zeros }) => within(sql, unixTime(fromAt, zeros), unixTime(toAt, zeros))).join(' OR ');
  const since = (fromAt: number): string =>
    units.map(({ zeros, end }) => within(sql, unixTime(fromAt, zeros), end)).join(' OR ');
  return { millis, between, since, isNullable };
}

/** Unix times in seconds, milliseconds, microseconds and nanoseconds, and where those of a unit end. */
const UNITS: readonly { readonly zeros: string; readonly end: string | undefined }[] = [
  { zeros: '', end: '10000000000' },
  { zeros: '000', end: '10000000000000' },
  { zeros: '000000', end: '10000000000000000' },
  { zeros: '000000000', end: undefined },
];

function unixTime(at: number, zeros: string): string {
  return `${Math.floor(at / 1000)}${zeros}`;
}

function comparisons(sql: string, bound: (at: number) => string): Pick<TimeExpression, 'between' | 'since'> {
  return {
    between: (fromAt, toAt) => within(sql, bound(fromAt), bound(toAt)),
    since: (fromAt) => within(sql, bound(fromAt), undefined),
  };
}

function within(sql: string, from: string, to: string | undefined): string {
  return to === undefined ? `(${sql} >= ${from})` : `(${sql} >= ${from} AND ${sql} < ${to})`;
}

function inSeconds(at: number): string {
  return `toDateTime(${Math.floor(at / 1000)})`;
}

function inMillis(at: number): string {
  return `fromUnixTimestamp64Milli(toInt64(${at}))`;
}
