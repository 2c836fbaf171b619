import { jsonParser } from 'stream-json/core/parser.js';
import { none } from 'stream-chain/core';
import { StringDecoder } from 'node:string_decoder';
import { elementNode, memberNode, type TrieNode } from './field-trie.ts';
import type { FieldCollector } from './field-collector.ts';
import { MAX_DEPTH, walkJson, type WalkResult } from './json-walk.ts';

/** Longer texts are cut: no time stamp, address or key is so long, and memory stays bounded. */
const MAX_TEXT = 64 * 1024;

interface Token {
  readonly name: string;
  readonly value?: string | boolean | null;
}

/**
 * Reads one JSON value that is too large to hold, piece by piece through stream-json's tokens, and hands every wanted
 * scalar to the collector: the same outcome as `walkJson` in memory that does not grow with the value, but for bytes that
 * are not UTF-8, which all become U+FFFD.
 */
export class LargeJson {
  readonly #parse = jsonParser({ packValues: false, packNumbers: true, streamNumbers: false });
  readonly #decoder = new StringDecoder('utf8');
  readonly #collector: FieldCollector;
  /** One entry per open container: where we are in the trie, and the next element's index (-1 in objects). */
  readonly #levels: { node: TrieNode | undefined; index: number }[] = [];
  #next: TrieNode | undefined;
  #text = '';
  #result: WalkResult = 'ok';

  constructor(root: TrieNode, collector: FieldCollector) {
    this.#next = root;
    this.#collector = collector;
  }

  piece(bytes: Buffer, start: number, end: number): void {
    this.#feed(this.#decoder.write(bytes.subarray(start, end)));
  }

  end(): WalkResult {
    this.#feed(this.#decoder.end());
    this.#feed(none);
    return this.#result;
  }

  #feed(text: string | typeof none): void {
    if (this.#result !== 'ok' || text === '') return;
    try {
      const parsed = this.#parse(text as string) as unknown;
      for (const token of tokensOf(parsed)) {
        this.#token(token);
        if (this.#levels.length > MAX_DEPTH) {
          this.#result = 'too-deep';
          return;
        }
      }
    } catch {
      this.#result = 'malformed-json';
    }
  }

  #token(token: Token): void {
    switch (token.name) {
      case 'startObject':
        this.#levels.push({ node: this.#value(), index: -1 });
        break;
      case 'startArray':
        this.#levels.push({ node: this.#value(), index: 0 });
        break;
      case 'endObject':
      case 'endArray':
        this.#levels.pop();
        break;
      case 'startKey':
      case 'startString':
        this.#text = '';
        break;
      case 'stringChunk':
        if (this.#text.length < MAX_TEXT) this.#text += token.value as string;
        break;
      case 'endKey':
        this.#name();
        break;
      case 'endString':
        this.#string(this.#text);
        break;
      case 'nullValue':
        this.#value();
        break;
      default:
        this.#scalar(String(token.value));
    }
  }

  #name(): void {
    const node = this.#levels.at(-1)?.node;
    this.#next = node === undefined ? undefined : memberNode(node, this.#text);
  }

  /** The trie node of the value that begins here. */
  #value(): TrieNode | undefined {
    const level = this.#levels.at(-1);
    if (level === undefined || level.index < 0) return this.#next;
    const node = level.node;
    return node === undefined ? undefined : elementNode(node, level.index++);
  }

  #string(text: string): void {
    const node = this.#scalar(text);
    if (node === undefined || (node.members.size === 0 && node.elements.size === 0)) return;
    const nested = Buffer.from(text);
    if (/^\s*[{[]/.test(text)) walkJson(nested, 0, nested.length, { ...node, leaves: [] }, this.#collector);
  }

  #scalar(text: string): TrieNode | undefined {
    const node = this.#value();
    if (node === undefined) return undefined;
    for (const leaf of node.leaves) this.#collector.add(leaf, text);
    return node;
  }
}

function tokensOf(parsed: unknown): readonly Token[] {
  if (typeof parsed === 'object' && parsed !== null && 'values' in parsed) return parsed.values as Token[];
  return [];
}
