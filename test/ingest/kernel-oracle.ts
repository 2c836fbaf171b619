import * as fc from 'fast-check';
import { compileSystems } from '../../src/attribution/systems.ts';
import { DayRows } from '../../src/tally/day-row.ts';
import { digestOf } from '../../src/tally/event-digests.ts';
import type { FieldMap, Format, UsageField } from '../../src/formats/format.ts';
import { FORMATS } from '../../src/formats/index.ts';
import { mixedReader } from '../../src/formats/mixed-reader.ts';
import { createReader } from '../../src/formats/reader.ts';
import { type CallHandler, scanCalls } from '../../src/ingest/call-scan.ts';
import { planGroups } from '../../src/ingest/group-plan.ts';
import type { Interpretation } from '../../src/ingest/interpret.ts';
import type { ReadingPlan } from '../../src/ingest/reading-plan.ts';
import { scanRecords } from '../../src/ingest/record-scan.ts';
import { parsePaths, type Step } from '../../src/kernel/field-path.ts';
import type { Framer } from '../../src/kernel/framing.ts';
import { addSkip, addUsage, DAY_MS, mergeTally, newTally, type Tally } from '../../src/tally/rollup.ts';
import { listed } from '../made-events.ts';
import { type Tree, write } from '../kernel/json-oracle.ts';
import { accessLine } from './access-lines.ts';
import { HOW } from './reading.ts';

/** A log, how it is cut into chunks, and how it is to be read. */
export interface Case {
  readonly plan: ReadingPlan;
  readonly how: Interpretation;
  readonly log: Buffer;
  readonly chunk: number;
}

/** What a scan of it comes to, in an order of its own, and where it was safe to resume after each chunk. */
export interface Outcome {
  readonly tally: object;
  readonly lastAt: number | undefined;
  /** Bytes of documents that are neither record nor defect nor seen to be of the shell: none, else there is a bug. */
  readonly unaccounted: number;
  readonly safe: readonly number[];
}

/** Read record by record. */
export function readPlainly({ plan, how, log, chunk }: Case): Outcome {
  const fold = new Fold(how.source, plan);
  return fold.run(scanRecords(plan, how, 0, fold), log, chunk);
}

/** Read through the kernel, as far as it goes. `plain`: how many of the records it left to the plain reader. */
export function readFast({ plan, how, log, chunk }: Case): { outcome: Outcome; records: number; plain: number } {
  const fold = new Fold(how.source, plan);
  const scan = scanCalls(plan, how, 0, fold, dropsRepeats(plan));
  try {
    const outcome = fold.run(scan, log, chunk, (settled, open) => scan.drain(settled, open));
    return { outcome, records: fold.records, plain: fold.plain };
  } finally {
    scan.close();
  }
}

/**
 * What two scans come to, the second of which knows the groups of the first. Undefined where a log is not shared out.
 * `adopted`: rows of groups that the second had not met itself.
 */
export function readShared({ plan, how, log, chunk }: Case): { tally: object; adopted: number } | undefined {
  if (dropsRepeats(plan)) return undefined;
  const cut = log.indexOf(0x0a, Math.floor(log.length / 2)) + 1 || log.length;
  const [first, second] = [new Fold(how.source, plan), new Fold(how.source, plan)];
  const scan = scanCalls(plan, how, 0, first, false);
  const drain: Drain = (settled, open) => scan.drain(settled, open);
  first.feed(scan, log.subarray(0, cut), chunk, drain);
  const sharing = scan.share();
  const rows = new DayRows();
  second.lastAt = first.lastAt;
  const other = scanCalls(plan, how, cut, second, false);
  if (sharing !== undefined) other.adopt(sharing.callers, rows);
  second.feed(other, log.subarray(cut), chunk, (settled, open) => other.drain(settled, open));
  scan.close();
  other.close();
  const tally = first.tally;
  mergeTally(tally, second.tally);
  const adopted = rows.count;
  if (adopted > 0) sharing?.add(tally, rows.take());
  return { tally: sorted(tally), adopted };
}

