import { describe, expect, it } from 'vitest';
import { keyOf, readText } from './reading.ts';

const record = (headers: object): string =>
  `${JSON.stringify({ ts: 1788256800.5, logger: 'http.log.access', msg: 'handled request', request: { remote_ip: '192.0.2.1', method: 'GET', uri: '/', headers }, status: 200, resp_headers: {} })}\n`;
const keysOf = (headers: object, sessionHeaders: string[]): string[] | undefined =>
  readText(record(headers), { sessionHeaders }).usages[0]?.keys.map(({ key }) => key);

describe('a header that is declared to carry sessions', () => {
  it('stands for any key while nothing is declared', () => {
    expect(keysOf({ Authorization: ['REDACTED'] }, [])).toEqual([expect.stringContaining('masked')]);
    expect(keysOf({ Authorization: [] }, [])).toEqual([expect.stringContaining('masked')]);
    expect(keysOf({ Authorization: ['REDACTED'] }, ['x-session'])).toEqual([expect.stringContaining('masked')]);
  });

  it('stands for none when it is redacted', () => {
    expect(keysOf({ Authorization: ['REDACTED'] }, ['authorization'])).toEqual([]);
    expect(keysOf({ Authorization: [] }, ['Authorization'])).toEqual([]);
  });

  it('does not hide another header that was redacted', () => {
    const headers = { Authorization: ['REDACTED'], 'X-Api-Key': ['REDACTED'] };
    expect(keysOf(headers, ['authorization'])).toEqual([expect.stringContaining('masked')]);
    expect(keysOf({ 'X-Api-Key': [] }, ['authorization'])).toEqual([expect.stringContaining('masked')]);
  });

  it('does not hide a key that can be read', () => {
    const headers = { Authorization: ['Bearer example-key-0001'] };
    expect(keysOf(headers, ['authorization'])).toEqual([keyOf('example-key-0001')]);
    expect(keysOf({ ...headers, 'X-Api-Key': ['REDACTED'] }, ['authorization'])).toEqual([keyOf('example-key-0001')]);
  });
});
