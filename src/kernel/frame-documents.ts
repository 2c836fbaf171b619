import { parsePath } from './field-path.ts';
import { elementNode, memberNode, newNode, nodeAt, type TrieNode } from './field-trie.ts';
import type { SkipReason } from '../model.ts';
import { type Doubt, type Framer, type FrameSink, LARGE_RECORD_BYTES, type LargeRecord } from './framing.ts';

/**
 * Cuts a stream of JSON values (one document, pretty-printed or not, or several concatenated) into the objects that sit
 * at a path, e.g. `Records[*]`. The empty path means each value itself; a bare array stands for its elements, unless the path
 * ends with `[]`: then each array there is one record, as `["1788256800", "line"]` is one of Loki's.
 * Finds where records begin and end; whether they are well formed is seen when they are read.
 */
export function frameDocuments(
  sink: FrameSink,
  path: string,
  from = 0,
  largeBytes: number = LARGE_RECORD_BYTES,
): DocumentFramer {
  const areLists = path.endsWith(LISTS);
  const root = compileRecordPath(areLists ? path.slice(0, -LISTS.length) : path, areLists);
  return new DocumentFramer(sink, root, areLists ? OPEN_BRACKET : OPEN_BRACE, from, largeBytes);
}

/**
 * Reads records itself. Given the place where a record begins, and whether a document is open around it, returns where the
 * last of those ends that it read, with nothing but blanks and one comma at most between them; the same place when it leaves the
 * record to the framer; `'cut'` when its end is to come.
 */
export type RecordTaker = (bytes: Buffer, at: number, isOpen: boolean) => number | 'cut';

const RECORD_LEAF = { field: 'key', rank: 0, path: '' } as const;

function compileRecordPath(path: string, areLists: boolean): TrieNode {
  const root = newNode();
  const node = nodeAt(root, parsePath(path));
  node.leaves.push(RECORD_LEAF);
  if (!areLists) node.everyElement ??= { ...newNode(), leaves: [RECORD_LEAF] };
  return root;
}

/** A container that is open around the place where the scan is, outside of records. */
interface Level {
  readonly node: TrieNode;
  readonly isArray: boolean;
  index: number;
  /** Objects: the node of the member whose value comes next; undefined while a name is awaited. */
  member: TrieNode | undefined;
  wantsName: boolean;
  /** Arrays: there is a value since the last comma. */
  hasValue: boolean;
}

type Mode = 'shell' | 'name' | 'skip' | 'record' | 'junk';

export class DocumentFramer implements Framer {
  readonly #sink: FrameSink;
  readonly #root: TrieNode;
  /** What a record begins with. */
  readonly #opening: number;
  readonly #largeBytes: number;
  readonly #levels: Level[] = [];
  #mode: Mode = 'shell';
  /** Of the value being passed over in `skip` and `record`: open containers, and where in a string we are. */
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** Offset in the stream of the first byte of the current push. */
  #base: number;
  /** Offset where the current name, record or junk began. */
  #mark = 0;
  /** Its bytes from earlier pushes. */
  #held: Buffer[] = [];
  #heldBytes = 0;
  #large: LargeRecord | undefined;
  /** Where the current document began, or the last junk in it ended, and whether the place of its records was met. */
  #documentAt = 0;
  #hasPlace = false;
  /** The value being passed over stands where a record should. */
  #isMisplaced = false;
  /** Has the text that no record was found in, until it is clear that none had to be there. */
  #doubt: Doubt | undefined;
  /** Bytes of the shell so far, and when the current document began: what is neither record nor defect. */
  structureBytes = 0;
  #structureBefore = 0;

  constructor(sink: FrameSink, root: TrieNode, opening: number, from: number, largeBytes: number) {
    this.#sink = sink;
    this.#root = root;
    this.#opening = opening;
    this.#base = from;
    this.#largeBytes = largeBytes;
  }

  push(bytes: Buffer): void {
    this.pushTo(undefined, bytes);
  }

