import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SqliteListedKeys } from '../../src/engines/sqlite/listed-keys.ts';
import type { SqliteSeenKeys } from '../../src/engines/sqlite/seen-keys.ts';
import type { InventoryEntry, KeyKind } from '../../src/model.ts';
import { EvidenceSet } from '../../src/verdicts/evidence.ts';
import { list } from '../engines/sqlite/made-inventory.ts';
import { newStore } from '../engines/sqlite/made-store.ts';
import { entry, evidenceSet, joinedByHand, joinedOf, masked, seen, type SeenKey } from './made-keys.ts';

const gather = (
  keys: readonly SeenKey[],
  entries: readonly InventoryEntry[],
): Record<string, [string[], readonly string[]]> =>
  Object.fromEntries(
    [...evidenceSet(keys, entries).all()].map(({ key, callers, ambiguousWith }) => [
      key,
      [callers.map(({ system }) => system.name), ambiguousWith],
    ]),
  );

describe('gathering evidence', () => {
  it('lets go of the database when that fails halfway', () => {
    const store = newStore();
    list(
      store,
      'keys.csv',
      ['a', 'b', 'c'].map((id) => entry(id, { by: 'id', keys: [id] })),
    );
    const failing: Pick<SqliteSeenKeys, 'unnamed'> = {
      *unnamed() {
        yield { key: 'a1', display: 'a1', kind: 'public_id' };
        throw new Error('the disk failed');
      },
    };
    const evidence = new EvidenceSet(failing as SqliteSeenKeys, new SqliteListedKeys(store.db), false);
    expect(() => [...evidence.all()]).toThrow('the disk failed');
    expect(() => store.close()).not.toThrow();
  });

  it('lists every entry, used or not, and every key that is in no inventory', () => {
    const entries = [entry('a', { by: 'fingerprint', key: 'k_1' }), entry('b', { by: 'fingerprint', key: 'k_2' })];
    expect(gather([seen('k_1', 'x_...0001'), seen('k_9', 'x_...0009')], entries)).toEqual({
      a: [['billing'], []],
      b: [[], []],
      k_9: [['billing'], []],
    });
  });

  it('joins the use of a key that the logs show under several ids', () => {
    const keys = [seen('cred-1', 'cred-1', 'public_id', ['web']), seen('k_1', 'x_...0001', 'secret', ['cron', 'web'])];
    const all = [...evidenceSet(keys, [entry('cred-1', { by: 'id', keys: ['k_1', 'cred-1'] })]).all()];
    expect(all).toHaveLength(1);
    expect(Object.fromEntries(all[0]!.callers.map(({ system, totals }) => [system.name, totals.requests]))).toEqual({
      cron: 1,
      web: 2,
    });
  });

  it('takes a masked form for the one key that it fits', () => {
    expect(
      gather([seen('k_1', 'sk_...4242'), seen('k_2', 'sk_...0001')], [entry('a', masked('sk_live_', '4242'))]),
    ).toEqual({
      a: [['billing'], []],
      k_2: [['billing'], []],
    });
  });

  it('calls all keys ambiguous that a masked form fits', () => {
    const keys = [seen('k_1', 'sk_...4242'), seen('k_2', 'sk_...4242')];
    expect(gather(keys, [entry('a', masked('sk_live_', '4242'))])).toEqual({
      a: [['billing'], ['k_1', 'k_2']],
      k_1: [['billing'], ['a']],
      k_2: [['billing'], ['a']],
    });
  });

  it('calls two masked entries ambiguous that fit one key', () => {
    const entries = [entry('a', masked('sk_live_', '4242')), entry('b', masked('', '4242'))];
    expect(gather([seen('k_1', 'sk_...4242')], entries)).toEqual({
      a: [['billing'], ['b']],
      b: [['billing'], ['a']],
      k_1: [['billing'], ['a', 'b']],
    });
  });

  it('does not offer to a masked form what another entry names exactly', () => {
    const entries = [entry('a', masked('sk_', '4242')), entry('b', { by: 'fingerprint', key: 'k_1' })];
    expect(gather([seen('k_1', 'sk_...4242')], entries)).toEqual({ a: [[], []], b: [['billing'], []] });
  });

  it('counts the use of a masked entry that the logs show by its id', () => {
    expect(gather([seen('key_1', 'key_1', 'public_id')], [entry('key_1', masked('sk-', 'wxyz', ['key_1']))])).toEqual({
      key_1: [['billing'], []],
    });
  });

  describe('when the logs themselves show a key only in part', () => {
    const inLogs = seen('masked:sk_...4242', 'sk_...4242', 'masked');

    it('makes every key ambiguous that may be meant, and no other', () => {
      const entries = [
        entry('fits', { by: 'fingerprint', key: 'k_1' }, 'sk_...4242'),
        entry('other', { by: 'fingerprint', key: 'k_2' }, 'sk_...0001'),
        entry('digest-only', { by: 'fingerprint', key: 'k_3' }),
        entry('AKIAIOSFODNN7EXAMPLE', { by: 'id', keys: ['AKIAIOSFODNN7EXAMPLE'] }),
      ];
      const found = gather([inLogs], entries);
      expect(found['fits']?.[1]).toEqual(['masked:sk_...4242']);
      expect(found['digest-only']?.[1]).toEqual(['masked:sk_...4242']);
      expect(found['other']?.[1]).toEqual([]);
      expect(found['AKIAIOSFODNN7EXAMPLE']?.[1]).toEqual([]);
    });

    it('never leaves the masked form itself without a rival', () => {
      expect(gather([inLogs], [])['masked:sk_...4242']?.[1]).toEqual(['keys in no inventory']);
    });
  });

  it('says whether an inventory describes any key as the logs show it', () => {
    const entries = [
      entry('used', { by: 'fingerprint', key: 'k_1' }),
      entry('unused', { by: 'fingerprint', key: 'k_2' }),
      entry('by-id', { by: 'id', keys: ['by-id', 'k_3'] }),
      { ...entry('elsewhere', { by: 'fingerprint', key: 'k_4' }), file: 'other.csv' },
    ];
    const all = [...evidenceSet([seen('k_1', 'x_...0001')], entries).all()];
    const proven = all.map(({ key, isMatchProven }) => [key, isMatchProven]);
    expect(Object.fromEntries(proven)).toEqual({ used: true, unused: true, 'by-id': false, elsewhere: false });
  });

  it('takes a masked form for a key that another inventory names in full', () => {
    const entries = [
      { ...entry('raw', { by: 'fingerprint', key: 'k_1' }), file: 'other.csv' },
      entry('masked', masked('sk_', '4242')),
    ];
    expect(gather([seen('k_1', 'sk_...4242')], entries)['masked']?.[0]).toEqual(['billing']);
  });

  it('takes a masked form that fits a key for proof of the way in which its file describes keys', () => {
    const entries = [
      entry('a', masked('sk_', '4242')),
      entry('b', masked('sk_', '0001')),
      entry('c', masked('zz_', '1'), 'zz_...1', { file: 'other.csv' }),
    ];
    const all = [...evidenceSet([seen('k_1', 'sk_...4242')], entries).all()];
    expect(all.map(({ key, isMatchProven }) => [key, isMatchProven])).toEqual([
      ['a', true],
      ['b', true],
      ['c', false],
    ]);
  });

  it('lists keys and entries in one order, that of code points', () => {
    const keys = ['k_m', 'k_\u{1f511}', 'k_\uffed', 'k_a', 'zz'].map((key) => seen(key, `x_...${key}`));
    const entries = ['k_b', 'k_\u{1f512}', 'k_\ufff0', 'a', 'k_', 'z', '\u{10ffff}'].map((id) =>
      entry(id, { by: 'id', keys: [id] }, `y_...${id}`),
    );
    expect([...evidenceSet(keys, entries).all()].map(({ key }) => key)).toEqual([
      'a', 'k_', 'k_a', 'k_b', 'k_m', 'k_\uffed', 'k_\ufff0', 'k_\u{1f511}', 'k_\u{1f512}', 'z', 'zz', '\u{10ffff}',
    ]); // prettier-ignore
  });

  it('joins as a comparison of every key with every entry does', () => {
    fc.assert(
      fc.property(someKeys, someEntries, (keys, entries) => {
        expect(joinedOf(evidenceSet(keys, entries))).toEqual(joinedByHand(keys, entries));
      }),
      { numRuns: 60, endOnFailure: true },
    );
  });

  it('gives the same evidence by id as in the list of all', () => {
    fc.assert(
      fc.property(someKeys, someEntries, (keys, entries) => {
        const evidence = evidenceSet(keys, entries);
        const all = new Map([...evidence.all()].toReversed().map((one) => [one.key, one]));
        for (const id of new Set([...keys.map(({ ref }) => ref.key), ...entries.map((one) => one.id)])) {
          expect(evidence.of(id)).toEqual(all.get(id));
        }
      }),
      { numRuns: 30, endOnFailure: true },
    );
  });
});

