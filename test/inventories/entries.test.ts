import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { INVENTORY_COLUMNS } from '../../src/config/field-names.ts';
import { fingerprinter, keyOf, read, readOne, refusal } from './reading.ts';

const KEY = 'acme_EXAMPLE_not_a_key_0001';
const sha256 = (text: string) => createHash('sha256').update(text).digest();

/** Keys of many alphabets and lengths, without the characters that mask. */
const anyKey = fc
  .tuple(fc.constantFrom('', 'sk_live_', 'ghp_', 'acme-prod-'), fc.stringMatching(/^[A-Za-z0-9_~+/=-]{12,60}$/))
  .map(([scheme, rest]) => scheme + rest)
  .filter((key) => !/xxxx|^A[KS]IA/i.test(key));

describe('columns that may mean the same', () => {
  it('the first that says something counts, and the other is kept as it is', () => {
    const [both, one] = read('id,owner,user\nk1,finance,jo\nk2,,kim\n').entries;
    expect(both).toMatchObject({ owner: 'finance', metadata: { user: 'jo' } });
    expect(one).toMatchObject({ owner: 'kim' });
  });
});

describe('the key of an entry', () => {
  it('is the same for the key, its digest in each form, and the traffic', () => {
    fc.assert(
      fc.property(anyKey, (key) => {
        const digest = sha256(key);
        const expected = { by: 'fingerprint', key: fingerprinter.ofKey(key).key };
        const forms = [
          digest.toString('hex'),
          digest.toString('hex').toUpperCase(),
          `sha256:${digest.toString('hex')}`,
        ];
        expect(readOne(`api key\n"${key}"\n`)).toMatchObject({
          match: expected,
          display: fingerprinter.ofKey(key).display,
        });
        expect(readOne(JSON.stringify([{ key }])).match).toEqual(expected);
        for (const form of [...forms, digest.toString('base64'), digest.toString('base64url')]) {
          expect(readOne(`sha256\n${form}\n`)).toMatchObject({ match: expected, display: undefined });
        }
      }),
    );
  });

  it('is found by id too when a row gives both, since logs may show one or the other', () => {
    const keys = [keyOf(KEY), 'k1', keyOf('k1')];
    expect(readOne(`id,key\nk1,${KEY}\n`).match).toEqual({ by: 'id', keys });
    expect(readOne(`id,sha256\nk1,${sha256(KEY).toString('hex')}\n`).match).toEqual({ by: 'id', keys });
    expect(readOne(`id,key,sha256\nk1,${KEY},${sha256(KEY).toString('hex')}\n`).match).toEqual({ by: 'id', keys });
  });

  it('is the id, in the open and as key text, when a row gives nothing else', () => {
    expect(readOne('id\nk1\n').match).toEqual({ by: 'id', keys: ['k1', keyOf('k1')] });
  });

  it.each([
    ['masked\nsk_live_...4242', { by: 'masked', prefix: 'sk_live_', suffix: '4242' }],
    ['key\nsk_live_...4242', { by: 'masked', prefix: 'sk_live_', suffix: '4242' }],
    ['id,key\nk1,****4242', { by: 'masked', prefix: '', suffix: '4242', keys: ['k1', keyOf('k1')] }],
    ['id,key\nk1,[REDACTED]', { by: 'masked', prefix: '', suffix: '', keys: ['k1', keyOf('k1')] }],
    ['id\nsk-...4242', { by: 'masked', prefix: 'sk-', suffix: '4242', keys: ['sk-...4242', keyOf('sk-...4242')] }],
  ])('is what a masked form shows: %j', (text, match) => {
    expect(readOne(`${text}\n`).match).toEqual(match);
  });

  it('is the digest when a row gives a masked form beside it', () => {
    const entry = readOne(`sha256,masked\n${sha256(KEY).toString('hex')},acme_...0001\n`);
    expect(entry).toMatchObject({ match: { by: 'fingerprint', key: keyOf(KEY) }, display: 'acme_...0001' });
  });

  it('is public when it is an AWS access key id, in whatever column', () => {
    const keys = ['AKIAIOSFODNN7EXAMPLE', keyOf('AKIAIOSFODNN7EXAMPLE')];
    const entry = { id: 'AKIAIOSFODNN7EXAMPLE', match: { by: 'id', keys } };
    expect(readOne('Access key ID,Secret access key\nAKIAIOSFODNN7EXAMPLE,EXAMPLE/not/a/key\n')).toMatchObject(entry);
    expect(readOne('key\nAKIAIOSFODNN7EXAMPLE\n')).toMatchObject(entry);
    expect(readOne('id,key\nci,AKIAIOSFODNN7EXAMPLE\n')).toMatchObject({
      id: 'ci',
      match: { keys: [...keys, 'ci', keyOf('ci')] },
    });
  });

  it('may not be that of another row', () => {
    const digest = sha256(KEY).toString('hex');
    expect(refusal(`id,key\nk1,${KEY}\nk2,${KEY}\n`)).toMatch(/line 3: has the same key as line 2/);
    expect(refusal(`id,key,sha256\nk1,${KEY},\nk2,,${digest}\n`)).toMatch(/line 3: has the same key as line 2/);
    expect(read('id,masked\nk1,...4242\nk2,...4242\n').entries).toHaveLength(2);
  });

  it.each(['a b c d e f', "'EXAMPLE0123456789'", '"""EXAMPLE0123456789"""', '"EXAMPLE0123\n456789"'])(
    'is refused when it was copied badly: %s',
    (key) => {
      expect(refusal(`id,key\nk1,${key}\n`)).toMatch(
        /line 2: the column "key" holds a blank, a quote or a control character/,
      );
    },
  );
});

