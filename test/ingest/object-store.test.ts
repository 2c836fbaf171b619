import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { createObjectStore, type ObjectStore } from '../../src/sources/object-store.ts';
import { BUCKET, HAS_SERVER, startS3, type S3Server } from '../sources/s3-server.ts';
import { newLab, readOnce, type Lab } from './harness.ts';

const s3: S3Server | undefined = HAS_SERVER ? await startS3() : undefined;
const unused = new Set<string>();
afterAll(() => s3?.close());

/** `count` calls of a key from a second of 2026-09-01 on. */
function calls(start: number, count: number, key = 'acme_EXAMPLE_not_a_key_0001'): string {
  const line = (at: number): string =>
    `${JSON.stringify({ time: new Date(Date.UTC(2026, 8, 1) + at * 1000).toISOString(), api_key: key, status: 200, ip: '10.0.0.7', user_agent: 'billing/1' })}\n`;
  return Array.from({ length: count }, (_, index) => line(start + index)).join('');
}

describe.skipIf(s3 === undefined)('logs in a bucket (Node 24 or newer)', () => {
  const server = s3 as S3Server;
  let prefix = '';
  let lab: Lab;
  let store: ObjectStore;

  beforeEach(() => {
    prefix = `run-${unused.add(String(unused.size)).size}/`;
    lab = newLab();
    server.trouble = () => undefined;
    server.pageSize = undefined;
    server.takeRequests();
  });

  const put = (name: string, body: string | Buffer): Promise<void> => server.put(prefix + name, body);
  const address = (name = ''): string => `s3://${BUCKET}/${prefix}${name}`;
  /** Reads as one run of the program does: the bucket is listed anew. */
  const read = async (name = ''): ReturnType<Lab['read']> => {
    store = createObjectStore(server.settings);
    try {
      return await lab.read([address(name)], { objects: store, source: 'edge' });
    } finally {
      store.close();
    }
  };
  /** Keys that were read since the last time. */
  const readKeys = (): string[] =>
    server.takeRequests().flatMap(({ what }) => (what === 'list' ? [] : [what.slice(prefix.length)]));

  const LOGS = {
    'a.log': calls(0, 50),
    'b/2026/09/01/b.log.gz': gzipSync(calls(100, 50)),
    'b/2026/09/01/c.zst': zstdCompressSync(calls(200, 50)),
    'odd name +%#?=ä.json': calls(300, 50),
    'empty.log': '',
  };

  it('are read as the same files are', async () => {
    for (const [name, body] of Object.entries(LOGS)) await put(name, body);
    await put('folder/', '');
    const result = await read();
    expect(result).toMatchObject({ records: 200, problems: [] });
    expect(lab.dump()).toEqual(await readOnce(LOGS, { source: 'edge' }));
  });

  it('are listed page by page', async () => {
    server.pageSize = 2;
    for (let index = 0; index < 7; index++) await put(`${index}.log`, calls(index * 10, 3));
    await put('odd & %+#?ä.log', calls(200, 3));
    expect((await read()).records).toBe(24);
    expect(server.takeRequests().filter(({ what }) => what === 'list')).toHaveLength(4);
  });

  it('are those that begin with the prefix, and no others', async () => {
    await put('app-1.log', calls(0, 1));
    await put('app-2.log', calls(10, 1));
    await put('web.log', calls(20, 1));
    expect((await read('app-')).records).toBe(2);
    await expect(read('none')).rejects.toThrow(/There is no object under/);
  });

  it('are fetched once: a second run asks for what is new only', async () => {
    for (const [name, body] of Object.entries(LOGS)) await put(name, body);
    await read();
    readKeys();
    expect((await read()).records).toBe(0);
    expect(readKeys()).toEqual([]);
    await put('0-late.log', calls(-90_000, 7));
    expect((await read()).records).toBe(7);
    expect(readKeys()).toEqual(['0-late.log']);
    expect(lab.dump()).toEqual(await readOnce({ ...LOGS, '0-late.log': calls(-90_000, 7) }, { source: 'edge' }));
  });

  it('are gone on with where they ended, when an object grew', async () => {
    await put('a.log', calls(0, 20));
    await read();
    await put('a.log', calls(0, 35));
    expect((await read()).records).toBe(15);
    expect(lab.dump()).toEqual(await readOnce({ 'a.log': calls(0, 35) }, { source: 'edge' }));
  });

  it('are not counted twice under two keys', async () => {
    await put('a.log', calls(0, 20));
    await put('copy/a.log.gz', gzipSync(calls(0, 20)));
    await read();
    expect(lab.dump()).toEqual(await readOnce({ 'a.log': calls(0, 20) }, { source: 'edge' }));
  });

  it('are a fault when one of them was rewritten', async () => {
    await put('a.log', calls(0, 400));
    await read();
    await put('a.log', calls(0, 399) + calls(5000, 10));
    await read();
    expect(lab.faults()).toMatchObject([{ path: address('a.log'), reason: 'rewritten-log' }]);
  });

  it.each([
    [{ status: 403, code: 'AccessDenied' }, /cannot be read \(AccessDenied\)/],
    [{ status: 403, code: 'InvalidObjectState' }, /it is archived: restore it first/],
    [{ status: 412, code: 'PreconditionFailed' }, /it was replaced after it had been listed/],
    [{ status: 404, code: 'NoSuchKey' }, /it was removed after it had been listed/],
  ])('that cannot be read are faults until they can: %j', async (trouble, message) => {
    for (const [name, body] of Object.entries(LOGS)) await put(name, body);
    server.trouble = ({ what }) => (what.endsWith('b.log.gz') ? trouble : undefined);
    const { records, problems } = await read();
    expect(records).toBe(150);
    expect(problems).toMatchObject([
      { file: address('b/2026/09/01/b.log.gz'), message: expect.stringMatching(message), isIncomplete: true },
    ]);
    expect(lab.faults()).toMatchObject([{ reason: 'unread-input', detail: expect.stringMatching(message) }]);
    server.trouble = () => undefined;
    await read();
    expect(lab.dump()).toEqual(await readOnce(LOGS, { source: 'edge' }));
  });

  it('are a fault as a whole when their listing fails, also on a later page', async () => {
    server.pageSize = 2;
    for (let index = 0; index < 5; index++) await put(`${index}.log`, calls(index * 10, 3));
    let pages = 0;
    server.trouble = ({ what }) => (what === 'list' && ++pages > 1 ? { status: 403, code: 'AccessDenied' } : undefined);
    const { records, problems } = await read();
    expect(records).toBe(6);
    expect(problems).toMatchObject([
      { file: address(), message: expect.stringMatching(/cannot be listed \(AccessDenied\)/), isIncomplete: true },
    ]);
    expect(lab.faults()).toMatchObject([{ path: address(), reason: 'unread-input' }]);
    expect(lab.dump().faults).toEqual([expect.stringContaining('edge')]);
    server.trouble = () => undefined;
    expect((await read()).records).toBe(9);
    expect(lab.faults()).toEqual([]);
  });

  it('are read to the end over connections that break off', async () => {
    const large = calls(0, 70_000);
    expect(large.length).toBeGreaterThan(8 * 1024 * 1024);
    await put('large.log', large);
    await put('packed.gz', gzipSync(calls(100_000, 200)));
    let count = 0;
    server.trouble = ({ what }) =>
      what !== 'list' && count++ % 2 === 0 ? { breaksAfter: what.endsWith('gz') ? 10 : 1_500_000 } : undefined;
    const result = await read();
    expect(result).toMatchObject({ records: 70_200, problems: [] });
    expect(server.takeRequests().length).toBeGreaterThan(6);
  });

  it('stay where they are when a connection breaks off for good, and are gone on with', async () => {
    const large = calls(0, 70_000);
    await put('large.log', large);
    server.trouble = ({ range = '' }) =>
      Number(/\d+/.exec(range)) > 5_000_000 ? { status: 403, code: 'AccessDenied' } : undefined;
    const { problems } = await read();
    expect(problems).toMatchObject([{ message: expect.stringMatching(/AccessDenied/), isIncomplete: true }]);
    expect(lab.faults()).toHaveLength(1);
    server.trouble = () => undefined;
    await read();
    expect(lab.faults()).toEqual([]);
    expect(lab.dump()).toEqual(await readOnce({ 'large.log': large }, { source: 'edge' }));
  });

  it('are fetched several at once, and not without bound', async () => {
    for (let index = 0; index < 60; index++) await put(`${index}.log`, calls(index * 10, 3));
    expect((await read()).records).toBe(180);
    expect(server.mostAtOnce()).toBeGreaterThan(3);
    expect(server.mostAtOnce()).toBeLessThanOrEqual(17);
  });

  it('are an error when there is no such bucket', async () => {
    store = createObjectStore(server.settings);
    await expect(lab.read(['s3://no-such-bucket/logs/'], { objects: store })).rejects.toThrow(
      /There is no bucket "no-such-bucket"/,
    );
    await expect(lab.read(['s3:///logs/'], { objects: store })).rejects.toThrow(/names no bucket/);
  });
});