type Drain = (settled: Tally, open: Tally) => void;

/** Makes a tally of what it is handed, in the manner of an ingest. */
export class Fold implements CallHandler {
  lastAt: number | undefined;
  plain = 0;
  readonly #source: string;
  readonly #dropsRepeats: boolean;
  #settled = newTally();
  #open = newTally();
  #safe = 0;
  #drain: Drain = () => undefined;

  constructor(source: string, plan: ReadingPlan) {
    this.#source = source;
    this.#dropsRepeats = dropsRepeats(plan);
  }

  get records(): number {
    return this.#settled.counts.records;
  }

  run(framer: Framer, log: Buffer, chunk: number, drain: Drain = () => undefined): Outcome {
    const safe = this.feed(framer, log, chunk, drain);
    const { tally } = this;
    const unaccounted = unaccountedOf(log, tally, framer.structureBytes);
    return { tally: sorted(tally), lastAt: this.lastAt, unaccounted, safe };
  }

  /** Everything; nothing is added afterwards. */
  get tally(): Tally {
    mergeTally(this.#settled, this.#open);
    this.#open = newTally();
    return this.#settled;
  }

  feed(framer: Framer, log: Buffer, chunk: number, drain: Drain): number[] {
    this.#drain = drain;
    const safe: number[] = [];
    for (let at = 0; at < log.length; at += chunk) {
      const lent = Buffer.from(log.subarray(at, at + chunk));
      framer.push(lent);
      lent.fill(0x7b);
      safe.push(this.#safe);
      if (at % 7 === 0) this.makeRoom();
    }
    framer.end();
    this.makeRoom();
    return safe;
  }

  usage(...[usage, offset, length]: Parameters<CallHandler['usage']>): void {
    this.plain++;
    const { at, outcome, eventId } = usage;
    if (this.isRepeated({ callers: usage, at, outcome, eventId }, offset, length)) return;
    this.lastAt = usage.at;
    addUsage(this.#open, usage, length);
  }

  skip(...[skip, offset, length]: Parameters<CallHandler['skip']>): void {
    addSkip(this.#open, { reason: skip.skip, offset, length }, skip.quarantined, this.#source, this.lastAt);
  }

  isRepeated(...[{ eventId, at }, offset, length]: Parameters<CallHandler['isRepeated']>): boolean {
    if (!this.#dropsRepeats || eventId === undefined) return false;
    const event = typeof eventId === 'string' ? digestOf(eventId) : eventId;
    if (this.#open.events.has(event) || this.#settled.events.has(event)) {
      this.skip({ skip: 'duplicate', quarantined: false }, offset, length);
      return true;
    }
    this.#open.events.set(event, Math.floor(at / DAY_MS));
    return false;
  }

  makeRoom(): void {
    this.#drain(this.#settled, this.#open);
  }

  safePoint(offset: number): void {
    mergeTally(this.#settled, this.#open);
    this.#open = newTally();
    this.#safe = offset;
  }
}

function unaccountedOf(log: Buffer, { counts }: Tally, structure: number | undefined): number {
  if (structure === undefined) return 0;
  return log.length - counts.countedBytes - counts.quarantinedBytes - counts.skippedBytes - structure;
}

function dropsRepeats({ format, fields }: ReadingPlan): boolean {
  return format.redelivers === true || fields.eventId !== undefined;
}

function sorted(tally: Tally): object {
  const byKey = <V>(map: ReadonlyMap<string, V>): [string, V][] =>
    [...map].toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return {
    ...tally,
    rollups: byKey(
      new Map(
        [...tally.rollups.values()].map((rollup) => [
          JSON.stringify([rollup.source, rollup.key.key, rollup.system, rollup.day]),
          rollup,
        ]),
      ),
    ),
    hours: byKey(tally.hours),
    skips: byKey(tally.skips),
    events: listed(tally.events),
  };
}

// ---------------------------------------------------------------- generated cases

const TIMES = [
  '2026-09-01T10:00:00Z', '2026-09-01T10:00:00.123Z', '2026-09-01 11:30:59,987654+02:00', '2026-09-02t23:59:59z',
  '2026-09-02T23:59:59-0130', '2026-09-03T00:00:00', '2026-09-03T00:00:00.5', '2026-02-29T00:00:00Z', '2024-02-29T12:00:00Z',
  '2026-09-01T24:00:00Z', '2026-09-01T23:59:60Z', '2026-09-01T10:00Z', '2026-09-01', '1989-12-31T23:59:59Z', '2200-12-31T23:59:59Z',
  '2026-13-01T00:00:00Z', '2026-09-01T10:61:00Z', '2026-09-01T10:00:00+16:00', '2026-09-01T10:00:00.Z', '2026-09-01T10:00:00 UTC',
  '2026-09-01T10:00:00+02', '2026-09-01T10:00:00+02:', '2026/09/01 10:00:00', '01/Sep/2026:10:00:00 +0200', 'Tue, 01 Sep 2026 10:00:00 GMT', '29/Feb/2024:23:59:59 -0130', '29/feb/2023:23:59:59 +0000', '01/SEP/2026:10:00:60 +0000', '31/Dec/2026:24:00:00 +0000', '01/Sep/2026:10:00:00 +1600', '01/Sep/2026:10:00:00 +0060', '1/Sep/2026:10:00:00 +00000', '01/Sap/2026:10:00:00 +0000', '01/09/2026:10:00:00 +00000', '01-Sep-2026:10:00:00 +0000', '01/Sep/2026:10:00:00.5 +00', '01/s\u0005p/2026:10:00:00 +0000',
  '20260901T100000Z', '20260901100000', '1788256800', '1788256800.1239', '1788256800123', '1788256800123456', '1788256800123456789', '01788256800',
  1788256801, 1788256801.5, 1788256801999, 1788256801999123, 1.7882568e9, 17882568000, 0, -1, 99999999999999, '9223372036854775808',
  'never', '', '-', null, true, '12', ' 2026-09-01T10:00:00Z', '2026-09-01T10:00:00Z ', '[01/Sep/2026:10:00:00 +0200]',
]; // prettier-ignore

const KEYS = [
  'example-key-0001', 'example-key-0002', 'Bearer example-key-0003', 'Basic dXNlcjpwYXNzd29yZA==', 'sk_...4242', '[REDACTED]',
  '-', '', null, 12345678, 'AKIAEXAMPLE000000001', 'ASIAEXAMPLE000000002', 'kéy-ключ-0004', 'a"b\\c/0005', 'example-key-0006,example-key-0007',
  '{"key":"inside-0008"}', ' [1', '\u0000\u001f0009', '\ud800lone0010', 'AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE000000003/2026/x',
]; // prettier-ignore

const ACTIONS = [
  '/v1/items/1', '/v1/items/2?page=3&sort=asc', '/v1?api_key=example-key-0011', '/v1?id=1&API-Key=example-key-0012&x=y', '/v1?a=b;apikey=example-key-0013;c=d',
  '/v1?%61pi_key=example-key-0014', '/v1?%2561pi_key=example-key-0031', '/v1?api_key=example%252Dkey', 'GET /v1?access_token=example-key-0015 HTTP/1.1', 'POST /v1/items HTTP/2.0', 'GET /v1?key=short HTTP/1.1',
  'https://user:example-key-0016@api.example.com/v1', 'https://api.example.com/a@b?c=d@e', '/v1#api_key=example-key-0017', '/v1?x=1#token=exampleKEY0000018',
  '/v1?q=a=b&&=c&my.key=example-key-0019', '?', '/a?b?apikey=example-key-0020', '/v1?ключ=example-key-0021', '/v1?x=<api_key=1>&token=EXAMPLEkey0000022', '', '-', null, 7,
]; // prettier-ignore

const QUERIES = ['a=b', '?api_key=example-key-0025', 'x=1&token=EXAMPLEkey0000026', 'x=1;my-key=example-key-0027', '', '-', null, 'url=https://u:example-key-0028@h/', 'a=\u0026', '?']; // prettier-ignore

const AGENTS = ['curl/8.5.0', 'python-requests/2.31.0', 'Mozilla/5.0 (X11) "x"', 'agent example-key-0001', 'é', '', '-', null, 5, '{"a":', 'https://x.example/?k=v']; // prettier-ignore
const ADDRESSES = ['10.0.0.1', '10.0.0.2:443', '2001:db8::1', 'AWS Internal', 'unknown', '', null, '10.0.0.3, 10.1.1.1', 'sts.amazonaws.com', '10.0.0.1:51234', '10.0.0.1:1', '[2001:db8::1]:443', '[2001:db8::1]:51234', '[2001:db8::1]', '[::1%eth0]:80', '999.0.0.1:80', '10.0.0.4:123456', ':80', '.:80', '10.0.0.1:', 'localhost:80', '10.0.0.3, 10.1.1.1:80', '2001:db8:0:0:0:0:0:1:80', '[10.0.0.1]:80', '[]:80']; // prettier-ignore
const STATUSES = [200, 201, '204', 401, '403', 407, 404, 500, 0, '0', '000', 99, 1000, '2xx', 'ok', null, '', '-', 200.5, '401 Unauthorized', true]; // prettier-ignore
const OUTCOMES = ['accepted', 'DENIED', 'failed', 'strange', '', true, null];
const WORDS = ['alpha', 'beta', 'Ünïcode', 'a/b', '', '-', null, 3, false, '"', 'ExpiredToken', 'AccessDenied', '\\'];

function valuesOf(field: UsageField): readonly unknown[] {
  if (field === 'time') return TIMES;
  if (field === 'key' || field === 'keyId') return KEYS;
  if (field === 'action') return ACTIONS;
  if (field === 'identity.query') return QUERIES;
  if (field === 'cookie') return ['a=b; apikey=example-key-0030', 'session=1', '', null];
  if (field === 'userAgent') return AGENTS;
  if (field === 'identity.logger')
    return ['http.log.access', 'http.log.access.log0', 'http.log.access', 'http.log.error', null];
  if (field === 'identity.message') return ['access', 'access', 'access', 'Send static file', null];
  if (field === 'ip') return ADDRESSES;
  if (field === 'status') return STATUSES;
  return field === 'outcome' ? OUTCOMES : WORDS;
}

/** The maps of all formats that the kernel may read, and some more for what these do not have. */
export const MAPS: readonly { readonly name: string; readonly format: Format; readonly fields: FieldMap }[] = [
  ...FORMATS.filter((format) => format.syntax.kind === 'json' || isAccessLog(format)).map((format) => ({ name: format.name, format, fields: format.fields })),
  ...(
    [
      ['five fields', { time: 'timestamp', key: 'auth.api_key', userAgent: 'headers["user-agent"]', ip: 'client.ip', status: 'status' }],
      ['elements', { time: 'a[0] || a[1].t', key: 'k[*].v || k || k[2][*]', ip: 'x[*]', status: 's[0][0] || s' }],
      ['sources', { time: 'time', key: 'key', source: 'source', outcome: 'outcome', error: 'error', status: 'status', action: 'url' }],
      ['events', { time: 'time', key: 'key', eventId: 'id', 'identity.team': 'team', 'identity.note': 'note' }],
      ['one place', { time: 't', key: 't || k', system: 't', ip: 'k', userAgent: 'k.t' }],
      ['odd names', { time: 'time', key: '["a.b"] || ["ключ"] || ["a\\\\"] || [""] || [__proto__]', system: 'a-very-long-name-that-has-more-than-sixteen-bytes-x' }],
    ] as const
  ).map(([name, fields]) => {
    const format = FORMATS.find((one) => one.name === 'json') as Format;
    return { name, format, fields: fields as FieldMap };
  }),
]; // prettier-ignore

/** It has no documents. */
export function isAccessLog({ syntax }: Format): boolean {
  return syntax.kind === 'text' && syntax.isCombined === true;
}

const HOWS: readonly Interpretation[] = [
  HOW,
  { ...HOW, timezone: 'Europe/Berlin', keyParameters: ['my-key'] },
  {
    ...HOW,
    nameSystem: compileSystems([
      { name: 'team alpha', fields: { team: 'alpha' } },
      { name: 'loud', userAgent: 'curl*' },
      { name: 'alice', fields: { user: 'alice' } },
      { name: 'from the app', fields: { referer: 'https://app.*' } },
      { name: 'vhost', fields: { vhost: 'api.*' } },
    ]),
  },
];

/** Logs made of records that have something at many of the map's paths, of damaged ones, and of other lines. */
export function casesFor({ format, fields }: (typeof MAPS)[number]): fc.Arbitrary<Case> {
  return fc
    .record({
      lines: severalOf(isAccessLog(format) ? accessLine() : lineFor({ format, fields }), {
        minLength: 1,
        maxLength: 12,
      }),
      end: fc.constantFrom('\n', '\n', '\r\n'),
      isEnded: fc.boolean(),
      mark: fc.boolean(),
      chunk: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 3000 })),
      how: fc.constantFrom(...HOWS),
    })
    .map(({ lines, end, isEnded, mark, chunk, how }) => {
      const parts = lines.flatMap((line, i) => (i === 0 ? [line] : [Buffer.from(end), line]));
      const log = Buffer.concat([Buffer.from(mark ? '\ufeff' : ''), ...parts, Buffer.from(isEnded ? end : '')]);
      return { plan: planFor(format, fields, mark), how, log, chunk };
    });
}

/** Documents of such records: one or many, with their records under a member, bare, or concatenated; whole or not. */
export function documentsFor({ format, fields }: (typeof MAPS)[number]): fc.Arbitrary<Case> {
  const record = lineFor({ format, fields }, false);
  const blank = fc.constantFrom('', '', '', ' ', '\n', '\r\n\t', '\n    ');
  const joint = fc.oneof({ weight: 12, arbitrary: blank.map((text) => `,${text}`) }, { weight: 2, arbitrary: fc.constantFrom(...JOINTS) });
  const list = fc
    .tuple(severalOf(record, { maxLength: 8 }), fc.infiniteStream(joint), blank)
    .map(([records, joints, before]): [[Buffer, string][], string] => [records.map((one) => [one, joints.next().value as string]), before])
    .map(([records, before]) => Buffer.concat([Buffer.from(`[${before}`), ...records.flatMap(([one, text], i) => (i === 0 ? [one] : [Buffer.from(text), one])), Buffer.from(`${before}]`)]));
  const shell = fc.tuple(fc.constantFrom(...SHELLS), list, blank).map(([[before, after], records, space]) =>
    Buffer.concat([Buffer.from(before + space), records, Buffer.from(space + after)]),
  );
  return fc
    .record({
      path: fc.constantFrom('Records[*]', 'Records[*]', '', '', 'Records', 'Records[1]', 'out.Records[*]', '[*]'),
      documents: fc.array(fc.oneof({ weight: 4, arbitrary: shell }, { weight: 2, arbitrary: list }, { weight: 3, arbitrary: record }), { minLength: 1, maxLength: 6 }),
      between: fc.constantFrom('', '\n', '\n', ',\n', '\n# "note\n', ' \\ '),
      cut: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(200) }),
      chunk: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 4000 })),
      how: fc.constantFrom(...HOWS),
    })
    .map(({ path, documents, between, cut, chunk, how }) => {
      const whole = Buffer.concat(documents.flatMap((one) => [one, Buffer.from(between)]));
      const plan = { ...planFor(format, fields), recordsPath: path };
      return { plan, how, log: whole.subarray(0, Math.max(whole.length - cut, 0)), chunk };
    });
} // prettier-ignore