describe('the id of an entry', () => {
  it('is the label where the file gives no id and no other row has that label', () => {
    const text =
      'label,key\nBilling,EXAMPLE000000001\nShop,EXAMPLE000000002\nShop,EXAMPLE000000003\n,EXAMPLE000000004\n';
    const fingerprints = [2, 3, 4].map((number) => keyOf(`EXAMPLE00000000${number}`));
    expect(read(text).entries.map(({ id }) => id)).toEqual(['Billing', ...fingerprints]);
  });

  it('is what a masked form shows where there is nothing else', () => {
    expect(readOne('masked\nsk_live_****4242\n').id).toBe('sk_live_...4242');
    expect(refusal('masked\nsk_live_****4242\nsk_live_*****4242\n')).toMatch(/line 3: has the same id as line 2/);
  });

  it('is no raw key: one that surely is a key is taken as the key', () => {
    const key = ['sk', 'live', 'EXAMPLE0123456789'].join('_');
    const entry = readOne(`id,label\n${key},Billing\n`);
    expect(entry).toMatchObject({ id: 'Billing', match: { by: 'fingerprint', key: keyOf(key) } });
    expect(readOne(`id,key\n${KEY},${KEY}\n`)).toMatchObject({ id: keyOf(KEY), match: { by: 'fingerprint' } });
    expect(refusal(`id,key\n${key},${KEY}\n`)).toMatch(/"id" holds a raw secret beside the key/);
  });

  it('is refused when it may be a raw key, until the user says that it is public', () => {
    const id = 'aB3'.repeat(12);
    expect(refusal(`id\n${id}\n`)).toMatch(/"id" holds what may be a raw secret[^]*key=<column>/);
    expect(readOne(`id\n${id}\n`, { columns: { id: 'id' } })).toMatchObject({ id, match: { by: 'id' } });
    expect(readOne(`id\n${id}\n`, { columns: { id: 'key' } })).toMatchObject({
      id: keyOf(id),
      match: { by: 'fingerprint' },
    });
  });

  it('is what a successor names, also by its key', () => {
    const text = `id,key,successor\nold,EXAMPLE000000001,${KEY}\nnew,${KEY},\nodd,EXAMPLE000000003,elsewhere\n`;
    expect(read(text).entries.map(({ successor }) => successor)).toEqual(['new', undefined, 'elsewhere']);
  });
});

