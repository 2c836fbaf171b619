import { isUtf8 } from 'node:buffer';
import { elementNode, memberNode, type TrieNode } from './field-trie.ts';
import { collectPair } from './header-pairs.ts';
import type { FieldCollector } from './field-collector.ts';
import type { SkipReason } from '../model.ts';

/** Deeper values are quarantined: no request log nests so far, and a hostile one must not exhaust the stack. */
export const MAX_DEPTH = 256;

export type WalkResult = 'ok' | Extract<SkipReason, 'malformed-json' | 'too-deep' | 'trailing-text'>;

/**
 * Reads one JSON value in `bytes[start, end)`, strictly as RFC 8259, and hands every wanted scalar to the collector.
 * What is not wanted is checked but not decoded. Numbers stay source text; repeated members are all seen; a string
 * where the trie goes on is read as JSON of its own. Plain reference of the hot scan.
 */
export function walkJson(
  bytes: Buffer,
  start: number,
  end: number,
  root: TrieNode,
  collector: FieldCollector,
): WalkResult {
  const walk = new JsonWalk(bytes, end, collector);
  try {
    return walk.record(start, root);
  } catch (error) {
    if (error instanceof Malformed) return error.reason;
    throw error;
  }
}

class Malformed {
  readonly reason: Exclude<WalkResult, 'ok'>;
  constructor(reason: Exclude<WalkResult, 'ok'>) {
    this.reason = reason;
  }
}

const DOT = 0x2e;
const MALFORMED = new Malformed('malformed-json');
const TOO_DEEP = new Malformed('too-deep');

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

class JsonWalk {
  readonly #bytes: Buffer;
  readonly #end: number;
  readonly #collector: FieldCollector;
  #at = 0;
  /** Facts on the string last passed over: where its text lies and whether it can be decoded by copying. */
  #textStart = 0;
  #textEnd = 0;
  #escaped = false;
  #ascii = true;

  constructor(bytes: Buffer, end: number, collector: FieldCollector) {
    this.#bytes = bytes;
    this.#end = end;
    this.#collector = collector;
  }

  record(start: number, root: TrieNode): WalkResult {
    this.#at = start;
    this.#value(root, 0);
    this.#space();
    return this.#at === this.#end ? 'ok' : 'trailing-text';
  }

  #value(node: TrieNode | undefined, depth: number): void {
    this.#space();
    const c = this.#bytes[this.#at];
    if (this.#at >= this.#end) throw MALFORMED;
    if (c === QUOTE) this.#stringValue(node, depth);
    else if (c === OPEN_BRACE) this.#object(node, depth);
    else if (c === OPEN_BRACKET) this.#array(node, depth);
    else this.#scalar(node);
  }