const SHELLS = [
  ['{"Records":', '}'], ['{"Records":', '}'], ['{"Records" :', '}'], ['{"records":', ', "x":1}'], ['{"a":"]}\\"","Records":', ',"Records":[]}'], ['{"R\u0065cords":', '}'],
  ['{"Events":', '}'], ['{"out":{"Records":', '}}'], ['[', ']'], ['{"Records":', ''], ['{"Records":[1,"x",', ']}'], ['', ''],
]; // prettier-ignore
const JOINTS = ['', ' ', ',,', ',1,', ',"}{",', ',[{"time":1788256800}],', ',x"', ',\\"', '\\', ',{"time":1788256800,"x":\\"},', ']', ',null,']; // prettier-ignore

/** Some that have nothing to do with each other, or many that are alike, as the records of a log are. */
function severalOf(record: fc.Arbitrary<Buffer>, size: fc.ArrayConstraints): fc.Arbitrary<Buffer[]> {
  const variation = fc.record({
    of: fc.nat(),
    other: fc.nat(),
    how: fc.constantFrom('same', 'same', 'byte', 'splice'),
    at: fc.nat(),
    byte: byteForJson(),
    change: fc.nat(2),
  });
  const alike = fc
    .tuple(fc.array(record, { minLength: 1, maxLength: 3 }), fc.array(variation, { minLength: 2, maxLength: 20 }))
    .map(([models, variations]) =>
      variations.map(({ of, other, how, at, byte, change }) => {
        const [one, another] = [of, other].map((n) => models[n % models.length] as Buffer) as [Buffer, Buffer];
        if (how === 'byte') return mutate(one, { at, byte, how: change });
        return how === 'splice' ? splice(one, another, at) : one;
      }),
    );
  return fc.oneof(fc.array(record, size), alike);
}