describe('the columns of an inventory', () => {
  it.each(['Access Key ID', 'access_key_id', 'accessKeyId', 'ACCESS-KEY-ID', 'ID', 'Uid', 'key id'])(
    'may call the id %j',
    (name) => {
      expect(readOne(`${name}\nk1\n`).id).toBe('k1');
    },
  );

  it('mean what the user says, and nothing else is then taken for it', () => {
    const text = 'id,token_id,name,nick\n1,k1,a,b\n';
    const entry = readOne(text, { columns: { token_id: 'id', nick: 'label' } });
    expect(entry).toMatchObject({ id: 'k1', label: 'b', metadata: { id: '1', name: 'a' } });
    expect(readOne(text, { columns: { 'Token ID': 'id' } }).id).toBe('k1');
  });

  it('must be there when the user names them', () => {
    expect(refusal('id,owner\nk1,a\n', { columns: { nick: 'label' } })).toMatch(
      /has no column "nick"[^]*"id", "owner"/,
    );
    expect(refusal('id,owner\nk1,a\n', { columns: { owner: 'ownr' } })).toMatch(/no inventory column[^]*lastUsed/);
  });

  it('can be all those that the rest of the program knows', () => {
    for (const column of INVENTORY_COLUMNS)
      expect(() => read('a,b\n', { columns: { a: column } })).toThrow(/lists no keys|no column says which key/);
    for (const column of INVENTORY_COLUMNS) {
      const hint = refusal('id,b\n1,2\n', { columns: { id: 'nothing' } });
      expect(hint).toMatch(new RegExp(`\\b${column}\\b`));
    }
  });

  it('that mean nothing to us are kept, within limits', () => {
    const names = Array.from({ length: 60 }, (_, index) => `note ${index}`);
    const { metadata } = readOne(`id,${names.join()}\nk1,${names.map(() => 'x'.repeat(300)).join()}\n`);
    expect(Object.keys(metadata)).toEqual(names.slice(0, 50));
    expect(new Set(Object.values(metadata))).toEqual(new Set(['x'.repeat(200)]));
  });

  it.each([
    ['status\nActive', 'active'],
    ['status\nENABLED', 'active'],
    ['status\n', 'active'],
    ['state\nInactive', 'disabled'],
    ['Status\nrevoked', 'deleted'],
    ['enabled\nfalse', 'disabled'],
    ['enabled\nTRUE', 'active'],
    ['active\nno', 'disabled'],
    ['disabled\ntrue', 'disabled'],
    ['disabled\nfalse', 'active'],
    ['revoked\n1', 'deleted'],
    ['deleted_at\n2026-01-02', 'deleted'],
    ['deleted_at\nnever', 'active'],
    ['revokedAt\n0001-01-01T00:00:00Z', 'active'],
  ])('tell the status: %j', (text, status) => {
    expect(readOne(`id,${text.replace('\n', '\nk1,')}\n`).status).toBe(status);
  });

  it.each([
    ['disabled_at\n2026-01-02T03:04:05Z', Date.UTC(2026, 0, 2, 3, 4, 5)],
    ['deleted_at\n2026-01-02', Date.UTC(2026, 0, 3) - 1],
    ['disabled,revokedAt\n2026-01-02T00:00Z,2026-01-05', Date.UTC(2026, 0, 2)],
    ['revoked\n1', undefined],
    ['enabled\nfalse', undefined],
    ['revoked_at\nnever', undefined],
  ])('tell since when it is out of use: %j', (text, at) => {
    expect(readOne(`id,${text.replace('\n', '\nk1,')}\n`).disabledAt).toBe(at);
  });

  it('tell the worse of two statuses and the later of two last uses', () => {
    const text = 'id,status,revoked,last_used,last seen at\nk1,active,true,2026-01-02,2026-03-04\n';
    expect(readOne(text)).toMatchObject({ status: 'deleted', lastUsedAt: Date.UTC(2026, 2, 4) });
  });
});

