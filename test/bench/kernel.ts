import type { GroupHost, GroupMap } from '../../src/kernel/group-map.ts';
import { createGroupScanner } from '../../src/kernel/group-scanner.ts';
import { FieldCollector } from '../../src/kernel/field-collector.ts';
import { compileTrie } from '../../src/kernel/field-trie.ts';
import { frameLines } from '../../src/kernel/frame-lines.ts';
import type { FrameSink } from '../../src/kernel/framing.ts';
import { walkJson } from '../../src/kernel/json-walk.ts';
import { USUAL_FIELDS } from '../../src/formats/json.ts';
import type { FieldMap, UsageField } from '../../src/formats/format.ts';
import type { Usage } from '../../src/model.ts';
import { gatewayLog, GATEWAY_FIELDS } from './made-log.ts';

/** `node test/bench/kernel.ts [records]`: the scan alone, on one thread, beside JSON.parse and the plain walker. */
const RUNS = 9;
const CHUNK = 256 * 1024;
const records = Number(process.argv[2] ?? 100_000);
const log = gatewayLog(records);
const chunks = Array.from({ length: Math.ceil(log.length / CHUNK) }, (_, i) =>
  log.subarray(i * CHUNK, (i + 1) * CHUNK),
);
print(`${records} records, ${(log.length / 1e6).toFixed(1)} MB, ${Math.round(log.length / records)} bytes each`);

measure('kernel, five fields', () => kernel(GATEWAY_FIELDS));
measure('kernel, usual fields', () => kernel(USUAL_FIELDS));
measure('JSON.parse a line', parse);
measure('plain walker, five fields', () => walk(GATEWAY_FIELDS));

function kernel(fields: FieldMap): number {
  const { time: _time, key: _key, keyId: _keyId, method: _method, action: _action, ...rest } = fields;
  const map: GroupMap = {
    fields,
    grouped: Object.keys(rest) as UsageField[],
    query: undefined,
    marks: [],
    queryNames: ['key', 'token', 'apikey'],
    keyless: false,
    byHour: false,
    reduced: ['status'],
    isUtc: true,
  };
  if ('method' in fields) delete (map.fields as Record<string, string>)['method'];
  let groups = 0;
  let found = 0;
  const host: GroupHost = {
    lastAt: undefined,
    kind: [{}],
    group: () => {
      groups++;
      return SOME_USAGE;
    },
    time: () => Number.NaN,
    isRepeated: () => false,
    full: () => undefined,
    plain: {
      record: () => undefined,
      defect: () => undefined,
      largeRecord: () => ({ piece: () => undefined, end: () => undefined }),
      safePoint: () => undefined,
    },
  };
  const scanner = createGroupScanner(map, host, 0);
  if (scanner === undefined) throw new Error('the map does not fit');
  for (const chunk of chunks) scanner.push(chunk);
  scanner.end();
  scanner.drain((counts) => counts.groups((_usage, _day, calls) => (found += calls)));
  scanner.close();
  return groups;
}

const SOME_USAGE: Usage = {
  at: 0,
  source: 'bench',
  keys: [],
  system: { name: 'bench', attribution: 'derived' },
  outcome: 'accepted',
  eventId: undefined,
  issuer: undefined,
  ip: undefined,
  userAgent: undefined,
  status: undefined,
  method: undefined,
  action: undefined,
  identity: {},
};

function parse(): number {
  let found = 0;
  lines({
    record(bytes, start, end) {
      const value = JSON.parse(bytes.toString('utf8', start, end)) as { auth: { api_key: string } };
      if (value.auth.api_key !== '') found++;
    },
  });
  return found;
}

function walk(fields: FieldMap): number {
  const trie = compileTrie(fields);
  const collector = new FieldCollector();
  let found = 0;
  lines({
    record(bytes, start, end) {
      if (walkJson(bytes, start, end, trie, collector) === 'ok') found += collector.take().keys.length;
    },
  });
  return found;
}

function lines(sink: Pick<FrameSink, 'record'>): void {
  const framer = frameLines({
    ...sink,
    defect: () => undefined,
    largeRecord: () => ({ piece: () => undefined, end: () => undefined }),
    safePoint: () => undefined,
  });
  for (const chunk of chunks) framer.push(chunk);
  framer.end();
}

/** The best run says what the code can do, the median what this machine gave. */
function measure(what: string, run: () => number): void {
  const seconds: number[] = [];
  let found = 0;
  for (let i = 0; i < RUNS; i++) {
    const from = performance.now();
    found = run();
    seconds.push((performance.now() - from) / 1000);
  }
  const speed = (time: number): string => `${(log.length / 1e6 / time).toFixed(0).padStart(5)} MB/s`;
  const sorted = seconds.toSorted((a, b) => a - b);
  const [best = 0, median = 0] = [sorted[0], sorted[Math.floor(RUNS / 2)]];
  print(`${what.padEnd(28)} best ${speed(best)}  median ${speed(median)}  (${found})`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