/** The first members of one record, and the last ones of another. */
function splice(one: Buffer, another: Buffer, at: number): Buffer {
  const [from, to] = [one, another].map((record) => [...record.keys()].filter((i) => record[i] === 0x2c)) as [
    number[],
    number[],
  ];
  if (from.length === 0 || to.length === 0) return another;
  return Buffer.concat([one.subarray(0, from[at % from.length]), another.subarray(to[at % to.length])]);
}

/** Whether the kernel reads logs of this map at all. */
export function isGrouped({ format, fields }: (typeof MAPS)[number]): boolean {
  return planGroups(planFor(format, fields), HOW, false) !== undefined;
}

export function planFor(format: Format, fields: FieldMap, hasMark = false): ReadingPlan {
  const sample = { text: '', lines: [], records: [], recordsPath: '', isLines: true };
  const reader = mixedReader(createReader(format, fields, sample), format, FORMATS);
  return {
    envelopes: [],
    format,
    fields,
    recordsPath: undefined,
    reader,
    sample,
    outer: sample,
    byteOrderMark: hasMark ? 3 : 0,
  };
}

const JUNK = [
  '{"eventVersion":"1.08","eventTime":"2026-09-01T10:00:00Z","eventSource":"s3.amazonaws.com","eventName":"X","eventID":"e1","userIdentity":{"accessKeyId":"AKIAEXAMPLE000000009"}}',
  '{"eventVersion":"1.08","eventTime":"2026-09-01T10:00:00Z","time":1788256800,"timestamp":1788256800,"eventSource":"s3.amazonaws.com","eventName":"X","userIdentity":{"accessKeyId":"AKIAEXAMPLE000000009"}}',
  '', ' ', '\t', '\r', '\0\0', '\0{}', 'null', '12', '[]', '[{"time":1788256800}]', '"x"', '{', '}', '{}', '{"', '{"a', '{"a"', '{"a":', '{"a":"', '"', '\\', '{"\\', '{"a":"\\', '{"a":"\\"',
  '{"time":1788256800,"key":"example-key-0001","system":"a","system":"\\u002d"}', '{"time":1788256800,"key":"example-key-0001"}}', '{"time":1788256800,"key":"example-key-0001"},', '{"time":1788256800 "key":1}', '{"time":1788256800,,"key":1}', '{"time":1788256800,"key":1,}',
  '{"time"::1788256800}', '{"time":1788256800,"key":["a",]}', '{"time":1788256800,"key":[,"a"]}', '{"time":1788256800}{"time":1788256800}', '{"time":1788256800,"x":"\\x"}', '{"time":1788256800,"x":"\\u12g4"}',
  '{"time":1788256800,"x":"\t"}', '{"time":1788256800,"x":\f1}', '{"time":1788256800,"x":1\x1a}', '{"time":01788256800}', '{"time":1788256800,"x":tru}', '{"time":1788256800,"x":nulll}', '{"time":1788256800,"x":-}',
  '{"time":1788256800,"x":1.}', '{"time":1788256800,"x":1e}', '{"time":1788256800,"x":[1}', '{"time":1788256800,"x":{]}', '{"time":1788256800,"x" : [ 1 , 2 ] , "y" : { } }\t ', "{'time':1788256800}", '\u00a0{}', '{"a":"b""c":1}', '{"a" "b"}', '{"a":"b":"c"}', '{"a":"b",:1}', '{"a":{"b"}}', '{"a":["b":1]}', '{"time":1788256800,"x":1"}', '{"time":1788256800,"x":"y"z}',
]; // prettier-ignore