describe('session credentials', () => {
  const session = seen('ASIA1', 'ASIA1', 'aws_sts_session_key');

  it('are no keys, unless they are asked for or listed', () => {
    const idsOf = (entries: readonly InventoryEntry[], include: boolean): string[] =>
      [...evidenceSet([session, seen('k_1', 'x_...1')], entries, include).all()].map(({ key }) => key);
    expect([idsOf([], false), idsOf([], true)]).toEqual([['k_1'], ['ASIA1', 'k_1']]);
    expect(idsOf([entry('ASIA1', { by: 'id', keys: ['ASIA1'] })], false)).toEqual(['ASIA1', 'k_1']);
    expect(evidenceSet([session], []).of('ASIA1')).toBeUndefined();
    expect(evidenceSet([session], [], true).of('ASIA1')?.key).toBe('ASIA1');
    expect(evidenceSet([session], [], false).find('ASIA1')).toEqual([]);
  });
});

describe('evidence by id', () => {
  it('is not given for a key that is listed under another id', () => {
    const named = evidenceSet([seen('k_1', 'x_...0001')], [entry('a', { by: 'fingerprint', key: 'k_1' })]);
    expect([named.of('k_1'), named.of('a')?.callers.length, named.of('b')]).toEqual([undefined, 1, undefined]);
    const fitted = evidenceSet([seen('k_1', 'sk_...4242')], [entry('a', masked('sk_', '4242'), 'sk_...4242')]);
    expect([fitted.of('k_1'), fitted.of('a')?.callers.length]).toEqual([undefined, 1]);
  });

  it('says which keys are behind it', () => {
    const evidence = evidenceSet(
      [seen('k_1', 'sk_...4242'), seen('k_2', 'sk_...0001'), seen('k_3', 'pk_...0001')],
      [entry('a', masked('sk_', '', ['k_3']), 'sk_...')],
    );
    expect([...evidence.keysBehind(evidence.of('a')!)].toSorted()).toEqual(['k_1', 'k_2', 'k_3']);
    expect(evidence.keysBehind(evidence.of('k_1')!)).toEqual(['k_1']);
  });
});