  /** Returns how many of the bytes it took: not those of a record that the taker says is cut. */
  pushTo(taker: RecordTaker | undefined, bytes: Buffer): number {
    let at = 0;
    while (at < bytes.length) {
      const next = taker === undefined || !this.#isBeforeRecord(bytes, at) ? at : this.#take(taker, bytes, at);
      if (next === 'cut') break;
      at = next > at ? next : this.#step(bytes, at);
    }
    if (this.#mode === 'name' || this.#mode === 'record') this.#hold(bytes);
    else if (this.#mode !== 'shell') this.#note(bytes, Math.max(this.#mark - this.#base, 0), at);
    this.#base += at;
    if (at === bytes.length && this.#levels.length === 0 && this.#mode === 'shell') this.#sink.safePoint(this.#base);
    return at;
  }

  end(): void {
    if (this.#mode === 'junk') this.#endJunk(0);
    if (this.#levels.length === 0 && this.#mode === 'shell') {
      this.#sink.safePoint(this.#base);
      return;
    }
    const length = this.#mode === 'shell' ? 0 : this.#base - this.#mark;
    if (this.#large !== undefined) this.#large.end(length);
    else if (this.#mode === 'record' || (this.#mode === 'skip' && this.#isMisplaced)) {
      for (const piece of this.#held) this.#note(piece, 0, piece.length);
      this.#defect('truncated', this.#mark, length);
    } else {
      this.structureBytes += length;
      this.#defect('truncated', this.#base, 0);
    }
  }

  /** Whether a record begins here, as all others do at this level. */
  #isBeforeRecord(bytes: Buffer, at: number): boolean {
    if (this.#mode !== 'shell' || bytes[at] !== OPEN_BRACE || this.#opening !== OPEN_BRACE) return false;
    const level = this.#levels.at(-1);
    if (level === undefined) return this.#root.leaves.length > 0;
    return level.isArray && level.node.elements.size === 0 && (level.node.everyElement?.leaves.length ?? 0) > 0;
  }

  #take(taker: RecordTaker, bytes: Buffer, at: number): number | 'cut' {
    const isOpen = this.#levels.length > 0;
    const next = taker(bytes, at, isOpen);
    this.#noteValue();
    if (next !== 'cut' && next > at && !isOpen) this.#sink.safePoint(this.#base + next);
    return next;
  }

  /** Takes at least one byte; returns where to go on. */
  #step(bytes: Buffer, at: number): number {
    switch (this.#mode) {
      case 'shell':
        return this.#shell(bytes, at);
      case 'name':
        return this.#name(bytes, at);
      case 'junk':
        return this.#junk(bytes, at);
      default:
        return this.#value(bytes, at);
    }
  }

  #shell(bytes: Buffer, at: number): number {
    const c = bytes[at] as number;
    const level = this.#levels.at(-1);
    this.structureBytes++;
    if (isSpace(c)) return at + 1;
    if (level === undefined) {
      if (c === OPEN_BRACE || c === OPEN_BRACKET) this.#beginValue(c, at, this.#root);
      else if (c !== COMMA) this.#begin('junk', at);
    } else if (c === CLOSE_BRACE || c === CLOSE_BRACKET) {
      this.#levels.pop();
      if (this.#levels.length === 0) this.#endDocument(this.#base + at + 1);
    } else if (c === COMMA) {
      if (level.isArray && !level.hasValue && isPlace(elementNode(level.node, level.index))) {
        // No record stands before the comma: something was taken out.
        this.structureBytes--;
        this.#defect('malformed-json', this.#base + at, 1);
      }
      level.index++;
      level.wantsName = !level.isArray;
      level.hasValue = false;
    } else if (c === QUOTE && level.wantsName) {
      this.#begin('name', at);
      this.#inString = true;
    } else if (c === QUOTE || c === OPEN_BRACE || c === OPEN_BRACKET) {
      this.#beginValue(c, at, level.isArray ? elementNode(level.node, level.index) : level.member);
    } else if (level.isArray ? isPlace(elementNode(level.node, level.index)) : level.wantsName) {
      this.#noteValue();
      this.#begin('junk', at);
    }
    return at + 1;
  }

  #noteValue(): void {
    const level = this.#levels.at(-1);
    if (level !== undefined) level.hasValue = true;
  }

  /** Nothing may pass as the shell of a document that could hide a call. */
  #endDocument(end: number): void {
    if (!this.#hasPlace) {
      this.#defect('malformed-json', this.#documentAt, end - this.#documentAt);
      this.structureBytes = this.#structureBefore;
    }
    this.#sink.safePoint(end);
  }

  #defect(reason: SkipReason, offset: number, length: number): void {
    this.#sink.defect(reason, offset, length, this.#doubt);
    this.#doubt = undefined;
  }

  /** Hands on a piece of what is passed over, if a call could be hidden in it. */
  #note(bytes: Buffer, start: number, end: number): void {
    const isShell = this.#mode === 'name' || (this.#mode === 'skip' && !this.#isMisplaced);
    if (isShell && this.#hasPlace) return;
    this.#doubt ??= this.#sink.doubt?.();
    this.#doubt?.piece(bytes, start, end);
  }

  #beginValue(c: number, at: number, node: TrieNode | undefined): void {
    if (this.#levels.length === 0) {
      this.#documentAt = this.#base + at;
      this.#hasPlace = false;
      this.#structureBefore = this.structureBytes - 1;
    }
    this.#noteValue();
    const isRecordPlace = isPlace(node);
    if (isRecordPlace) {
      this.#hasPlace = true;
      this.#doubt = undefined;
    }
    if (c === this.#opening && node !== undefined && node.leaves.length > 0) {
      this.#begin('record', at);
      this.#depth = 1;
    } else if (c === OPEN_BRACE && node !== undefined && node.members.size > 0) {
      this.#levels.push({ node, isArray: false, index: 0, member: undefined, wantsName: true, hasValue: false });
    } else if (c === OPEN_BRACKET && node !== undefined && (node.everyElement ?? node.elements.size) !== 0) {
      this.#levels.push({ node, isArray: true, index: 0, member: undefined, wantsName: false, hasValue: false });
    } else {
      this.#begin('skip', at);
      this.#isMisplaced = isRecordPlace || this.#levels.length === 0;
      this.#depth = c === QUOTE ? 0 : 1;
      this.#inString = c === QUOTE;
    }
  }

