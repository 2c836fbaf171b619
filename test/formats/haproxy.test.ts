import { describe, expect, it } from 'vitest';
import { recogniseFormat } from '../../src/formats/index.ts';
import { takeSample } from '../../src/formats/sample.ts';

const formatOf = (...lines: readonly string[]): string | undefined =>
  recogniseFormat(takeSample(Buffer.from(`${lines.join('\n')}\n`)))?.name;

const CONNECTION =
  'Sep  1 10:00:00 lb haproxy[1]: 192.0.2.1:4 [01/Sep/2026:10:00:00.123] in db/s 0/0/5007 212 -- 0/0/0/0/3 0/0';
const REQUEST =
  'Sep  1 10:00:00 lb haproxy[1]: 192.0.2.1:4 [01/Sep/2026:10:00:00.123] in be/s 0/0/1/0/2 200 168 - - ---- 6/6/0/0/0 0/0 "GET /b HTTP/1.1"';

describe('a log of connections of HAProxy', () => {
  it('is known as one, and as a log of requests where it has any', () => {
    expect(formatOf(CONNECTION, CONNECTION)).toBe('haproxy-tcp');
    expect(formatOf(CONNECTION, REQUEST)).toBe('haproxy');
  });

  it('is not what another program writes behind a date like its own, which may tell of calls', () => {
    expect(formatOf('192.0.2.1 [01/Sep/2026:10:00:00] billing: GET /v1?api_key=example-key-0001')).toBeUndefined();
  });
});