describe('one id in two files', () => {
  it('means the keys of both, and says what the newer one says', () => {
    const entries = [
      entry('a', { by: 'fingerprint', key: 'k_1' }, 'sk_...0001', { file: 'older.csv', label: 'old' }),
      entry('a', { by: 'fingerprint', key: 'k_2' }, 'sk_...0002', { file: 'newer.csv', label: 'new' }),
    ];
    const all = [
      ...evidenceSet([seen('k_1', 'sk_...0001'), seen('k_2', 'sk_...0002', 'secret', ['web'])], entries).all(),
    ];
    expect(all).toMatchObject([{ key: 'a', display: 'sk_...0002', entry: { label: 'new' }, ambiguousWith: [] }]);
    expect(all[0]?.callers.map(({ system }) => system.name).toSorted()).toEqual(['billing', 'web']);
  });

  it.each([
    ['older.csv', 'newer.csv'],
    ['newer.csv', 'older.csv'],
  ])('counts each call once where %s names a key that a masked form in %s fits, too', (naming, showing) => {
    const entries = [
      entry('a', { by: 'fingerprint', key: 'k_1' }, 'sk_...4242', { file: naming }),
      entry('a', masked('sk_', '4242'), 'sk_...4242', { file: showing }),
    ].toSorted((one) => (one.file === 'older.csv' ? -1 : 1));
    const evidence = evidenceSet([seen('k_1', 'sk_...4242')], entries);
    expect(joinedOf(evidence)).toEqual([
      { key: 'a', isListed: true, requests: 1, systems: ['billing'], isMatchProven: true, ambiguousWith: [] },
    ]);
    expect(evidence.keysBehind(evidence.of('a')!)).toEqual(['k_1']);
  });
});

