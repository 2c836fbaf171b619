/**
 * Walks the words of a line from left to right: bare, `"quoted"` or `[bracketed]`. It never goes back, so that a format
 * made of it takes time in line with the length of the line.
 */
export class LineCursor {
  readonly line: string;
  at: number;

  constructor(line: string, at = 0) {
    this.line = line;
    this.at = at;
  }

  get isAtEnd(): boolean {
    return this.at >= this.line.length;
  }

  /** The text up to the next blank; empty at the end of the line. */
  word(): string {
    const space = this.line.indexOf(' ', this.at);
    return this.#take(this.at, space < 0 ? this.line.length : space, 0);
  }

  /** So many words, passed over. */
  skip(words: number): void {
    for (let left = words; left > 0; left--) this.word();
  }

  /**
   * The text between quotes, as written, or a bare word such as `-`. The value ends at a quote that no backslash
   * escapes and behind which a blank or the line's end stands; `isEnd` may ask more of what follows that quote.
   * Undefined when the quote is not closed.
   */
  quoted(isEnd: (after: number) => boolean = () => true): string | undefined {
    const { line, at } = this;
    if (line[at] !== '"') return this.word();
    for (let quote = line.indexOf('"', at + 1); quote >= 0; quote = line.indexOf('"', quote + 1)) {
      const after = quote + 1;
      if ((after === line.length || line[after] === ' ') && !isEscaped(line, quote, at + 1) && isEnd(after)) {
        return this.#take(at + 1, quote, 1);
      }
    }
    return undefined;
  }

  /** The text between `[` and the next `]` that ends a word. Undefined when there is none. */
  bracketed(): string | undefined {
    const { line, at } = this;
    if (line[at] !== '[') return undefined;
    let close = line.indexOf(']', at);
    while (close >= 0 && close + 1 < line.length && line[close + 1] !== ' ') close = line.indexOf(']', close + 1);
    return close < 0 ? undefined : this.#take(at + 1, close, 1);
  }

  /** Passes over `text`; false when the line goes on otherwise. */
  literal(text: string): boolean {
    if (!this.line.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  #take(start: number, end: number, closing: number): string {
    this.at = Math.min(end + closing + 1, this.line.length);
    return this.line.slice(start, end);
  }
}

/** An odd number of backslashes stands before it. */
function isEscaped(line: string, index: number, start: number): boolean {
  let first = index;
  while (first > start && line.charCodeAt(first - 1) === 92) first--;
  return (index - first) % 2 === 1;
}