  #object(node: TrieNode | undefined, depth: number): void {
    if (depth >= MAX_DEPTH) throw TOO_DEEP;
    this.#at++;
    this.#space();
    if (this.#take(CLOSE_BRACE)) return;
    for (;;) {
      this.#space();
      if (this.#at >= this.#end || this.#bytes[this.#at] !== QUOTE) throw MALFORMED;
      this.#string();
      const below = node === undefined ? undefined : this.#member(node);
      this.#space();
      if (!this.#take(COLON)) throw MALFORMED;
      this.#value(below, depth + 1);
      this.#space();
      if (this.#take(COMMA)) continue;
      if (this.#take(CLOSE_BRACE)) return;
      throw MALFORMED;
    }
  }

  #array(node: TrieNode | undefined, depth: number): void {
    if (depth >= MAX_DEPTH) throw TOO_DEEP;
    this.#at++;
    this.#space();
    if (this.#take(CLOSE_BRACKET)) return;
    for (let index = 0; ; index++) {
      const start = this.#at;
      this.#value(node === undefined ? undefined : elementNode(node, index), depth + 1);
      if (node !== undefined && node.pairs.size > 0) collectPair(this.#bytes, start, this.#at, node, this.#collector);
      this.#space();
      if (this.#take(COMMA)) continue;
      if (this.#take(CLOSE_BRACKET)) return;
      throw MALFORMED;
    }
  }

  #stringValue(node: TrieNode | undefined, depth: number): void {
    this.#string();
    if (node === undefined) return;
    const wantsText = node.leaves.length > 0;
    const goesOn = node.members.size > 0 || node.elements.size > 0 || node.pairs.size > 0;
    if (!wantsText && !goesOn) return;
    const text = this.#text();
    for (const leaf of node.leaves) this.#collector.add(leaf, text);
    if (goesOn && /^\s*[{[]/.test(text)) this.#nested(text, node, depth);
  }

  /** JSON in a string. When it is not JSON after all, the outer record is still good. */
  #nested(text: string, node: TrieNode, depth: number): void {
    const bytes = Buffer.from(text);
    const inner = new JsonWalk(bytes, bytes.length, this.#collector);
    try {
      inner.#value(node, depth + 1);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
    }
  }

  /** Passes over a string; throws on control characters and impossible escapes. */
  #string(): void {
    const bytes = this.#bytes;
    const end = this.#end;
    let at = this.#at + 1;
    let mask = 0;
    this.#textStart = at;
    this.#escaped = false;
    for (;;) {
      if (at >= end) throw MALFORMED;
      const c = bytes[at] as number;
      if (c === QUOTE) break;
      if (c < 0x20) throw MALFORMED;
      mask |= c;
      if (c === BACKSLASH) {
        this.#escaped = true;
        at = this.#escape(at + 1);
      } else at++;
    }
    this.#ascii = mask < 0x80;
    this.#textEnd = at;
    this.#at = at + 1;
  }

  #escape(at: number): number {
    const c = at < this.#end ? (this.#bytes[at] as number) : 0;
    if (c === 0x75) {
      for (let digit = at + 1; digit <= at + 4; digit++) {
        if (digit >= this.#end || !isHex(this.#bytes[digit] as number)) throw MALFORMED;
      }
      return at + 5;
    }
    if (!SHORT_ESCAPES.includes(c)) throw MALFORMED;
    return at + 1;
  }

  #text(): string {
    return textOf(this.#bytes, this.#textStart, this.#textEnd, this.#escaped, this.#ascii);
  }

  #member(node: TrieNode): TrieNode | undefined {
    if (this.#escaped || !this.#ascii) return memberNode(node, this.#text());
    const length = this.#textEnd - this.#textStart;
    for (const name of node.names) {
      if (name.bytes.length === length && this.#isName(name.bytes)) return name.node;
    }
    const isNested = node.names.length > 0 && this.#bytes.subarray(this.#textStart, this.#textEnd).includes(DOT);
    return isNested ? memberNode(node, this.#text()) : undefined;
  }

  #isName(name: Uint8Array): boolean {
    for (let i = 0, at = this.#textStart; i < name.length; i++, at++) {
      let c = this.#bytes[at] as number;
      if (c >= 0x41 && c <= 0x5a) c |= 0x20;
      if (c !== name[i]) return false;
    }
    return true;
  }

  #scalar(node: TrieNode | undefined): void {
    const start = this.#at;
    const bytes = this.#bytes;
    while (this.#at < this.#end && !ENDS_SCALAR[bytes[this.#at] as number]) this.#at++;
    const length = this.#at - start;
    if (length === 0) throw MALFORMED;
    const first = bytes[start] as number;
    if (first === 0x2d || (first >= 0x30 && first <= 0x39)) {
      if (!isNumber(bytes, start, this.#at)) throw MALFORMED;
    } else {
      const word = length <= 5 ? bytes.toString('latin1', start, this.#at) : '';
      if (word === 'null') return;
      if (word !== 'true' && word !== 'false') throw MALFORMED;
    }
    if (node === undefined || node.leaves.length === 0) return;
    const text = bytes.toString('latin1', start, this.#at);
    for (const leaf of node.leaves) this.#collector.add(leaf, text);
  }

  #space(): void {
    const bytes = this.#bytes;
    while (this.#at < this.#end) {
      const c = bytes[this.#at];
      if (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09) return;
      this.#at++;
    }
  }

  #take(c: number): boolean {
    if (this.#at >= this.#end || this.#bytes[this.#at] !== c) return false;
    this.#at++;
    return true;
  }
}

const SHORT_ESCAPES = [...'"\\/bfnrt'].map((c) => c.charCodeAt(0));

const ENDS_SCALAR = new Uint8Array(256);
for (const c of ',:{}[]" \t\r\n') ENDS_SCALAR[c.charCodeAt(0)] = 1;

function isHex(c: number): boolean {
  return (c >= 0x30 && c <= 0x39) || (c >= 0x41 && c <= 0x46) || (c >= 0x61 && c <= 0x66);
}

/** -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)? */
function isNumber(bytes: Buffer, start: number, end: number): boolean {
  let at = start;
  if (bytes[at] === 0x2d) at++;
  const whole = at;
  at = digits(bytes, at, end);
  if (at === whole || (bytes[whole] === 0x30 && at > whole + 1)) return false;
  if (at < end && bytes[at] === 0x2e) {
    const fraction = at + 1;
    at = digits(bytes, fraction, end);
    if (at === fraction) return false;
  }
  if (at < end && (bytes[at] === 0x65 || bytes[at] === 0x45)) {
    let exponent = at + 1;
    if (exponent < end && (bytes[exponent] === 0x2b || bytes[exponent] === 0x2d)) exponent++;
    at = digits(bytes, exponent, end);
    if (at === exponent) return false;
  }
  return at === end;
}

function digits(bytes: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end && (bytes[at] as number) >= 0x30 && (bytes[at] as number) <= 0x39) at++;
  return at;
}

/** The text of the string whose characters, as they stand in JSON, are these bytes. */
export function decodeString(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString('latin1', start, end);
  return IS_PLAIN.test(text) ? text : textOf(bytes, start, end, text.includes('\\'), false);
}

const IS_PLAIN = /^[\x20-\x5b\x5d-\x7f]*$/;

function textOf(bytes: Buffer, start: number, end: number, isEscaped: boolean, isAscii: boolean): string {
  const text = decode(bytes, start, end, isAscii);
  return isEscaped ? (JSON.parse(`"${text}"`) as string) : text;
}

/** Bytes that are not UTF-8 stay apart from each other: they are kept as Latin-1 behind a marker, never merged. */
export function decode(bytes: Buffer, start: number, end: number, ascii: boolean): string {
  if (ascii) return bytes.toString('latin1', start, end);
  const text = bytes.toString('utf8', start, end);
  if (!text.includes('\ufffd') || isUtf8(bytes.subarray(start, end))) return text;
  return `\ufffd${bytes.toString('latin1', start, end)}`;
}
