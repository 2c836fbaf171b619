import fs from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planReading } from '../../src/ingest/reading-plan.ts';
import { readText } from '../ingest/reading.ts';
import { fixtureFolders, sampleFile } from './fixture-folders.ts';

/** Lines of a sample of each format whose records are lines that can be recognised by themselves. */
const LOGS = fixtureFolders().flatMap((folder) =>
  folder.samples.flatMap((sample) => {
    const { format, reader, recordsPath, envelopes } = planReading(fs.readFileSync(sampleFile(folder, sample)), folder.choice);
    const isPlain = envelopes.length === 0 && recordsPath === undefined && reader.table === undefined;
    if (!isPlain || format.name === 'custom' || Object.keys(folder.choice.fields).length > 0) return [];
    const lines = fs.readFileSync(sampleFile(folder, sample), 'utf8').split(/\r?\n/).filter((line) => readsAs(line, format.name));
    return lines.length === 0 ? [] : [{ name: `${folder.name}/${sample}`, format: format.name, lines }];
  }),
); // prettier-ignore

function readsAs(line: string, format: string): boolean {
  if (line.trim() === '' || line.length > 8000) return false;
  try {
    const found = readText(`${line}\n`);
    return found.format === format && found.usages.length === 1;
  } catch {
    return false;
  }
}

const TIME = '2026-09-01T10:00:00.123456Z';
const json = (value: unknown): string => JSON.stringify(value);
const isObject = (line: string): boolean => line.startsWith('{');

/** What shippers make of a line. */
const ENVELOPES: Readonly<Record<string, (line: string) => string>> = {
  cri: (line) => `2026-09-01T10:00:00.123456789Z stdout F ${line}`,
  docker: (line) => json({ log: `${line}\n`, stream: 'stdout', time: TIME }),
  'docker compose': (line) => `gateway-1  | ${line}`,
  'kubectl logs --prefix': (line) => `[pod/gateway-5d9/proxy] ${line}`,
  'docker logs -t': (line) => `${TIME} ${line}`,
  'syslog, RFC 3164': (line) => `<134>Sep  1 10:00:00 host gateway[7]: ${line}`,
  'syslog, RFC 5424': (line) => `<134>1 ${TIME} host gateway 7 ID47 [a@1 b="c\\"d\\]" e=""][f@2] ${line}`,
  'syslog, RFC 5424 without data': (line) => `<134>1 ${TIME} host gateway - - - \ufeff${line}`,
  rsyslog: (line) => `2026-09-01T10:00:00.123456+00:00 host gateway[7]: ${line}`,
  'CloudWatch export': (line) => `2026-09-01T10:00:00.123Z ${line}`,
  'Fluent Bit': (line) => json({ date: 1788256800.123, log: line }),
  'Fluent Bit with metadata': (line) =>
    json({ '@timestamp': TIME, log: line, stream: 'stdout', kubernetes: { pod_name: 'gateway-5d9', labels: { app: 'x' } } }),
  Vector: (line) => json({ host: 'h', message: line, source_type: 'file', timestamp: TIME }),
  Logstash: (line) => json({ '@timestamp': TIME, '@version': '1', message: line, host: { name: 'h' } }),
  Filebeat: (line) => json({ '@timestamp': TIME, log: { offset: 1, file: { path: '/x' } }, message: line, agent: { type: 'filebeat' } }),
  journald: (line) => json({ MESSAGE: line, __REALTIME_TIMESTAMP: '1788256800123456', _SYSTEMD_UNIT: 'gateway.service', PRIORITY: '6' }),
  Elasticsearch: (line) => json({ _index: 'x', _id: '1', _source: { '@timestamp': TIME, message: line } }),
  'Google Cloud, text': (line) => json({ insertId: '1', textPayload: line, timestamp: TIME, resource: { type: 'k8s_container' } }),
  AKS: (line) => json({ time: TIME, category: 'x', properties: { log: line, pod: 'p' } }),
  Loki: (line) => json({ labels: { app: 'x' }, line, timestamp: TIME }),
  Splunk: (line) => json({ preview: false, result: { _raw: line, _time: TIME } }),
  GELF: (line) => json({ version: '1.1', host: 'h', short_message: line, timestamp: 1788256800.123 }),
}; // prettier-ignore

const NAMES = Object.keys(ENVELOPES);
const wrap = (names: readonly string[], line: string): string =>
  names.reduceRight((inner, name) => (ENVELOPES[name] as (line: string) => string)(inner), line);

/** What shippers make of a record that is an object. */
const OBJECT_ENVELOPES: Readonly<Record<string, (record: unknown) => string>> = {
  'Google Cloud, object': (record) => json({ insertId: '1', jsonPayload: record, timestamp: TIME, resource: { type: 'k8s_container' } }),
  'Elasticsearch, object': (record) => json({ _index: 'x', _id: '1', _source: record }),
  EventBridge: (record) => json({ version: '0', id: '1', 'detail-type': 'x', source: 'y', time: '2026-09-01T10:00:00Z', detail: record }),
  'AKS, object': (record) => json({ time: TIME, category: 'x', properties: { log: record, pod: 'p' } }),
  'Fluent Bit, merged': (record) => json({ '@timestamp': TIME, stream: 'stdout', log_processed: record, log: 'x' }),
}; // prettier-ignore

/** But for where in a record its keys lie: an envelope is part of that. */
function read(lines: readonly string[]): Pick<ReturnType<typeof readText>, 'format' | 'usages'> {
  const { format, usages } = readText(`${lines.join('\n')}\n`);
  return { format, usages: usages.map((usage) => ({ ...usage, places: undefined })) };
}

describe.each(LOGS)('a log as in $name', ({ format, lines }) => {
  const bare = read(lines);

  it('reads the same in any envelope', () => {
    for (const name of NAMES) {
      const wrapped = read(lines.map((line) => wrap([name], line)));
      expect([name, wrapped.format, wrapped.usages]).toEqual([name, format, bare.usages]);
    }
  });

  it('reads the same as an object in any envelope', () => {
    if (!lines.every(isObject)) return;
    for (const [name, envelope] of Object.entries(OBJECT_ENVELOPES)) {
      const wrapped = read(lines.map((line) => envelope(JSON.parse(line))));
      expect([name, wrapped.format, wrapped.usages]).toEqual([name, format, bare.usages]);
    }
  });
});

it('a log in an envelope in an envelope reads as it does in none', () => {
  const two = fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 2, maxLength: 2 });
  fc.assert(
    fc.property(fc.constantFrom(...LOGS), two, ({ format, lines }, names) => {
      const wrapped = read(lines.map((line) => wrap(names, line)));
      expect([wrapped.format, wrapped.usages]).toEqual([format, read(lines).usages]);
    }),
    { seed: 20260901, numRuns: 300 },
  );
});