function lineFor(map: Pick<(typeof MAPS)[number], 'format' | 'fields'>, isLine = true): fc.Arbitrary<Buffer> {
  const record = fc
    .tuple(recordFor(map), fc.nat(), fc.constantFrom(0, 0, 0, 1, 1, 2))
    .map(([tree, seed, noise]) => write(tree, chooser(seed, noise)))
    .map((text) => Buffer.from(isLine ? text.replaceAll('\n', ' ') : text));
  const mutation = fc.record({
    at: fc.nat(),
    byte: byteForJson(),
    how: fc.nat(2),
  });
  const damaged = fc.tuple(record, fc.array(mutation, { minLength: 1, maxLength: 3 })).map(([line, mutations]) =>
    Buffer.from(mutations.reduce(mutate, line).filter((byte) => !isLine || byte !== 0x0a)),
  );
  const deep = fc.integer({ min: 60, max: 300 }).map((depth) => Buffer.from(`{"time":1788256800,"x":${'['.repeat(depth)}${']'.repeat(depth)}}`));
  return fc.oneof(
    { weight: 8, arbitrary: record },
    { weight: 3, arbitrary: damaged },
    { weight: 2, arbitrary: fc.constantFrom(...JUNK).map((text) => Buffer.from(text)) },
    { weight: 1, arbitrary: deep },
  );
} // prettier-ignore

