import fs from 'node:fs';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asRows, FIRST, DAY, madeBatchCalls, madeCalls, type MadeCall, madeKey, NOW } from './made-calls.ts';
import { isBlocked, recordsOf, requestsOf, TestBed, type TestServer, told } from './test-bed.ts';

/** What holds for every version of the server: a table says what the same calls in files say. `more`: of this one only. */
export function conforms(
  title: string,
  isThere: boolean,
  start: () => Promise<TestServer>,
  more: (bed: () => TestBed) => void,
): void {
  describe.skipIf(!isThere)(`${title}`, () => {
    let bed: TestBed;
    beforeAll(async () => {
      bed = new TestBed(await start());
      await bed.start();
    });
    afterAll(() => bed.close());

    describe('says what the same calls in files say', () => {
      growth(() => bed);
    });
    describe('when something is wrong', () => {
      faults(() => bed);
    });
    more(() => bed);
  });
}

/** A day and some hours are missing in the middle. */
const MISSING = (at: number): boolean => {
  const hour = Math.floor((at - FIRST) / 3_600_000);
  return Math.floor(hour / 24) === 7 || (hour >= 15 * 24 + 3 && hour < 15 * 24 + 11);
};

function growth(bed: () => TestBed): void {
  it('of two sources, with days and hours missing, while they grow', async () => {
    const { gateway, batch } = { gateway: madeCalls().filter(({ at }) => !MISSING(at)), batch: madeBatchCalls() };
    let from = 0;
    for (const day of [10, 11.25, 24]) {
      const until = FIRST + day * DAY;
      const isNew = ({ at }: MadeCall): boolean => at >= from && at < until;
      await bed().add(gateway.filter(isNew));
      await bed().add(batch.filter(isNew), 'batch');
      const now = new Date(until + 3_600_000).toISOString();
      const run = await bed().scan('a.db', { LASTCALL_NOW: now });
      expect(run.status, run.stderr).toBe(0);
      expect(JSON.stringify(told(run))).toBe(JSON.stringify(await bed().scanFiles(now)));
      from = until;
    }
  });

  it('down to each rollup, however often it is read', async () => {
    const run = await bed().scan('a.db');
    expect(JSON.stringify(told(run))).toBe(JSON.stringify(await bed().scanFiles()));
    expect(bed().dump('a.db')).toEqual(bed().dump('files.db'));
    const again = await bed().scan('a.db');
    expect(told(again)).toEqual(told(run));
    expect(bed().dump('a.db')).toEqual(bed().dump('files.db'));
  });

  it('when an open day goes on, and rows come late to sealed ones', async () => {
    const [some, other] = bed().calls as [MadeCall, MadeCall];
    await bed().add([{ ...some, at: FIRST + 23 * DAY + 86_000_000, id: 'late-1' }]);
    await bed().add([{ ...other, at: FIRST + 9 * DAY, status: 200, id: 'late-2' }]);
    const late = await bed().scan('a.db');
    expect([late.status, told(late)]).toEqual([0, await bed().scanFiles()]);
    // The key that was gone has called after all.
    expect(told(late).keys.find(({ key }) => key === 'gone')?.requests).toBe(31);
    expect(bed().dump('a.db')).toEqual(bed().dump('files.db'));
  });

  it('when rows were delivered twice, where they have an event id', async () => {
    await bed().server.create('twice', 'ms Int64, auth String, id String, src String', 'ms');
    const rows = bed().calls.map(({ at, key, id }) => `${at}\t${key}\t${id}\tgateway\n`);
    await bed().server.insert('twice', [...rows, ...rows.slice(100, 130), ...rows.slice(120, 125)].join(''));
    bed().configure('ids.yaml', { table: 'twice', fields: '{ eventId: id, time: ms, key: auth }' });
    const twice = await bed().scan('twice.db', {}, 'ids.yaml');
    expect([twice.status, recordsOf(twice)]).toEqual([0, rows.length]);
    bed().configure('ids.yaml', { table: 'twice', fields: '{ time: ms, key: auth }' });
    expect(recordsOf(await bed().scan('all.db', {}, 'ids.yaml'))).toBe(rows.length + 35);
  });

  it('whatever the calls are', async () => {
    await bed().server.create(
      'odd',
      'ms Int64, auth String, agent String, ip String, status String, path String, src String',
      'ms',
    );
    const text = fc.oneof(
      fc.constantFrom('', '-', "a'b", 'q"\\x', 'Bearer  t', 'ü\u{1f511}', ' '),
      fc.string({ maxLength: 12 }),
    );
    const path = fc.oneof(text, fc.tuple(text, fc.constantFrom('?', '&', ';'), text, text).map((parts) => `/${parts[0]}?a=1${parts[1]}Api_Key=${parts[2]}&k%65y=${parts[3]}`)); // prettier-ignore
    const call = fc.record({
      at: fc.integer({ min: FIRST, max: FIRST + 20 * DAY - 1 }),
      key: fc.oneof(text, fc.constantFrom(...['busy', 'gone', 'x'].map((name) => `Bearer ${madeKey(name)}`))),
      agent: text,
      ip: fc.oneof(fc.constantFrom('10.0.0.1', '10.0.0.1:80', '2001:db8::1', ''), text),
      status: fc.constantFrom('200', '401', '500', '', '0'),
      path,
    });
    const [calls = []] = fc.sample(fc.array(call, { minLength: 400, maxLength: 400, size: 'max' }), {
      seed: 8,
      numRuns: 1,
    });
    const cell = (value: string): string =>
      value.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n');
    const rows = calls.map(({ at, ...texts }) => [String(at), ...Object.values(texts).map(cell), 'gateway'].join('\t'));
    await bed().server.insert('odd', `${rows.join('\n')}\n`);
    const fields = '{ time: ms, key: auth, userAgent: agent, ip: ip, status: status, action: path }';
    bed().configure('odd.yaml', { table: 'odd', fields });
    const inTable = await bed().scan('odd.db', {}, 'odd.yaml');
    expect(inTable.status, inTable.stderr).toBe(0);
    fs.writeFileSync('odd.ndjson', calls.map((one) => `${JSON.stringify(one)}\n`).join(''));
    const mapped = '{ time: at, key: key, userAgent: agent, ip: ip, status: status, action: path }';
    fs.writeFileSync(
      'odd-files.yaml',
      `sources: [{ name: gateway, paths: [odd.ndjson], format: json, fields: ${mapped} }]\n`,
    );
    const inFile = await bed().scan('odd-files.db', {}, 'odd-files.yaml');
    expect(inFile.status, inFile.stderr).toBe(0);
    expect(bed().dump('odd.db')).toEqual(bed().dump('odd-files.db'));
  });
}