describe('a key that is to be kept', () => {
  it('is kept to the end of the day', () => {
    expect(readOne('id,keep-until,keep reason\nk1,2026-12-31,break glass\n')).toMatchObject({
      keepUntilAt: Date.UTC(2027, 0, 1) - 1,
      keepReason: 'break glass',
      metadata: {},
    });
    expect(readOne('id,keepUntil\nk1,-\n').keepUntilAt).toBeUndefined();
  });

  it.each(['never', 'unlimited', '9999-12-31', 'yes'])('until "%s" is refused: there must be an end', (text) => {
    expect(refusal(`id,keepUntil\nk1,${text}\n`)).toMatch(/"keepUntil" holds no date/);
  });
});

describe('a raw key', () => {
  const place = fc.constantFrom(
    'label',
    'owner',
    'note',
    'keepReason',
    'client_secret',
    'successor',
    'source',
    'about key',
  );

  it('is in no entry, wherever else in the file it stands', () => {
    fc.assert(
      fc.property(
        anyKey,
        anyKey,
        place,
        fc.constantFrom('', 'x ', 'curl -H "X-Api-Key: '),
        (key, other, column, before) => {
          fc.pre(!key.includes(other) && !other.includes(key));
          const items = [
            { key, [column]: before === '' ? key : `${before}${key}"` },
            { key: other, [column]: column === 'successor' ? key : `see ${key}` },
          ];
          const text = JSON.stringify(read(JSON.stringify(items)));
          expect(text).not.toContain(key);
          expect(text).not.toContain(JSON.stringify(key).slice(1, -1));
        },
      ),
    );
  });

  it('is in no error, whatever is wrong with its row or file', () => {
    const broken = fc.constantFrom<(key: string) => string>(
      (key) => `key,created\n${key},tomorrow\n`,
      (key) => `key,created\n${key},2026-01-02,\n`,
      (key) => `key,created\n${key}\n`,
      (key) => `key,created\n${key},"2026\n`,
      (key) => `key,created\n${key}"x,2026-01-02\n`,
      (key) => `key,created\n"${key}"x,2026-01-02\n`,
      (key) => `key\n${key}\n${key}\n`,
      (key) => `key,status\n${key},${key}\n`,
      (key) => `key,expires\n${key},${key}\n`,
      (key) => `key,sha256\n${key},${key}\n`,
      (key) => `id,masked\n1,${key}\n`,
      (key) => `key\n${key} ${key}\n`,
      (key) => `id,key\n${key}\u0001,${key}\n`,
      (key) => `${key},a\nx${key},b\n`,
      (key) => `${key}\n${key}0\n`,
      (key) => `${key};${key}\nx;y\n`,
      (key) => JSON.stringify([{ key, created: key }]),
      (key) => JSON.stringify([{ key }, { key }]),
      (key) => JSON.stringify({ [`${key}0001`]: { owner: 'a' } }),
      (key) => JSON.stringify({ data: [{ [`${key}0001`]: 1, created: 'x' }] }),
      (key) => `[{"key": "${key}"`,
      (key) => `[{"key": "${key}\n"}]`,
      (key) => `[{"key": ${key}}]`,
      (key) => `[{"key": "${key}"}, "${key}"]`,
      (key) => `[{"key": "${key}", "key": "${key}"}]`,
      (key) => `\0${key}`,
    );
    fc.assert(
      fc.property(anyKey, broken, (key, breakIt) => {
        expect(refusal(breakIt(key))).not.toContain(key);
      }),
      { numRuns: 500 },
    );
  });

  it('leaves no column behind that is made for secrets', () => {
    const text = 'id,secret access key,password,api token,token_name,private key\nk1,aa,bb,cc,dd,ee\n';
    expect(readOne(text)).toMatchObject({ label: 'dd', metadata: {} });
  });
});

describe('the inventory of the demo', () => {
  it('is read whole', () => {
    const bytes = readFileSync(new URL('../../fixtures/demo/keys.csv', import.meta.url));
    const { entries } = read(bytes);
    expect(entries).toHaveLength(bytes.toString('utf8').trim().split('\n').length - 1);
    expect(JSON.stringify(entries)).not.toMatch(/acme_(?:live|part)_EXAMPLE/);
  });
});
