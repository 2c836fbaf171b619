import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitsMasked } from '../../../src/attribution/masked.ts';
import { SqliteListedKeys } from '../../../src/engines/sqlite/listed-keys.ts';
import type { WritableStore } from '../../../src/engines/sqlite/store.ts';
import { wayOf } from '../../../src/verdicts/evidence.ts';
import { entryOf, list } from './made-inventory.ts';
import { addStreams, newStore, tallyOf, usageOf } from './made-store.ts';
import { displays, maskedForms } from './masked-forms.ts';

const FINGERPRINT = (key: string) => ({ match: { by: 'fingerprint', key } }) as const;
const MASKED = (prefix: string, suffix: string) => ({ match: { by: 'masked', prefix, suffix } }) as const;

function listedIn(fill: (store: WritableStore) => void): SqliteListedKeys {
  const store = newStore();
  fill(store);
  return new SqliteListedKeys(store.db);
}

describe('listed keys', () => {
  it('are sorted by code point, each id once, the entry of the newest inventory', () => {
    const ids = ['k_\u{1f511}', 'b', 'k_\uffed', 'a', 'B'];
    const listed = listedIn((store) => {
      list(
        store,
        'z.csv',
        ids.map((id) => entryOf(id, { label: 'new' })),
        5,
      );
      list(store, 'a.csv', [entryOf('a', { label: 'old' }), entryOf('c', { label: 'old' })], 4);
    });
    expect([...listed.all()].map(({ entry }) => [entry.id, entry.label])).toEqual([
      ['B', 'new'],
      ['a', 'new'],
      ['b', 'new'],
      ['c', 'old'],
      ['k_\uffed', 'new'],
      ['k_\u{1f511}', 'new'],
    ]);
    expect(listed.get('a')?.olderEntries?.map(({ label }) => label)).toEqual(['old']);
    expect(listed.get('b')?.olderEntries).toBeUndefined();
    expect([...listed.all()]).toEqual([...listed.all()].map(({ entry }) => listed.get(entry.id)));
    expect([listed.get('d'), listed.isEmpty]).toEqual([undefined, false]);
  });

  it('are empty when no inventory was ever read, and not when one lists nothing', () => {
    expect(listedIn(() => undefined).isEmpty).toBe(true);
    expect(listedIn((store) => list(store, 'a.csv', [])).isEmpty).toBe(false);
  });

  it.each([
    ['two keys', FINGERPRINT('k_1'), FINGERPRINT('k_2'), { by: 'id', keys: ['k_1', 'k_2'] }],
    ['one key', FINGERPRINT('k_1'), FINGERPRINT('k_1'), { by: 'fingerprint', key: 'k_1' }],
    [
      'a masked form after a key',
      FINGERPRINT('k_1'),
      MASKED('sk_', '42'),
      { by: 'masked', prefix: 'sk_', suffix: '42', keys: ['k_1'] },
    ],
    [
      'a masked form before a key',
      MASKED('sk_', '42'),
      FINGERPRINT('k_1'),
      { by: 'masked', prefix: 'sk_', suffix: '42', keys: ['k_1'] },
    ],
  ])('of two files that use one id for %s mean the keys of both', (_, older, newer, match) => {
    const listed = listedIn((store) => {
      list(store, 'b.csv', [entryOf('a', { ...newer, owner: 'new' })], 2);
      list(store, 'a.csv', [entryOf('a', { ...older, owner: 'old' })], 1);
    });
    expect(listed.get('a')?.entry).toMatchObject({ match, owner: 'new', file: 'b.csv' });
  });

  it('are kept for as long as any file says, with its reason', () => {
    const listed = listedIn((store) => {
      list(
        store,
        'a.csv',
        [entryOf('a', { keepUntilAt: 9, keepReason: 'drill' }), entryOf('b', { keepUntilAt: 3 })],
        1,
      );
      list(
        store,
        'b.csv',
        [entryOf('a', { label: 'new' }), entryOf('b', { ...MASKED('sk_', '42'), keepUntilAt: 4 })],
        2,
      );
    });
    expect(listed.get('a')?.entry).toMatchObject({ label: 'new', keepUntilAt: 9, keepReason: 'drill' });
    expect(listed.get('b')?.entry).toMatchObject({ keepUntilAt: 4 });
  });

  it('take the same keys together that two files list under one id, whichever of them was read last', () => {
    const listed = listedIn((store) => {
      list(store, 'a.csv', [entryOf('a', FINGERPRINT('k_1')), entryOf('b', FINGERPRINT('k_1'))]);
      list(store, 'b.csv', [entryOf('a', FINGERPRINT('k_2'))], 2);
    });
    expect([listed.naming('k_1'), listed.naming('k_2'), listed.naming('k_3')]).toEqual([['a', 'b'], ['a'], []]);
    expect([listed.isNamedIn('a.csv', 'k_1'), listed.isNamedIn('b.csv', 'k_1')]).toEqual([true, false]);
  });

  it.each([
    ['older', 9, 5],
    ['newer', 5, 9],
  ])('keep the later of two last uses, here of the %s list, and what only the older list says', (_, older, newer) => {
    const listed = listedIn((store) => {
      list(store, 'a.json', [entryOf('a', { lastUsedAt: older, owner: 'ci', createdAt: 3, label: 'old' })], 4);
      list(
        store,
        'b.json',
        [entryOf('a', { lastUsedAt: newer, owner: undefined, createdAt: undefined, label: 'new' })],
        5,
      );
    });
    expect(listed.get('a')?.entry).toMatchObject({ lastUsedAt: 9, owner: 'ci', createdAt: 3, label: 'new' });
  });

  it('are called by their label or display as the newest inventory has them', () => {
    const listed = listedIn((store) => {
      list(store, 'a.csv', [entryOf('a', { label: 'old' }), entryOf('b', { label: 'x', display: 'sk_...1' })], 1);
      list(store, 'b.csv', [entryOf('a', { label: 'x' }), entryOf('c', { display: 'x' })], 2);
    });
    expect(listed.called('x')).toEqual(['a', 'b', 'c']);
    expect([listed.called('old'), listed.called('sk_...1'), listed.called('')]).toEqual([[], ['b'], []]);
  });

  it('are proven by a key of their file and way that was seen', () => {
    const store = newStore();
    const [used, unused] = [entryOf('a', FINGERPRINT('k_one')), entryOf('b', FINGERPRINT('k_9'))];
    addStreams(store, [{ settled: tallyOf([usageOf()]) }]);
    list(store, 'a.csv', [used, unused, entryOf('c')]);
    list(store, 'b.csv', [unused]);
    const listed = new SqliteListedKeys(store.db);
    const seen = (file: string, of: typeof used): boolean => listed.isAnySeen(file, wayOf(of));
    expect([seen('a.csv', unused), seen('a.csv', entryOf('c')), seen('b.csv', unused)]).toEqual([true, false, false]);
    expect([...listed.describedAs('a.csv', wayOf(used))].map(({ id }) => id)).toEqual(['a', 'b']);
  });
});

