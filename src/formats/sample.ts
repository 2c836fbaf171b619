import { frameDocuments } from '../kernel/frame-documents.ts';
import type { Sample } from './format.ts';
import { repairHexEscapes } from './hex-escapes.ts';
import { share } from './json.ts';
import { USUAL_FIELDS } from './usual-fields.ts';

/** Members under which whole documents keep their records. */
const RECORD_MEMBERS = ['Records', 'records', 'Events', 'events', 'value', 'items', 'data', 'logEvents', 'entries', 'results', 'result', 'logs', 'requests']; // prettier-ignore

/** Exports of Elasticsearch, of OpenTelemetry and of Loki, and what is pushed to it, by what stands at their beginning. */
const NESTED_RECORDS = [
  ['"hits"', 'hits.hits[*]'],
  ['"resourceLogs"', 'resourceLogs[*].scopeLogs[*].logRecords[*]'],
  ['"resultType":"streams"', 'data.result[*].values[*][]'],
  ['"streams":[', 'streams[*].values[*][]'],
] as const;
const MAX_BEGINNING = 4096;

const MAX_RECORDS = 100;
const MAX_LINES = 100;
/** How many lines of a log in lines must be objects; the others may be noise such as start-up messages. */
const LINE_SHARE = 0.5;

/** Takes apart the first bytes of a log (decompressed), so that formats can look at them. */
export function takeSample(head: Buffer, recordsPath?: string): Sample {
  const text = head.toString('utf8').replace(/^\ufeff/, '');
  const all = text.split('\n');
  const complete = all.length > 1 ? all.slice(0, -1) : all;
  const lines = complete
    .map((line) => line.replace(/\r$/, ''))
    .filter((line) => line.trim() !== '')
    .slice(0, MAX_LINES);
  const json = jsonRecords(text, lines, recordsPath);
  return { text, lines, ...json };
}

