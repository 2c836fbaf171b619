import { expect, test } from 'vitest';
import { FORMATS } from '../../src/formats/index.ts';
import { keyPlace } from '../../src/actions/key-places.ts';

const SOURCE = { fields: {}, keyHeaders: [], logFormatString: undefined };

test.each([
  ['as the source is mapped', 'json', { ...SOURCE, fields: { key: 'headers["x-key"]', keyId: 'id' } }, 'headers["x-key"] or id'],
  ['as the format has it', 'tyk', undefined, 'api_key or APIKey'],
  ['in a header that the source declares', 'combined', { ...SOURCE, keyHeaders: ['x-acme-key'] }, 'x-acme-key'],
  ['in the query, where the format logs no header', 'combined', SOURCE, 'a parameter of the query'],
  ['in the log format string', 'combined', { ...SOURCE, logFormatString: '$http_x' }, 'what its log format writes of the key'],
  ['in one of many', 'json', undefined, 'one of the headers and fields in which json logs keys'],
  ['in a log of a format that nobody knows any more', 'gone', undefined, 'a parameter of the query'],
])('a key stands %s', (_, format, source, place) => {
  expect(keyPlace(format, source, FORMATS)).toBe(place);
}); // prettier-ignore