function faults(bed: () => TestBed): void {
  async function scanCopy(members: Readonly<Record<string, string>>, env = {}): ReturnType<TestBed['scan']> {
    bed().configure('faulty.yaml', members);
    fs.copyFileSync('a.db', 'b.db');
    return bed().scan('b.db', env, 'faulty.yaml');
  }

  it.each([
    ['the server is down', { url: 'http://127.0.0.1:9' }, /cannot be reached/],
    ['the table is not there', { table: 'nothing' }, /no such table/],
    ['the database is not there', { database: 'nothing' }, /no such (?:table|database)/],
    ['a column is missing', { fields: '{ time: ms, key: api_key }' }, /see the field key/],
    ['the column of arrival is missing', { ingested: 'arrived' }, /see "ingested"/],
    ['the time is a text', { fields: '{ time: path, key: auth }' }, /the field time is no one time/],
    ['a field is a list', { fields: `{ time: ms, key: "splitByChar(' ', auth)" }` }, /the field key is no text/],
    [
      'a query takes too long',
      { timeout: '0.01 minutes', where: 'sleepEachRow(0.01) = 0' },
      /took too long|did not answer in time/,
    ],
    ['a query takes too much memory', { maxMemory: '0.1 MB' }, /too much memory/],
  ])('leaves a blocker when %s', async (_, members, message) => {
    const run = await scanCopy(members);
    expect(run.status, run.stderr).toBe(3);
    expect(run.stderr).toMatch(message);
    expect(run.stderr).not.toContain('EXAMPLE');
    expect(requestsOf(told(run))).toEqual(requestsOf(await bed().scanFiles()));
    expect(told(run).keys.every(isBlocked)).toBe(true);
  });

  it('leaves a blocker when the password is wrong', async () => {
    const { status, stderr } = await scanCopy({}, { CLICKHOUSE_PASSWORD: 'wrong-EXAMPLE' });
    expect([status, stderr]).toEqual([3, expect.stringContaining('user or password is wrong')]);
    expect(stderr).not.toContain('EXAMPLE');
  });

  it('leaves a blocker while a column has another name, and reads on with what it was called then', async () => {
    await bed().copy('changing');
    bed().configure('before.yaml', { table: 'changing' });
    expect((await bed().scan('changing.db', {}, 'before.yaml')).status).toBe(0);
    await bed().server.alter('changing', 'ADD COLUMN token String');
    await bed().server.alter('changing', 'DROP COLUMN agent');
    const gone = await bed().scan('changing.db', {}, 'before.yaml');
    expect([gone.status, gone.stderr]).toEqual([3, expect.stringContaining('see the field userAgent')]);
    expect(told(gone).keys.every(isBlocked)).toBe(true);
    expect(requestsOf(told(gone))).toEqual(requestsOf(await bed().scanFiles()));
    // The rows have lost the agent; the new column has keys of the days to come.
    const fields = '{ time: ms, key: auth || token, ip: ip, status: status, action: path }';
    bed().configure('after.yaml', { table: 'changing', fields });
    const changed = await bed().scan('changing.db', {}, 'after.yaml');
    expect([changed.status, requestsOf(told(changed))]).toEqual([0, requestsOf(await bed().scanFiles())]);
    const at = new Date(NOW).getTime();
    const texts = ['', '10.0.0.1', '200', '/', 'new', 'gateway', madeKey('gone')];
    await bed().server.insert('changing', `${at}\t${at / 1000}\t${at / 1000}\t${texts.join('\t')}\n`);
    const after = await bed().scan('changing.db', {}, 'after.yaml');
    const [before, called] = [changed, after].map((run) => told(run).keys.find(({ key }) => key === 'gone')?.requests);
    expect([after.status, called]).toEqual([0, (before ?? 0) + 1]);
  });

  it('calls nothing safe that files would not, where rows have no possible time', async () => {
    await bed().copy('timeless');
    await bed().server.insert('timeless', asRows([{ ...bed().calls[0]!, at: 0 }]));
    bed().configure('timeless.yaml', { table: 'timeless' });
    const { status, stdout, stderr } = await bed().scan('timeless.db', { LASTCALL_NOW: NOW }, 'timeless.yaml');
    expect([status, stderr]).toEqual([3, expect.stringContaining('1 rows have no possible time')]);
    expect(told({ status, stdout, stderr }).keys.every(isBlocked)).toBe(true);
    expect(stderr).not.toContain(madeKey(''));
  });
}