/** A bracket alone may begin a line of text: a time stamp, the name of a container. */
const BEGINS_DOCUMENT = /^\s*(?:\{|\[\s*(?:[[{\]]|$))/;

type JsonRecords = Pick<Sample, 'records' | 'recordsPath' | 'isLines'>;

const NONE: JsonRecords = { records: [], recordsPath: '', isLines: false };

function jsonRecords(text: string, lines: readonly string[], recordsPath: string | undefined): JsonRecords {
  const byLine = lines.map(parseObject).filter((record) => record !== undefined);
  const isLines = byLine.length > 0 && (byLine.length >= lines.length * LINE_SHARE || areSingleLines(lines));
  if (recordsPath !== undefined)
    return { records: recordsAt(text, recordsPath).records, recordsPath, isLines: isLines && recordsPath === '' };
  const nested = nestedRecords(text);
  if (nested !== undefined) return nested;
  if (isLines && !areContainers(byLine)) return { records: byLine, recordsPath: '', isLines: true };
  if (!BEGINS_DOCUMENT.test(text)) return NONE;
  const member = recordsUnderMember(text);
  // Of one object whose end is not in the sample, nothing is whole.
  const values = member?.isOpen === true && text.trimStart().startsWith('{') ? [] : recordsAt(text, '').records;
  if (member !== undefined && (values.length === 0 || areContainers(values)))
    return { records: member.records, recordsPath: member.recordsPath, isLines: false };
  if (values.length === 0) return cutRecords(text);
  const empty = areContainers(values) ? emptyMember(values) : undefined;
  if (empty !== undefined) return { records: [], recordsPath: `${empty}[*]`, isLines: false };
  return { records: values, recordsPath: '', isLines: false };
}

/** Of a first record that is longer than the sample, what there is of it. */
function cutRecords(text: string): JsonRecords {
  const whole = text.length < MIN_CUT ? undefined : closed(text);
  if (whole === undefined) return NONE;
  const record = parseObject(whole);
  if (record === undefined) return { records: recordsAt(whole, '').records, recordsPath: '', isLines: false };
  const member = areContainers([record])
    ? RECORD_MEMBERS.find((name) => holdsRecords({ [name]: record[name] }))
    : undefined;
  if (member === undefined) return { records: [record], recordsPath: '', isLines: false };
  return { records: record[member] as Sample['records'], recordsPath: `${member}[*]`, isLines: false };
}

/** Shorter texts are whole logs. */
const MIN_CUT = 32 * 1024;

/** The text up to its last whole value, with the brackets that close what is open there. */
function closed(text: string): string {
  let [open, whole] = ['', ''];
  let end = 0;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|["{}[\],]/g)) {
    if (token === '"') break;
    if (token === '{' || token === '[') open = (token === '{' ? '}' : ']') + open;
    else if (token === '}' || token === ']') open = open.slice(1);
    if (token === ',' || token === '{' || token === '[') [end, whole] = [index + (token === ',' ? 0 : 1), open];
    else if (token === '}' || token === ']') [end, whole] = [index + 1, open];
  }
  return text.slice(0, end) + whole;
}

function recordsUnderMember(text: string): (Found & Pick<Sample, 'recordsPath'>) | undefined {
  const isEscaped = text.includes('\\u');
  for (const name of RECORD_MEMBERS) {
    // To look for each of them takes a walk through the text: many a line that is damaged is looked at.
    if (!isEscaped && !text.includes(`"${name}"`)) continue;
    const recordsPath = `${name}[*]`;
    const found = recordsAt(text, recordsPath);
    if (found.records.length > 0) return { ...found, recordsPath };
  }
  return undefined;
}

function nestedRecords(text: string): JsonRecords | undefined {
  const beginning = BEGINS_DOCUMENT.test(text) ? text.slice(0, MAX_BEGINNING) : '';
  const compact = beginning.replaceAll(/"\s*:\s*/g, '":');
  for (const [member, recordsPath] of NESTED_RECORDS) {
    const records = compact.includes(member) ? recordsAt(text, recordsPath).records : [];
    if (records.length > 0) return { records, recordsPath, isLines: false };
  }
  return undefined;
}

/** Lines that begin with a whole object, none of which is a part of a document that is printed over several. */
function areSingleLines(lines: readonly string[]): boolean {
  return parseObject(lines[0] ?? '') !== undefined && !lines.some((line) => /^\s*[{}[\]],?\s*$/.test(line));
}

/** A delivery without records. */
function emptyMember(values: Sample['records']): string | undefined {
  return RECORD_MEMBERS.find((name) => values.every((value) => Array.isArray(value[name])));
}

/**
 * Whether these objects only hold records: a list of objects under a usual member, and no time of their own. Half of them
 * are enough: documents of another kind may lie between them, such as digests, and are defects then.
 */
function areContainers(values: Sample['records']): boolean {
  const containers = values.filter(holdsRecords).length;
  return containers * 2 >= values.length && share({ records: values } as Sample, OWN_TIME) === 0;
}

/** What has a time is a record itself, such as an activity of Google Workspace with a list of events. */
const OWN_TIME = `${USUAL_FIELDS.time ?? ''} || id.time`;

function holdsRecords(value: Readonly<Record<string, unknown>>): boolean {
  return RECORD_MEMBERS.some((name) => Array.isArray(value[name]) && value[name].every((one) => isObject(one)));
}

/** `isOpen`: no document came to its end. */
interface Found extends Pick<Sample, 'records'> {
  readonly isOpen: boolean;
}

function recordsAt(text: string, path: string): Found {
  let isOpen = true;
  const records: Readonly<Record<string, unknown>>[] = [];
  const framer = frameDocuments(
    {
      record: (bytes, start, end) => {
        const record = records.length < MAX_RECORDS ? parseRecord(bytes.toString('utf8', start, end)) : undefined;
        if (record !== undefined) records.push(record);
      },
      defect: () => undefined,
      largeRecord: () => ({ piece: () => undefined, end: () => undefined }),
      safePoint: () => (isOpen = false),
    },
    path,
  );
  framer.push(Buffer.from(text));
  return { records, isOpen };
}

/** A record that is a list passes for an object whose members are numbered. */
function parseRecord(text: string): Readonly<Record<string, unknown>> | undefined {
  return text.startsWith('[')
    ? (parseObject(`{"list":${text}}`)?.['list'] as Readonly<Record<string, unknown>> | undefined)
    : parseObject(text);
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  const whole = text.trim();
  if (!whole.startsWith('{') || !(whole.endsWith('}') || whole.endsWith('\\x7d') || whole.endsWith('\\x7D')))
    return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    const repaired = repairHexEscapes(text);
    return repaired === text ? undefined : parseObject(repaired);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
