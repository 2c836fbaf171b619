import { FieldCollector } from '../kernel/field-collector.ts';
import { compileTrie, type TrieNode } from '../kernel/field-trie.ts';
import { frameDocuments } from '../kernel/frame-documents.ts';
import { walkJson } from '../kernel/json-walk.ts';
import type { RawFields } from '../model.ts';
import type { FieldMap } from './format.ts';

/**
 * What a log shipper wraps around a record of any format. Envelopes stack: `unwrap.ts` sees from the sample which of
 * them lie around the records, `envelope-reader.ts` takes them off.
 */
export interface Envelope {
  /** One or two words for people: "in CRI lines". */
  readonly name: string;
  /** Where in JSON the record lies. */
  readonly path?: string;
  /** Undefined: the record does not lie in this envelope. */
  open(bytes: Buffer, start: number, end: number): Letter | undefined;
}

/** What lies in an envelope, as bytes, and what the envelope says of it. */
export interface Letter {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  /** Counts only where the record itself has none. */
  readonly time: string | undefined;
  readonly identity: Readonly<Record<string, string>>;
  /** The output that it is a piece of, when the next letter of that output goes on where this one stops. */
  readonly partOf: string | undefined;
  /** The output that it is written to: it ends the pieces before it. */
  readonly stream: string;
}

export const SYSLOG = 'syslog lines';

/** Prefixes that cannot be mistaken: taken off before any format looks at the line. */
export const CERTAIN_PREFIXES: readonly Envelope[] = [
  // https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md
  prefix(
    'CRI lines',
    /^(?<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) (?<stream>stdout|stderr) (?<tag>[PF])(?::\S{0,100})?(?: |$)/,
  ),
  // RFC 5424; the structured data may hold escaped quotes and brackets.
  prefix(
    SYSLOG,
    /^(?:\d{1,6} )?<\d{1,3}>\d{1,2} (?<time>\S{1,40}) \S{1,255} \S{1,100} \S{1,200} \S{1,100} (?:-|(?:\[(?:[^\]\\"]|\\.|"(?:[^"\\]|\\.)*")*\])+)(?: (?:\xef\xbb\xbf)?|$)/,
  ),
];

/** Prefixes that other lines may begin with too: taken off when nothing is recognised with them, but without. */
export const LIKELY_PREFIXES: readonly Envelope[] = [
  // RFC 3164: the year is missing, so its time stands for nothing.
  prefix(
    SYSLOG,
    /^(?:<\d{1,3}>)?[A-Z][a-z]{2} [ \d]\d (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d{1,9})? (?:[^\s:[\]]{1,255} |[0-9A-Fa-f:.]{2,45} )?[^\s:[\]]{1,100}(?:\[[^\]\s]{1,40}\])?: ?/,
    // The file format of rsyslog; Fastly has a priority before it.
    /^(?:<\d{1,3}>)?(?<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) (?!\d{4}-\d\d-\d\dT)[^\s<]\S{0,254} [^\s:[\]]{1,100}(?:\[[^\]\s]{1,40}\])?: ?/,
  ),
  // Caddy's console encoder: what is JSON of it lacks the time and the name of the logger.
  prefix(
    'lines of a console',
    /^(?<time>\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})?)\t\S{1,20}\thttp\.log\.access\S{0,100}\t[^\t{]{0,200}\t/,
  ),
  // CloudWatch Logs export, `docker logs -t`, `kubectl logs --timestamps`; `aws logs tail` adds the stream.
  prefix(
    'lines after a time stamp',
    /^(?<time>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)[ \t]+/,
    // Grafana's export of Loki has the epoch before it.
    /^\d{13,19}\t(?<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z)\t/,
  ),
  // docker compose, kubectl logs --prefix, stern.
  prefix('lines after the name of a container', /^(?:[\w./-]{1,100} *\| |\[pod\/[^\]\s]{1,300}\] )/),
  // Cloud Foundry and Heroku: `[RTR/0] OUT `, `app[web.1]: `; and syslog that lost its time: `frontend.0 nginx: `.
  prefix(
    'lines after the name of a program',
    /^(?:\[[\w./-]{1,100}\] (?:OUT|ERR) |(?:[\w.-]{1,255} )?[\w./-]{1,100}(?:\[[\w.-]{1,40}\])?: )/,
  ),
];

