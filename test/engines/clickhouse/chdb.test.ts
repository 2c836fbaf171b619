import { expect, it } from 'vitest';
import { HAS_CHDB, startChdb } from './chdb.ts';
import { conforms } from './conformance.ts';
import { told } from './test-bed.ts';

conforms('a table of a current ClickHouse (needs: npm run test:clickhouse)', HAS_CHDB, startChdb, (bed) => {
  it('is of this year', async () => {
    expect((await bed().server.run('SELECT version()')).trim()).toMatch(/^2[6-9]\./);
  });

  it('says the same whatever the types of its columns are', async () => {
    const columns = `at DateTime64(6, 'Europe/Berlin'), came Nullable(DateTime), headers Map(LowCardinality(String), String),
      body String, event JSON, agent LowCardinality(Nullable(String)), ip IPv6, status Enum8('200' = 1, '401' = 2), src String`;
    await bed().server.create('typed', columns, 'at');
    await bed().server.run(`INSERT INTO typed
      SELECT fromUnixTimestamp64Milli(ms), came, map('x-api-key', auth), concat('{"ip":"', ip, '"}'),
        concat('{"who":{"agent":"', if(agent LIKE 'b%', agent, 'x'), '"}}'), if(agent = 'night job', NULL, agent),
        '::ffff:10.0.0.1', if(status = 401, '401', '200'), src
      FROM requests WHERE ms > 0`);
    await bed().server.create(
      'plain',
      'at Int64, auth String, agent String, ip String, status String, src String',
      'at',
    );
    await bed().server.run(`INSERT INTO plain
      SELECT ms, auth, if(agent LIKE 'b%', agent, 'x'), ip, if(status = 401, '401', '200'), src FROM requests WHERE ms > 0`);
    const fields = `{ time: at, key: "headers['x-api-key']", ip: "JSONExtractString(body, 'ip')", userAgent: event.who.agent.:String, status: status }`;
    bed().configure('typed.yaml', { table: 'typed', ingested: 'came', fields });
    bed().configure('plain.yaml', {
      table: 'plain',
      fields: '{ time: at, key: auth, ip: ip, userAgent: agent, status: status }',
    });
    const [typed, plain] = [
      await bed().scan('typed.db', {}, 'typed.yaml'),
      await bed().scan('plain.db', {}, 'plain.yaml'),
    ];
    expect(typed.status, typed.stderr).toBe(0);
    expect(told(typed)).toEqual(told(plain));
    expect(bed().dump('typed.db')).toEqual(bed().dump('plain.db'));
  });
});
