import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planReading } from '../../src/ingest/reading-plan.ts';
import { type Lab, newLab } from '../ingest/harness.ts';
import { gzip } from '../ingest/made-logs.ts';
import { AUTO, readText } from '../ingest/reading.ts';

const RECORD =
  '{"started_at":1788256800125,"client_ip":"192.0.2.1","latencies":{},"request":{"uri":"/v1"},"authenticated_entity":{"id":"credential-7"}}';
const CLF = '192.0.2.1 - - [01/Sep/2026:10:00:00 +0000] "GET /v1 HTTP/1.1" 200 5 "-" "curl/8"';
const json = (value: unknown): string => JSON.stringify(value);

/** Names of the envelopes, outermost first, and of the format in them. */
function seen(line: string): string[] {
  const { envelopes, format } = planReading(Buffer.from(`${line}\n${line}\n`), AUTO);
  return [...envelopes.map(({ name }) => name), format.name];
}

describe('the envelope of a record', () => {
  it.each<[string, string, string[]]>([
    ['CRI', `2026-09-01T10:00:00.123456789Z stdout F ${RECORD}`, ['CRI lines', 'kong']],
    ['CRI with tags', `2026-09-01T10:00:00.1+02:00 stderr F:x ${RECORD}`, ['CRI lines', 'kong']],
    [
      'Docker',
      json({ log: `${RECORD}\n`, stream: 'stdout', time: '2026-09-01T10:00:00Z' }),
      ['JSON, in "log"', 'kong'],
    ],
    ['syslog, RFC 3164', `<13>Sep  1 10:00:00 host kong[7]: ${RECORD}`, ['syslog lines', 'kong']],
    ['syslog without priority and host', `Sep  1 10:00:00 kong: ${RECORD}`, ['syslog lines', 'kong']],
    [
      'syslog, RFC 5424',
      `<13>1 2026-09-01T10:00:00Z host kong 7 - [a b="c\\"] d"] ${RECORD}`,
      ['syslog lines', 'kong'],
    ],
    ['syslog with octet count', `250 <13>1 2026-09-01T10:00:00Z host kong 7 - - ${RECORD}`, ['syslog lines', 'kong']],
    ['rsyslog files', `2026-09-01T10:00:00.123456+02:00 host kong[7]: ${RECORD}`, ['syslog lines', 'kong']],
    ['CloudWatch export', `2026-09-01T10:00:00.000Z ${RECORD}`, ['lines after a time stamp', 'kong']],
    [
      'aws logs tail',
      `2026-09-01T10:00:00+00:00 pod/kong-1 ${RECORD}`,
      ['lines after a time stamp', 'lines after other text', 'kong'],
    ],
    [
      'a logger',
      `[2026-09-01 10:00:00,123] INFO [main] c.e.App - request: ${RECORD}`,
      ['lines after other text', 'kong'],
    ],
    ['a Ruby logger', `I, [2026-09-01T10:00:00.1 #4]  INFO -- : ${RECORD}`, ['lines after other text', 'kong']],
    ['docker compose', `kong-1  | ${RECORD}`, ['lines after the name of a container', 'kong']],
    ['kubectl logs --prefix', `[pod/kong-1/proxy] ${RECORD}`, ['lines after the name of a container', 'kong']],
    ['Logstash', json({ '@timestamp': '2026-09-01T10:00:00Z', message: RECORD }), ['JSON, in "message"', 'kong']],
    ['journald', json({ MESSAGE: RECORD, __REALTIME_TIMESTAMP: '1788256800000000' }), ['JSON, in "message"', 'kong']],
    ['Elasticsearch', json({ _index: 'x', _source: JSON.parse(RECORD) as unknown }), ['JSON, in "_source"', 'kong']],
    ['AKS', json({ time: '2026-09-01T10:00:00Z', properties: { log: RECORD } }), ['JSON, in "properties.log"', 'kong']],
    ['text in JSON', json({ time: '2026-09-01T10:00:00Z', msg: CLF }), ['JSON, in "msg"', 'combined']],
    [
      'an envelope in an envelope',
      `2026-09-01T10:00:00Z stdout F ${json({ msg: `web nginx: ${CLF}` })}`,
      ['CRI lines', 'JSON, in "msg"', 'lines after the name of a program', 'combined'],
    ],
    ['nothing', RECORD, ['kong']],
    [
      'JSON with a message of its own',
      json({ time: '2026-09-01T10:00:00Z', api_key: 'k', message: 'GET /v1 200' }),
      ['json'],
    ],
  ])('is taken off: %s', (_, line, expected) => {
    expect(seen(line)).toEqual(expected);
  });

  it('leaves its time to a record that has none', async () => {
    const lab = newLab();
    lab.write('a.log', '2026-09-01T10:00:00Z stdout F {"api_key":"example-key-0001","status":200}\n');
    await lab.read();
    expect(lab.dump().uses).toEqual([expect.stringContaining(` | ${Date.UTC(2026, 8, 1, 10)} | `)]);
  });
});

