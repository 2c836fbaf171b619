import { describe, expect, it } from 'vitest';
import type { InventoryEntry, KeyKind, KeyMatch } from '../../src/model.ts';
import { gatherEvidence, type SeenKey } from '../../src/verdicts/evidence.ts';

function seen(
  key: string,
  display: string,
  kind: KeyKind = 'secret',
  systems: readonly string[] = ['billing'],
): SeenKey {
  const day = {
    source: 'gateway',
    day: 20_000,
    accepted: 1,
    failed: 0,
    refused: 0,
    firstUsedAt: 1,
    lastUsedAt: 1,
    firstRefusedAt: undefined,
    lastRefusedAt: undefined,
  };
  const callers = systems.map((name) => ({ system: { name, attribution: 'field' as const }, days: [day] }));
  return { ref: { key, display, kind }, callers };
}

function entry(id: string, match: KeyMatch, display?: string): InventoryEntry {
  return {
    id,
    match,
    display,
    label: undefined,
    owner: undefined,
    createdAt: undefined,
    expiresAt: undefined,
    status: 'active',
    successor: undefined,
    source: undefined,
    lastUsedAt: undefined,
    metadata: {},
    file: 'keys.csv',
    row: 2,
  };
}

const masked = (prefix: string, suffix: string, keys?: readonly string[]): KeyMatch =>
  keys === undefined ? { by: 'masked', prefix, suffix } : { by: 'masked', prefix, suffix, keys };

const gather = (
  keys: readonly SeenKey[],
  entries: readonly InventoryEntry[],
): Record<string, [string[], readonly string[]]> =>
  Object.fromEntries(
    gatherEvidence(keys, entries).map(({ key, callers, ambiguousWith }) => [
      key,
      [callers.map(({ system }) => system.name), ambiguousWith],
    ]),
  );

describe('gathering evidence', () => {
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
    const [evidence] = gatherEvidence(keys, [entry('cred-1', { by: 'id', keys: ['k_1', 'cred-1'] })]);
    expect(evidence?.callers.map(({ system, days }) => [system.name, days.length])).toEqual([
      ['cron', 1],
      ['web', 2],
    ]);
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
    const proven = gatherEvidence([seen('k_1', 'x_...0001')], entries).map(({ key, isMatchProven }) => [
      key,
      isMatchProven,
    ]);
    expect(Object.fromEntries(proven)).toEqual({ used: true, unused: true, 'by-id': false, elsewhere: false });
  });

  it('takes a masked form for a key that another inventory names in full', () => {
    const entries = [
      { ...entry('raw', { by: 'fingerprint', key: 'k_1' }), file: 'other.csv' },
      entry('masked', masked('sk_', '4242')),
    ];
    expect(gather([seen('k_1', 'sk_...4242')], entries)['masked']?.[0]).toEqual(['billing']);
  });
});