  /** Inside a record, or inside a value that holds none: only strings and nesting matter. */
  #value(bytes: Buffer, from: number): number {
    for (let at = from; at < bytes.length; at++) {
      const c = bytes[at] as number;
      if (this.#inString) {
        if (!this.#endsString(c) || this.#depth > 0) continue;
        return this.#endValue(bytes, at + 1);
      }
      if (c === QUOTE) this.#inString = true;
      else if (c === OPEN_BRACE || c === OPEN_BRACKET) this.#depth++;
      else if ((c === CLOSE_BRACE || c === CLOSE_BRACKET) && --this.#depth === 0) return this.#endValue(bytes, at + 1);
    }
    return bytes.length;
  }

  #endsString(c: number): boolean {
    if (this.#escaped) this.#escaped = false;
    else if (c === BACKSLASH) this.#escaped = true;
    else if (c === QUOTE) this.#inString = false;
    return !this.#inString;
  }

  #endValue(bytes: Buffer, end: number): number {
    if (this.#mode === 'record') this.#endRecord(bytes, end);
    else this.#endSkipped(bytes, end);
    this.#mode = 'shell';
    if (this.#levels.length === 0) this.#sink.safePoint(this.#base + end);
    return end;
  }

  #endSkipped(bytes: Buffer, end: number): void {
    const length = this.#base + end - this.#mark;
    this.#note(bytes, Math.max(this.#mark - this.#base, 0), end);
    if (this.#isMisplaced) this.#defect('malformed-json', this.#mark, length);
    else this.structureBytes += length;
  }

  #endRecord(bytes: Buffer, end: number): void {
    const length = this.#base + end - this.#mark;
    if (this.#large === undefined && length > this.#largeBytes) this.#beginLarge();
    if (this.#large !== undefined) {
      this.#large.piece(bytes, Math.max(this.#mark - this.#base, 0), end);
      this.#large.end(length);
      this.#large = undefined;
    } else if (this.#heldBytes > 0) {
      const record = this.#marked(bytes, end);
      this.#sink.record(record, 0, record.length, this.#mark);
    } else this.#sink.record(bytes, end - length, end, this.#mark);
    this.#release();
  }

  #name(bytes: Buffer, from: number): number {
    for (let at = from; at < bytes.length; at++) {
      if (!this.#endsString(bytes[at] as number)) continue;
      const level = this.#levels.at(-1) as Level;
      level.member = this.#heldBytes > MAX_NAME ? undefined : this.#named(level.node, bytes, at + 1);
      level.wantsName = false;
      this.structureBytes += this.#base + at + 1 - this.#mark;
      this.#release();
      this.#mode = 'shell';
      return at + 1;
    }
    return bytes.length;
  }

  #named(node: TrieNode, bytes: Buffer, end: number): TrieNode | undefined {
    const name = this.#marked(bytes, end);
    this.#note(name, 0, name.length);
    return memberNode(node, nameOf(name));
  }

  /** Text that is no JSON, up to the next line or value. */
  #junk(bytes: Buffer, from: number): number {
    let at = from;
    const isNested = this.#levels.length > 0;
    while (at < bytes.length && !endsJunk(bytes[at] as number, isNested)) at++;
    if (at === bytes.length) return at;
    this.#note(bytes, Math.max(this.#mark - this.#base, 0), at);
    this.#endJunk(at);
    return at;
  }

