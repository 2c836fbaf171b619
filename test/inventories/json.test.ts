import { describe, expect, it } from 'vitest';
import { keyOf, read, readOne, refusal } from './reading.ts';

const AWS = `{
  "AccessKeyMetadata": [
    {"UserName": "ci", "AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "Status": "Active", "CreateDate": "2024-05-21T08:00:00+00:00"},
    {"UserName": "ci", "AccessKeyId": "AKIAI44QH8DHBEXAMPLE", "Status": "Inactive", "CreateDate": "2022-12-05T08:00:00Z"}
  ]
}`;

describe('a JSON inventory', () => {
  it('is read as aws iam list-access-keys prints it', () => {
    const { entries, partial } = read(AWS);
    expect(partial).toBeUndefined();
    expect(entries).toMatchObject([
      {
        id: 'AKIAIOSFODNN7EXAMPLE',
        match: { by: 'id', keys: ['AKIAIOSFODNN7EXAMPLE', keyOf('AKIAIOSFODNN7EXAMPLE')] },
        owner: 'ci',
        status: 'active',
        createdAt: Date.UTC(2024, 4, 21, 8),
        metadata: {},
        row: 1,
      },
      { id: 'AKIAI44QH8DHBEXAMPLE', status: 'disabled', row: 2 },
    ]);
  });

  const item = '{"id": "k1", "owner": "a"}';
  it.each([
    ['a list', `[${item}]`],
    ['one object', item],
    ['a list under a member', `{"object": "list", "data": [${item}], "has_more": false, "next": null}`],
    ['lines', `${item}\n`],
    ['documents one after another', `{"keys": []} {"keys": [${item}]}\n[]{}`],
    ['pretty print with CRLF and BOM', `\uFEFF[\r\n  {\r\n "id": "k1",\r\n "owner": "a"\r\n }\r\n]\r\n`],
  ])('may be %s', (_, text) => {
    expect(read(text)).toEqual(read('[{"id": "k1", "owner": "a"}]'));
  });

  it('gives items their number across documents', () => {
    const { entries } = read(`${AWS}\n{"AccessKeyMetadata": [{"AccessKeyId": "AKIAEXAMPLE000000003"}]}`);
    expect(entries.map(({ row }) => row)).toEqual([1, 2, 3]);
  });

  it('keeps all digits of a number', () => {
    expect(readOne('[{"id": 12345678901234567890, "label": 1.50}]')).toMatchObject({
      id: '12345678901234567890',
      label: '1.50',
    });
  });

  it('joins nested members by dots and lists of plain values by commas', () => {
    const entry = readOne(
      '[{"id": 1, "owner": {"user": {"email": "a@example.com"}}, "scopes": ["read", "write"], "x": {"y": true}}]',
    );
    expect(entry).toMatchObject({ owner: 'a@example.com', metadata: { scopes: 'read, write', 'x.y': 'true' } });
  });

  it('is inert when members are named like those of an object', () => {
    const { metadata } = readOne('[{"id": 1, "__proto__": "a", "constructor": "b"}]');
    expect(Object.entries(metadata)).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ]);
  });

  it.each([
    [
      'Kong',
      '{"data":[{"id":"c0","key":"EXAMPLE0123456789","created_at":1700000000,"consumer":{"id":"u1"},"tags":null}],"next":null}',
      {
        id: 'c0',
        match: { by: 'id', keys: [keyOf('EXAMPLE0123456789'), 'c0', keyOf('c0')] },
        owner: 'u1',
        createdAt: 1_700_000_000_000,
      },
    ],
    [
      'OpenAI',
      '{"object":"list","data":[{"id":"key_1","redacted_value":"sk-ab***wxyz","name":"n","last_used_at":null,"owner":{"user":{"name":"u"}}}]}',
      {
        id: 'key_1',
        match: { by: 'masked', prefix: 'sk-ab', suffix: 'wxyz', keys: ['key_1', keyOf('key_1')] },
        display: 'sk-ab...wxyz',
        label: 'n',
        owner: 'u',
        lastUsedAt: undefined,
      },
    ],
    [
      'API Gateway',
      '{"items":[{"id":"g1","value":"EXAMPLE0123456789","enabled":false,"createdDate":1537478475.5,"stageKeys":[]}]}',
      { id: 'g1', status: 'disabled', createdAt: 1_537_478_475_500, metadata: {} },
    ],
    [
      'GCP',
      '{"keys":[{"uid":"u-1","name":"projects/1/keys/u-1","displayName":"Maps","createTime":"2024-01-02T03:04:05.123456789Z","deleteTime":"2025-01-01T00:00:00Z"}]}',
      { id: 'u-1', label: 'Maps', status: 'deleted', createdAt: Date.UTC(2024, 0, 2, 3, 4, 5, 123) },
    ],
    [
      'GitLab',
      '[{"id":7,"name":"t","revoked":false,"active":false,"user_id":3,"last_used_at":"2024-01-02T03:04:05.000+02:00","expires_at":"2024-06-01"}]',
      { id: '7', label: 't', owner: '3', status: 'disabled', lastUsedAt: Date.UTC(2024, 0, 2, 1, 4, 5) },
    ],
  ])('is read as %s prints it', (_, text, expected) => {
    expect(readOne(text)).toMatchObject(expected);
  });

  it.each([
    ['{"IsTruncated": true, "Marker": "x", "AccessKeyMetadata": [{"AccessKeyId": "k"}]}', /"IsTruncated" is true/],
    ['{"data": [{"id": "k"}], "next": "/key-auths?offset=x"}', /"next" is set/],
    ['{"keys": [{"uid": "k"}], "nextPageToken": "x"}', /"nextPageToken" is set/],
    ['{"data": [{"id": "k"}], "has_more": true}', /"has_more" is true/],
    ['{"value": [{"keyId": "k"}], "@odata.nextLink": "https://example.com"}', /"@odata.nextLink" is set/],
    ['{"items": [{"id": "k"}], "meta": {"next_cursor": "x"}}', /"next_cursor" is set/],
    ['{"data": [{"id": "a"}], "has_more": true} [{"id": "b"}]', /"has_more" is true/],
    ['{"data": [{"id": "a"}], "next": "x"} {"data": [{"id": "b"}], "next": "y"}', /"next" is set/],
    ['{"data": [{"id": "a"}], "total": 3} {"data": [{"id": "b"}], "total": 3}', /it has 2 of 3 keys/],
  ])('is partial when it says that more follows: %j', (text, reason) => {
    expect(read(text).partial).toMatch(reason);
  });

  it.each([
    ['{"IsTruncated": false, "AccessKeyMetadata": [{"AccessKeyId": "k"}]}'],
    ['{"data": [{"id": "k", "next": "x"}], "next": null}'],
    ['{"keys": [{"uid": "k"}], "nextPageToken": ""}'],
    ['{"id": "k", "position": 3}'],
    ['{"data": [{"id": "a"}], "has_more": true} {"data": [{"id": "b"}], "has_more": false}'],
    ['[{"data": [{"id": "a"}], "next": "x"}, {"data": [{"id": "b"}], "next": null}]'],
    ['{"data": [{"id": "a"}], "total": 2} {"data": [{"id": "b"}], "total": 2}'],
  ])('is not partial otherwise: %j', (text) => {
    expect(read(text).partial).toBeUndefined();
  });

  it.each([
    ['[]', /^keys: lists no keys/],
    ['{}', /^keys: lists no keys/],
    ['[{"id": "a"}, 5]', /item 2: is not an object/],
    ['[{"id": "a"}, {"owner": "b"}]', /item 2: has neither an id nor a key/],
    ['[{"id": "a"}, {"id": null}]', /item 2: has neither an id nor a key/],
    ['[{"id": "a"}, {"id": "a"}]', /item 2: has the same id as item 1/],
    ['[{"id": "a"},\n {"id": "b", "id": "c"}]', /line 2: an object has the same member twice/],
    ['[{"id": "a", "x": {"y": 1}, "x.y": 2}]', /item 1: has two members of the same path/],
    ['[{"id": "a"},\n{"id": "b"}', /ends too early/],
    ['[{"id": "a"},\n{"id": "b"', /ends too early/],
    ['[{"id": "a"},\n{"id": "b', /ends too early/],
    ['[{"id": "a"},\n{"id": b}]', /line 2: is not valid JSON/],
    ['[{"id": "a"},]', /line 1: is not valid JSON/],
    ['{"id": "a"}\nid,owner\n', /line 2: is not valid JSON/],
    [`${'['.repeat(100)}${']'.repeat(100)}`, /nested deeper/],
    ['{"data": [{"id": "a"}], "items": [{"id": "b"}]}', /several lists/],
    ['[{"id": "user", "keys": [{"id": "k1"}]}]', /item 1: holds a list of keys of its own/],
    ['[{"owner": "a"}]', /no column says which key/],
    ['[{"id": "a", "createTime": "2026-13-01T00:00:00Z"}]', /item 1: the column "createTime" holds no date/],
  ])('is refused as a whole: %j', (text, message) => {
    expect(refusal(text)).toMatch(message);
  });

  it('is refused wherever it is cut off', () => {
    for (let length = 1; length < AWS.length; length++) {
      expect(refusal(AWS.slice(0, length))).toMatch(/^keys(?:, line \d+)?: (?:the JSON|is not valid|lists no keys)/);
    }
  });
});