describe('finding a key', () => {
  const fingerprints = ['k_0123456789abcdef0123', 'k_0123ffffffffffffffff', 'k_4567000000000000abcd'] as const;
  const entries = [
    entry('billing', { by: 'fingerprint', key: 'k_9999aaaaaaaaaaaaaaaa' }, 'sk_...0001', { label: 'Billing' }),
    entry('Billing', { by: 'fingerprint', key: 'k_9999bbbbbbbbbbbbbbbb' }, 'sk_...0002'),
    ...fingerprints.slice(0, 2).map((key) => entry(key, { by: 'fingerprint', key }, 'sk_...0003', { label: 'export' })),
    entry('mail', { by: 'fingerprint', key: fingerprints[2] }),
    entry('masked', masked('sk_', '7777'), 'sk_live_...7777'),
  ];
  const keys = [
    seen('kid-12345', 'kid-12345', 'public_id'),
    seen(fingerprints[2], 'sk_...0004'),
    seen('k_8888000000000000abcd', 'sk_...7777'),
    seen('k_7777000000000000abcd', 'sk_...0005'),
    seen('ASIA1', 'ASIA1', 'aws_sts_session_key'),
  ];

  it.each([
    ['billing', ['billing']],
    ['Billing', ['Billing']],
    ['sk_...0001', ['billing']],
    ['export', ['k_0123456789abcdef0123', 'k_0123ffffffffffffffff']],
    ['k_0123456789abcdef0123', ['k_0123456789abcdef0123']],
    ['k_01234', ['k_0123456789abcdef0123']],
    ['k_0123', ['k_0123456789abcdef0123', 'k_0123ffffffffffffffff']],
    ['k_012', []],
    ['k_7777', ['k_7777000000000000abcd']],
    ['sk_...0005', ['k_7777000000000000abcd']],
    ['kid-12345', ['kid-12345']],
    ['kid-123', []],
    ['', []],
    ['other', []],
    // The logs show these keys; inventories have other ids for them.
    ['k_4567000000000000abcd', ['mail']],
    ['k_45670', ['mail']],
    ['sk_...0004', ['mail']],
    ['sk_live_...7777', ['masked']],
    ['ASIA1', []],
  ])('by %j finds %j', (wanted, found) => {
    expect(
      evidenceSet(keys, entries)
        .find(wanted)
        .map(({ key }) => key),
    ).toEqual(found);
  });

  it('gives ids that may have been meant, and no more than asked for', () => {
    const evidence = evidenceSet(keys, entries);
    expect(evidence.someIds(100)).toEqual(
      expect.arrayContaining([...entries.map(({ id }) => id), 'k_7777000000000000abcd']),
    );
    expect(evidence.someIds(3)).toHaveLength(3);
    expect(evidenceSet([], []).someIds(3)).toEqual([]);
  });
});

