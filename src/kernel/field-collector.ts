import type { RawFields, RawKey } from '../model.ts';
import type { UsageField } from '../formats/format.ts';
import type { Leaf } from './field-trie.ts';

type TextField = Exclude<UsageField, 'key' | 'keyId' | `identity.${string}`>;

/**
 * Gathers what a reader finds in one record. Of several alternatives the one with the lowest rank stands; a repeated
 * member overwrites, as in JSON.parse. Keys are all kept: when in doubt, every key that it could be counts as used.
 */
export class FieldCollector {
  #fields: RawFields = { keys: [], identity: {} };
  #ranks = new Map<UsageField, number>();
  /** Keys of the record by kind, place and text: a hostile record may hold very many. */
  readonly #keys = new Set<string>();

  add(leaf: Leaf, text: string): void {
    if (text === '' || text === '-') return;
    const { field, rank, path } = leaf;
    if (field === 'key' || field === 'keyId') {
      this.#addKey({ text, kind: field === 'key' ? 'secret' : 'public', place: path });
      return;
    }
    if (rank > (this.#ranks.get(field) ?? Infinity)) return;
    this.#ranks.set(field, rank);
    if (field.startsWith('identity.')) setOwn(this.#fields.identity, field.slice('identity.'.length), text);
    else this.#fields[field as TextField] = text;
  }

  /** Returns the record's fields and starts the next record. */
  take(): RawFields {
    const fields = this.#fields;
    this.#fields = { keys: [], identity: {} };
    this.#ranks.clear();
    this.#keys.clear();
    return fields;
  }

  #addKey(key: RawKey): void {
    if (this.#keys.size === this.#keys.add(`${key.kind} ${key.place ?? ''}\n${key.text}`).size) return;
    this.#fields.keys.push(key);
  }
}

function setOwn(record: Record<string, string>, name: string, value: string): void {
  Object.defineProperty(record, name, { value, writable: true, enumerable: true, configurable: true });
}