describe('a line that the container runtime cut', () => {
  const record = (n: number): string => RECORD.replace('credential-7', `credential-${n}`);
  const line = (stream: string, tag: string, text: string): string => `2026-09-01T10:00:00Z ${stream} ${tag} ${text}\n`;
  const START = [1, 2, 3].map((n) => line('stdout', 'F', record(n))).join('');
  const LOG = [
    START,
    line('stdout', 'P', record(4).slice(0, 40)),
    line('stderr', 'P', record(5).slice(0, 60)),
    line('stdout', 'P', record(4).slice(40, 50)),
    line('stderr', 'F', record(5).slice(60)),
    line('stdout', 'F', record(4).slice(50)),
    line('stdout', 'F', record(6)),
  ].join('');

  async function readOnce(log: string): Promise<Lab> {
    const lab = newLab();
    lab.write('a.log', log);
    await lab.read();
    return lab;
  }

  it('counts once, with its pieces in their order', async () => {
    const { uses, sources } = (await readOnce(LOG)).dump();
    expect(uses).toHaveLength(6);
    expect(sources).toEqual(['kong | kong | 6 | 0 | 3']);
  });

  it('is read whole wherever reading stops and goes on', async () => {
    const expected = (await readOnce(LOG)).dump();
    const stops = fc.integer({ min: START.length, max: LOG.length - 1 });
    await fc.assert(
      fc.asyncProperty(stops, async (stop) => {
        const lab = await readOnce(LOG.slice(0, stop));
        lab.append('a.log', LOG.slice(stop));
        await lab.read();
        expect(lab.dump()).toEqual(expected);
      }),
      { numRuns: 12, seed: 7 },
    );
  });

  it('is a defect when a log that is finished ends before it', async () => {
    const lab = newLab();
    lab.write('a.gz', gzip(START + line('stdout', 'P', record(4).slice(0, 40))));
    await lab.read();
    expect(lab.dump().uses).toHaveLength(3);
    expect(lab.dump().hours).toEqual([expect.stringMatching(/ \| 3 \| 1\b/)]);
  });
});

describe('text before JSON', () => {
  const call = (n: number): string => json({ ip: '192.0.2.1', api_key: `example-key-000${n}`, status: 200 });
  const lines = [1, 2, 3].map((n) => `${'x '.repeat(n)}2026/09/01 10:00:0${n} INFO: ${call(n)}`);

  it('is taken off, whatever its length, and its time counts where the record has none', () => {
    const { usages } = readText(`${lines.join('\n')}\n`);
    expect(usages.map(({ at }) => new Date(at).toISOString())).toEqual(
      [1, 2, 3].map((n) => `2026-09-01T10:00:0${n}.000Z`),
    );
    expect(usages.map(({ keys }) => keys.length)).toEqual([1, 1, 1]);
  });

  it('costs its record when it may tell of the request itself', () => {
    const telling = ['GET /v1', 'key=example-key-0009', '/v1?api_key=example-key-0009', 'acme_live_EXAMPLEnqHb7Ts4Zk2'];
    const { usages, skips } = readText(
      [...lines, ...lines, ...telling.map((text) => `${text} ${call(4)}`)].map((line) => `${line}\n`).join(''),
    );
    expect([usages.length, skips]).toEqual([6, telling.map(() => 'malformed-json')]);
  });

  it('does not make a log of what a program says beside some data', () => {
    const said = ['loaded', 'started', 'saved'].map(
      (word) => `2026-09-01 10:00:00 INFO ${word} the file ${json({ rows: 7 })}`,
    );
    expect(() => planReading(Buffer.from(`${said.join('\n')}\n`), AUTO)).toThrow('not recognised');
  });
});
