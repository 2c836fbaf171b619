export type SpecToken = { readonly kind: 'literal'; readonly text: string } | SpecField;

export interface SpecField {
  readonly kind: 'field';
  /** Usage field, `request`, `path`, `query`, `header.<name>` or the variable's own name. */
  readonly name: string;
  /** Always so many characters long. */
  readonly width?: number;
  /** The strftime pattern of a time stamp, which tells how many separators its values hold. */
  readonly pattern?: string;
  /** `{a|b}`, or nothing, and then the blank behind it is missing too. */
  readonly isBlock?: boolean;
}

/** The language in which a server's configuration describes a line of its log. */
export interface Dialect {
  /** The whole directive as it stands in the configuration. */
  readonly directive: RegExp;
  /** What begins a variable, for counting. */
  readonly variable: RegExp;
  readonly tokens: (text: string) => SpecToken[];
}

/** Splits a text at its variables. */
export function tokensBy(
  text: string,
  variable: RegExp,
  tokensOf: (match: RegExpExecArray) => SpecToken[],
): SpecToken[] {
  const tokens: SpecToken[] = [];
  let position = 0;
  for (const match of text.matchAll(variable)) {
    tokens.push({ kind: 'literal', text: text.slice(position, match.index) }, ...tokensOf(match));
    position = match.index + match[0].length;
  }
  return [...tokens, { kind: 'literal', text: text.slice(position) }];
}

/** The text between the quotes of a directive, joined where there are several. */
export function quotedTexts(text: string): string {
  return [...text.matchAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/g)]
    .map(([, single, double]) => (single ?? double ?? '').replace(/\\(['"])/g, '$1'))
    .join('');
}

const ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n' };

/** Undoes the backslashes of a quoted string. */
export function unescapeSpec(text: string): string {
  return text.replace(/\\(.)/g, (_, char: string) => ESCAPES[char] ?? char);
}