function byteForJson(): fc.Arbitrary<number> {
  return fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('"\\{}[],:0-.eEtn \0\t\ru')));
}

function mutate(bytes: Buffer, { at, byte, how }: { at: number; byte: number; how: number }): Buffer {
  const place = at % (bytes.length + 1);
  const [before, after] = [bytes.subarray(0, place), bytes.subarray(place)];
  if (how === 0) return Buffer.concat([before, Buffer.from([byte]), after]);
  if (how === 1) return Buffer.concat([before, after.subarray(1)]);
  return Buffer.concat([before, Buffer.from([byte]), after.subarray(1)]);
}

/** Numbers from a seed; `noise` 0: no escapes and blanks where none are needed. */
function chooser(seed: number, noise: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    if (noise === 0) return 1;
    return noise === 1 && state % 64 !== 0 ? 1 : state >>> 8;
  };
}

/** A record with values at some of the map's paths, each under its name in some spelling, and others between. */
function recordFor({ fields, format: { redactions, refineReads = [] } }: Pick<(typeof MAPS)[number], 'format' | 'fields'>): fc.Arbitrary<Tree> {
  const places = (Object.entries(fields) as [UsageField, string][]).flatMap(([field, paths]) =>
    parsePaths(paths).map((steps) => ({ field, steps })),
  );
  const times = places.filter(({ field }) => field === 'time');
  // What decides whether a record is a call stands there oftener.
  const decisive = places.filter(({ field }) => refineReads.includes(field));
  const placed = fc
    .oneof({ weight: 3, arbitrary: fc.constantFrom(...places) }, { weight: Math.min(decisive.length, 1), arbitrary: fc.constantFrom(...(decisive.length === 0 ? places : decisive)) })
    .chain(({ field, steps }) => fc.constantFrom(...valuesOf(field)).map((value) => ({ steps, value })));
  const timed = fc
    .tuple(fc.constantFrom(...times), fc.oneof(fc.constantFrom(...TIMES.slice(0, 4)), fc.constantFrom(...TIMES)))
    .map(([{ steps }, value]) => ({ steps, value }));
  const redacted = fc.constantFrom('Authorization', 'X-Api-Key', 'authorization').map((name) => ({ steps: [{ member: name }] as Step[], value: [] }));
  const other = fc.constantFrom('level', 'x', 'request', 'headers', 'KEY', 'a', '', 'LATENCIES', 'auditID').chain((name) =>
    fc.constantFrom<unknown>(1, 'text', null, 'with "quotes" \\ and more', -0.5e3, true, '\u2028é').map((value) => ({ steps: [{ member: name }] as Step[], value })),
  );
  return fc
    .tuple(fc.array(fc.oneof({ weight: 3, arbitrary: placed }, { weight: 1, arbitrary: other }, { weight: redactions === undefined ? 0 : 1, arbitrary: redacted }), { maxLength: 10 }), timed, fc.nat())
    .map(([some, time, seed]) => {
      const next = chooser(seed, 3);
      const root: Tree = { members: [] };
      const all = next() % 12 === 0 ? some : [...some, time];
      for (const { steps, value } of all) put(root, steps, { scalar: value }, next);
      return root;
    });
} // prettier-ignore

function put(tree: Tree, steps: readonly Step[], value: Tree, next: () => number): void {
  const [step, ...rest] = steps;
  if (step === undefined) return;
  const below = rest.length === 0 ? value : containerFor(rest[0] as Step);
  if ('members' in tree) {
    const name = 'member' in step ? spelling(step.member, next) : 'x';
    const known = tree.members.find(([other, one]) => other.toLowerCase() === name.toLowerCase() && !('scalar' in one));
    if (known !== undefined && rest.length > 0 && next() % 4 !== 0) return put(known[1], rest, value, next);
    tree.members.push([name, below]);
  } else if ('elements' in tree) {
    if ('index' in step) while (tree.elements.length < step.index) tree.elements.push({ scalar: null });
    tree.elements.push(below);
  }
  if (rest.length > 0) put(below, rest, value, next);
}

function containerFor(step: Step): Tree {
  return 'member' in step ? { members: [] } : { elements: [] };
}

function spelling(name: string, next: () => number): string {
  const how = next() % 4;
  return how === 0 ? name.toUpperCase() : how === 1 ? name.replace(/[_.-]?\b[a-z]/g, (c) => c.toUpperCase()) : name;
}
