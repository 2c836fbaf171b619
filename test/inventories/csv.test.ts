import { describe, expect, it } from 'vitest';
import { formsOfListed } from '../../src/attribution/key-forms.ts';
import { fingerprinter, keyOf, read, readOne, refusal } from './reading.ts';

const KEY = 'acme_EXAMPLE_not_a_key_0001';
const OTHER_KEY = 'acme_EXAMPLE_not_a_key_0002';

describe('a CSV inventory', () => {
  it('is read with all that it says', () => {
    const text = [
      'id,label,owner,created,expires,status,successor,source,lastUsed,key,cost centre',
      `old,Billing,finance,2024-02-01,2027-01-01,active,new,gateway,2026-09-01T10:00:00Z,${KEY},4711`,
      `new,,,,,disabled,,,never,${OTHER_KEY},`,
    ].join('\n');
    expect(read(text, { source: 'edge' })).toEqual({
      format: 'csv',
      partial: undefined,
      entries: [
        {
          id: 'old',
          match: { by: 'id', keys: [keyOf(KEY), 'old', keyOf('old')] },
          forms: formsOfListed(KEY, fingerprinter),
          display: 'acme_...0001',
          label: 'Billing',
          owner: 'finance',
          createdAt: Date.UTC(2024, 1, 1),
          expiresAt: Date.UTC(2027, 0, 1),
          status: 'active',
          successor: 'new',
          source: 'gateway',
          lastUsedAt: Date.UTC(2026, 8, 1, 10),
          metadata: { 'cost centre': '4711' },
          file: 'keys',
          row: 2,
        },
        {
          id: 'new',
          match: { by: 'id', keys: [keyOf(OTHER_KEY), 'new', keyOf('new')] },
          forms: formsOfListed(OTHER_KEY, fingerprinter),
          display: 'acme_...0002',
          label: undefined,
          owner: undefined,
          createdAt: undefined,
          expiresAt: undefined,
          status: 'disabled',
          successor: undefined,
          source: 'edge',
          lastUsedAt: undefined,
          metadata: {},
          file: 'keys',
          row: 3,
        },
      ],
    });
  });

  const plain = 'id,owner,created\nk1,"Müller, Ä",2026-01-02\nk2,b,2026-01-03\n';
  const utf16 = Buffer.from(plain, 'utf16le');
  it.each([
    ['with CRLF', Buffer.from(plain.replaceAll('\n', '\r\n'))],
    ['with CR', Buffer.from(plain.replaceAll('\n', '\r'))],
    ['with mixed line ends', Buffer.from(plain.replace('\n', '\r\n'))],
    ['without a last line end', Buffer.from(plain.trimEnd())],
    ['with a BOM', Buffer.from(`\uFEFF${plain}`)],
    ['in UTF-16LE with BOM', Buffer.concat([Buffer.from([0xff, 0xfe]), utf16])],
    ['in UTF-16BE with BOM', Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(utf16).swap16()])],
    ['in UTF-16LE without BOM', utf16],
    ['in UTF-16BE without BOM', Buffer.from(utf16).swap16()],
    ['with blanks around cells', Buffer.from('id , owner,created \n k1 ,"Müller, Ä ",2026-01-02\t\nk2,b , 2026-01-03')],
    ['with semicolons', Buffer.from('id;owner;created\nk1;Müller, Ä;2026-01-02\nk2;b;2026-01-03')],
    ['with tabs', Buffer.from('id\towner\tcreated\nk1\tMüller, Ä\t2026-01-02\nk2\tb\t2026-01-03')],
    ['with pipes', Buffer.from('id|owner|created\nk1|Müller, Ä|2026-01-02\nk2|b|2026-01-03')],
    ['with empty rows at the end', Buffer.from(`${plain},,\n , ,\n\n`)],
    [
      'with a column that has no name',
      Buffer.from('id,owner,created,\nk1,"Müller, Ä",2026-01-02,\nk2,b,2026-01-03,\n'),
    ],
  ])('is the same %s', (_, bytes) => {
    expect(read(bytes)).toEqual(read(plain));
    expect(read(bytes).entries[0]?.owner).toBe('Müller, Ä');
  });

  it('gives rows the number of the line where they begin', () => {
    const text = '\nid,note\n\nk1,"two\nlines"\r\n\r\nk2,"and\r\nthree\r\nmore"\r\nk3,\n';
    expect(read(text).entries.map(({ row }) => row)).toEqual([4, 7, 10]);
  });

  it('may have a single column', () => {
    expect(readOne('Access key ID\nAKIAIOSFODNN7EXAMPLE\n').id).toBe('AKIAIOSFODNN7EXAMPLE');
  });

  it.each([
    ['', /^keys: is empty/],
    [' \n\r\n', /^keys: is empty/],
    ['id,owner\n', /^keys: lists no keys/],
    ['<html>Sign in</html>\n', /^keys: no column says which key a row is about/],
    ['id,owner\na,,\n', /line 2: has 3 columns, the header has 2/],
    ['id,owner\nk1,a\nk2\n', /line 3: has 1 column, the header has 2/],
    ['id,owner\n\nk1,a,b\n', /line 3: has 3 columns/],
    ['id,owner\nk1,"a\nk2,b\nk3,c\n', /line 2: a double quote is opened and never closed/],
    ['id,owner\nk1,a\n\nk2,"b\n', /line 4: a double quote is opened and never closed/],
    ['id,owner\nk1,a\nk2,b"c\n', /line 3: a double quote stands inside/],
    ['id,owner\nk1,a\nk2,"b"c\n', /line 3: text follows a closing double quote/],
    ['id,owner\n,a\n', /line 2: has neither an id nor a key/],
    ['id,owner\nk1,a\nk2,b\nk1,c\n', /line 4: has the same id as line 2/],
    ['id,id\nk1,a\n', /line 1: columns 1 and 2 have the same name/],
    ['owner,team\na,b\n', /no column says which key[^]*"owner", "team"[^]*accesskeyid/],
    ['aaa,bbb\nccc,ddd\n', /no column says which key[^]*None of its 2 column names is known[^]*header/],
    ['id,token_id\n1,2\n', /"id" and "token_id" could both be the id/],
    ['id,created\nk1,2026-02-30\n', /line 2: the column "created" holds no date/],
    ['id,created_at\nk1,01/02/2026\n', /line 2: the column "created_at" holds no date/],
    ['id,expires\nk1,soon\n', /line 2: the column "expires" holds no date/],
    ['id,last used\nk1,12\n', /line 2: the column "last used" holds no date/],
    ['id,status\nk1,active\nk2,odd\n', /line 3: the column "status" holds a status that is not known[^]*revoked/],
    ['id,masked\nk1,4242\n', /line 2: the column "masked" is not a masked key/],
    ['id,hash\nk1,$2b$10$EXAMPLE\n', /line 2: the column "hash" is not a SHA-256/],
    [`key,sha256\nabc,${'00'.repeat(32)}\n`, /line 2: the column "sha256" is not that of the key/],
    ['id,owner\nk\u0007,a\n', /line 2: the column "id" holds a control character/],
    ['id,owner\nk1,a\0\n', /line 2: holds a NUL/],
  ])('is refused as a whole: %j', (text, message) => {
    expect(refusal(text)).toMatch(message);
  });

  it.each([
    ['Latin-1', Buffer.from('id,owner\nk1,M\u00fcller\n', 'latin1')],
    ['gzip', Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0])],
    ['UTF-16 that is cut off', utf16.subarray(0, -1)],
  ])('is refused in %s', (_, bytes) => {
    expect(refusal(bytes)).toMatch(/is not text/);
  });
});