describe('the keys of a system', () => {
  it('are shown as what inventories call them', () => {
    const keys = [seen('k_1', 'sk_...4242'), seen('k_2', 'sk_...0002'), seen('k_3', 'sk_...0003')];
    const entries = [
      entry('named', { by: 'fingerprint', key: 'k_1' }),
      entry('fitted', masked('sk_', '0002'), 'sk_...0002'),
    ];
    const idsOf = (system: string, atMost: number): string[] => {
      const evidence = evidenceSet([...keys, seen('k_4', 'x_...4', 'secret', ['web'])], entries, false, atMost);
      return evidence.keysOf(system).map((other) => other.use().key);
    };
    expect(idsOf('billing', 3).toSorted()).toEqual(['fitted', 'k_3', 'named']);
    expect([idsOf('billing', 2), idsOf('web', 2), idsOf('other', 3)]).toEqual([[], ['k_4'], []]);
  });
});

const DISPLAYS = ['sk_...4242', 'sk_...0001', 'pk_...4242', 'sk_...42', '...42', 'sk_...', '...', 'x...2'];

const someKeys: fc.Arbitrary<SeenKey[]> = fc
  .tuple(
    fc.array(fc.constantFrom(...DISPLAYS), { maxLength: 5 }),
    fc.uniqueArray(fc.constantFrom(...DISPLAYS), { maxLength: 2 }),
    fc.subarray(['kid-4242', 'AKIAIOSFODNN7EXAMPLE', 'ASIAIOSFODNN7EXAMPLE']),
  )
  .map(([secrets, forms, ids]) => [
    ...secrets.map((display, n) => seen(`k_${n}`, display, 'secret', [`job ${n}`])),
    ...forms.map((display) => seen(`masked:${display}`, display, 'masked', ['form'])),
    ...ids.map((id) => seen(id, id, KIND_OF_ID[id] ?? 'public_id', [id])),
  ]);

const KIND_OF_ID: Readonly<Record<string, KeyKind>> = {
  AKIAIOSFODNN7EXAMPLE: 'aws_access_key',
  ASIAIOSFODNN7EXAMPLE: 'aws_sts_session_key',
};

const NAMEABLE = ['k_0', 'k_1', 'k_2', 'k_9', 'kid-4242', 'AKIAIOSFODNN7EXAMPLE', 'ASIAIOSFODNN7EXAMPLE'];

/** Masked entries say what they show, as those of real inventories do. */
const someEntry: fc.Arbitrary<InventoryEntry> = fc
  .record({
    id: fc.constantFrom('a', 'b', 'c', 'd', 'k_1', 'k_9', 'AKIAIOSFODNN7EXAMPLE'),
    file: fc.constantFrom('keys.csv', 'other.csv'),
    by: fc.constantFrom('fingerprint', 'id', 'masked', 'masked'),
    names: fc.subarray(NAMEABLE, { minLength: 1, maxLength: 2 }),
    isNamed: fc.boolean(),
    form: fc.constantFrom(...DISPLAYS),
    display: fc.constantFrom(undefined, ...DISPLAYS),
  })
  .map(({ id, file, by, names, isNamed, form, display }) => {
    if (by === 'fingerprint') return entry(id, { by, key: names[0]! }, display, { file });
    if (by === 'id') return entry(id, { by, keys: names }, display ?? 'demo_...', { file });
    const [prefix = '', suffix = ''] = form.split('...');
    return entry(id, masked(prefix, suffix, isNamed ? names : undefined), form, { file });
  });

const someEntries = fc.uniqueArray(someEntry, { maxLength: 6, selector: ({ id }) => id });