  #endJunk(at: number): void {
    const reason = this.#levels.length > 0 ? 'malformed-json' : 'trailing-text';
    this.#defect(reason, this.#mark, this.#base + at - this.#mark);
    this.#documentAt = this.#base + at;
    this.#structureBefore = this.structureBytes;
    this.#mode = 'shell';
  }

  #begin(mode: Mode, at: number): void {
    this.structureBytes--;
    this.#mode = mode;
    this.#mark = this.#base + at;
  }

  #marked(bytes: Buffer, end: number): Buffer {
    if (this.#heldBytes === 0) return bytes.subarray(this.#mark - this.#base, end);
    return Buffer.concat([...this.#held, bytes.subarray(0, end)]);
  }

  #hold(bytes: Buffer): void {
    const start = Math.max(this.#mark - this.#base, 0);
    this.#heldBytes += bytes.length - start;
    if (this.#large === undefined && this.#heldBytes > this.#largeBytes && this.#mode === 'record') this.#beginLarge();
    if (this.#large !== undefined) this.#large.piece(bytes, start, bytes.length);
    else if (this.#mode === 'record' || this.#heldBytes <= MAX_NAME)
      this.#held.push(Buffer.from(bytes.subarray(start)));
  }

  #beginLarge(): void {
    this.#large = this.#sink.largeRecord(this.#mark);
    for (const piece of this.#held) this.#large.piece(piece, 0, piece.length);
    this.#held = [];
  }

  #release(): void {
    this.#held = [];
    this.#heldBytes = 0;
  }
}

/** No wanted member has a longer name. */
const MAX_NAME = 64 * 1024;

const LISTS = '[]';
const LF = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** Whether records are found there. */
function isPlace(node: TrieNode | undefined): boolean {
  return node !== undefined && (node.leaves.length > 0 || (node.everyElement?.leaves.length ?? 0) > 0);
}

function endsJunk(c: number, isNested: boolean): boolean {
  if (c === LF || c === OPEN_BRACE) return true;
  return isNested && (c === COMMA || c === QUOTE || c === CLOSE_BRACE || c === OPEN_BRACKET || c === CLOSE_BRACKET);
}

function isSpace(c: number): boolean {
  return c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09;
}

function nameOf(quoted: Buffer): string {
  try {
    return JSON.parse(quoted.toString('utf8')) as string;
  } catch {
    return '';
  }
}