/**
 * What a logger of a program writes before the JSON that it was given: time, level, thread, class, a few words. Where it
 * may tell of the request itself, it is not taken off.
 */
export const TEXT_BEFORE_JSON: Envelope = {
  name: 'lines after other text',
  open(bytes, start, end) {
    const head = bytes.toString('latin1', start, Math.min(end, start + MAX_TEXT_BEFORE));
    const length = head.indexOf('{"');
    const before = head.slice(0, Math.max(length, 0));
    if (before === '' || !endsWithBrace(bytes, end) || MAY_TELL.test(before) || holdsKey(before)) return undefined;
    const time = STAMP.exec(before)?.[0].replace(',', '.');
    return { bytes, start: start + length, end, time, identity: {}, stream: '', partOf: undefined };
  },
};

const MAX_TEXT_BEFORE = 512;
const STAMP = /\d{4}[/-]\d\d[/-]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z| ?[+-]\d\d:?\d\d)?/;
/** Pairs, queries, quoted texts, addresses, methods. */
const MAY_TELL = /[=?&"]|:\/\/|\b(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)\b/;

function endsWithBrace(bytes: Buffer, end: number): boolean {
  let last = end - 1;
  while (last >= 0 && (bytes[last] === 0x20 || bytes[last] === 0x0d)) last--;
  return bytes[last] === CLOSE_BRACE;
}

/** A long word with digits and no other signs than keys have, unless it is an id such as a UUID or of a trace. */
function holdsKey(text: string): boolean {
  const words = text.match(/[\w~-]{16,}/g) ?? [];
  return words.some((word) => /\d/.test(word) && /[a-z]/i.test(word) && !/^[\da-f-]{16,36}$/i.test(word));
}

/** Any word may be that: a virtual host before an access log, too. */
export const WORD_PREFIX: Envelope = prefix('lines after the name of a stream', /^[\w./$[\]-]{1,200}[ \t]+/);

/** Members of JSON envelopes in which the line sits; Loki's are lists of time and line. */
const LINE_MEMBERS = [
  'log', 'message', 'msg', 'line', 'textPayload', '@message', 'short_message', 'full_message', '_raw',
  'result._raw', 'event', 'body', 'LogEntry', 'LogMessage', 'properties.log', 'event.original', '_source.message',
  '_source.log', 'raw', 'data', 'payload', 'text', 'body.stringValue', '[1]',
] as const; // prettier-ignore

/** Members in which the record sits as an object. */
const OBJECT_MEMBERS = [
  'jsonPayload', '_source', 'log_processed', 'log', 'message', 'msg', 'event', 'detail', 'properties.log', 'record',
  'body', 'data', 'payload', 'result', 'value', 'fields', 'json', 'aws', 'gcp', 'github', 'data.aws', 'data.gcp', 'data.github', 'logContent.data',
] as const; // prettier-ignore

/** Every JSON envelope that there is. `splits`: text without a line end goes on in the next letter, as in Docker's files. */
export function jsonEnvelopes(splits: boolean): readonly Envelope[] {
  return [...LINE_MEMBERS.map((path) => jsonLine(path, splits)), ...OBJECT_MEMBERS.map(jsonObject)];
}

/** Docker's json-file: `{"log":"...\n","stream":"stdout","time":"..."}`. */
export function isDockerFile(records: readonly Readonly<Record<string, unknown>>[]): boolean {
  const own = records.filter(({ log, stream, time }) => isText(log) && isText(stream) && isText(time));
  return own.length > 0 && own.filter(({ log }) => String(log).endsWith('\n')).length * 2 > own.length;
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function prefix(name: string, ...patterns: readonly RegExp[]): Envelope {
  return {
    name,
    open(bytes, start, end) {
      const head = bytes.toString('latin1', start, Math.min(end, start + MAX_PREFIX));
      const match = patterns.reduce<RegExpExecArray | null>((found, pattern) => found ?? pattern.exec(head), null);
      if (match === null) return undefined;
      const { time, stream = '', tag } = match.groups ?? {};
      return {
        bytes,
        start: start + match[0].length,
        end,
        time,
        identity: {},
        stream,
        partOf: tag === 'P' ? stream : undefined,
      };
    },
  };
}

const MAX_PREFIX = 4096;

/** Of the container that the line is of; what other shippers say of it differs too much to be named. */
const PROJECT = 'container.project || metadata.project';
const PARTIAL = 'logtag || _p || partial_message';

function jsonLine(path: string, splits: boolean): Envelope {
  // Of all the envelopes that are looked at, few are opened.
  let trie: TrieNode | undefined;
  const collector = new FieldCollector();
  return {
    name: `JSON, in "${path}"`,
    path,
    open(bytes, start, end) {
      if (bytes[start] !== (path === '[1]' ? OPEN_BRACKET : OPEN_BRACE)) return undefined;
      trie ??= compileTrie({ ...LINE_FIELDS, 'identity.line': path });
      const result = walkJson(bytes, start, end, trie, collector);
      const { time, identity } = collector.take();
      const text = identity['line'];
      if (result !== 'ok' || text === undefined) return undefined;
      const line = Buffer.from(text.replace(/\r?\n$/, ''));
      const stream = identity['stream'] ?? '';
      return {
        bytes: line,
        start: 0,
        end: line.length,
        time,
        identity: projectOf(identity),
        stream,
        partOf: isPart(identity, splits) ? stream : undefined,
      };
    },
  };
}

const LINE_FIELDS: FieldMap = {
  time: 'time || timestamp || @timestamp || ts || _time || date || __REALTIME_TIMESTAMP || TimeGenerated || result._time || timeUnixNano || _source.@timestamp || [0]',
  'identity.stream': 'stream || source',
  'identity.partial': PARTIAL,
  'identity.last': 'partial_last',
  'identity.project': PROJECT,
};

const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;

function projectOf({ project }: RawFields['identity']): Letter['identity'] {
  return project === undefined ? {} : { project };
}

/** The runtime says so; Docker's own files do not, but there a text of full length without a line end is cut. */
function isPart({ partial, last, line = '' }: RawFields['identity'], splits: boolean): boolean {
  if (partial !== undefined) return partial === 'P' || (partial === 'true' && last !== 'true');
  return splits && !line.endsWith('\n') && Buffer.byteLength(line) >= DOCKER_PART_BYTES;
}

/** https://github.com/moby/moby/blob/master/daemon/logger/copier.go */
const DOCKER_PART_BYTES = 16 * 1024;

function jsonObject(path: string): Envelope {
  let trie: TrieNode | undefined;
  const collector = new FieldCollector();
  return {
    name: `JSON, in "${path}"`,
    path,
    open(bytes, start, end) {
      if (bytes[start] !== OPEN_BRACE) return undefined;
      trie ??= compileTrie(OBJECT_FIELDS);
      const found = objectAt(path, bytes, start, end);
      if (found === undefined || walkJson(bytes, start, end, trie, collector) !== 'ok') {
        collector.take();
        return undefined;
      }
      const { time, identity } = collector.take();
      return { ...found, time, identity, stream: '', partOf: undefined };
    },
  };
}

const OBJECT_FIELDS: FieldMap = {
  time: 'timestamp || time || @timestamp || ts || logContent.time',
  'identity.project': PROJECT,
};

function objectAt(
  path: string,
  bytes: Buffer,
  start: number,
  end: number,
): Pick<Letter, 'bytes' | 'start' | 'end'> | undefined {
  let found: Pick<Letter, 'bytes' | 'start' | 'end'> | undefined;
  const framer = frameDocuments(
    {
      record: (record, from, to) => (found ??= { bytes: record, start: from, end: to }),
      defect: () => undefined,
      largeRecord: () => ({ piece: () => undefined, end: () => undefined }),
      safePoint: () => undefined,
    },
    path,
  );
  framer.push(bytes.subarray(start, end));
  return found;
}