describe('masked entries that may mean a key', () => {
  it('are those that it fits, found by their end', () => {
    fc.assert(
      fc.property(
        fc.array(maskedForms, { minLength: 1, maxLength: 80 }),
        fc.array(displays, { minLength: 30, maxLength: 60 }),
        (forms, shown) => {
          const entries = forms.map((form, n) => entryOf(`e${n}`, { match: { by: 'masked', ...form } }));
          const listed = listedIn((store) => list(store, 'a.csv', [...entries, entryOf('e')]));
          for (const display of shown) {
            const found = listed.fitting(display).map(({ entry }) => entry.id);
            const fitting = entries.filter((_, n) => fitsMasked(forms[n]!, display)).map(({ id }) => id);
            expect(found.toSorted(), display).toEqual(fitting.toSorted());
          }
        },
      ),
      { numRuns: 15, endOnFailure: true },
    );
  });
});

describe('many listed keys', () => {
  it('come each once and in order, whichever stretch is asked for', () => {
    const ids = Array.from({ length: 1100 }, (_, n) => `key-${n}`);
    const listed = listedIn((store) => {
      list(
        store,
        'a.csv',
        ids.map((id) => entryOf(id)),
        1,
      );
      list(
        store,
        'b.csv',
        ids.slice(0, 700).map((id) => entryOf(id)),
        2,
      );
    });
    const sorted = ids.toSorted();
    const idsIn = (from?: string, before?: string): string[] =>
      [...listed.all({ from, before })].map(({ entry }) => entry.id);
    expect(idsIn()).toEqual(sorted);
    for (const [from, before] of [
      [0, 1],
      [3, 900],
      [499, 501],
      [800, 1099],
    ] as const) {
      expect(idsIn(sorted[from], sorted[before])).toEqual(sorted.slice(from, before));
      expect(idsIn(sorted[from])).toEqual(sorted.slice(from));
    }
  });
});
