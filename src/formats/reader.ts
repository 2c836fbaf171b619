import { FieldCollector } from '../kernel/field-collector.ts';
import { compileTrie, type Leaf } from '../kernel/field-trie.ts';
import { lowerAscii } from '../kernel/field-path.ts';
import { decode, walkJson, type WalkResult } from '../kernel/json-walk.ts';
import { LargeJson } from '../kernel/large-json.ts';
import type { RawFields, Skip, SkipReason } from '../model.ts';
import { withoutHexEscapes } from './hex-escapes.ts';
import type { FieldMap, Format, Sample, UsageField } from './format.ts';
import { headerLine } from './csv.ts';
import { delimitedTable, type Table, w3cTable } from './table.ts';
import { capturesIn, type LineReader } from './text-lines.ts';

export interface LargeReader {
  /** It cannot be read, whatever comes. */
  readonly isUnreadable?: boolean;
  piece(bytes: Buffer, start: number, end: number): void;
  end(): RawFields | Skip;
}

/** Turns the bytes of one record into the fields that the map wants. */
export interface RecordReader {
  /** It holds the beginning of a record whose rest lies in the next ones. */
  readonly isOpen?: boolean;
  /** Another pass over a log begins. */
  reset?(): void;
  read(bytes: Buffer, start: number, end: number): RawFields | Skip;
  /** For a record that is not held in memory. */
  readLarge(): LargeReader;
  /**
   * A record is one JSON value, or a line of an access log, and is read by the field map and `refine` alone, so that it may
   * be read in groups, unless it is malformed, has no time, or is JSON and has no key but one of these as a quoted text in
   * whatever case.
   */
  readonly inGroups?: { readonly syntax: 'json' | 'combined'; readonly marks: readonly string[] };
  /** The table whose header a resumed reader must be given back. Undefined: every record can be read on its own. */
  readonly table?: Table;
}

/** The sample gives what a reader must know of the beginning of the log: the header of a delimited file. */
export function createReader(format: Format, fields: FieldMap, sample: Sample): RecordReader {
  const { syntax } = format;
  const refine = format.refine ?? ((found: RawFields) => found);
  switch (syntax.kind) {
    case 'json':
      return jsonReader(fields, refine, format.redactions ?? []);
    case 'text':
      return {
        ...textReader(fields, refine, syntax.match),
        ...(syntax.isCombined === true && bearOwnNames(fields) ? { inGroups: { syntax: 'combined', marks: [] } } : {}),
      };
    case 'delimited':
      return tableReader(fields, refine, delimitedTable(syntax, fields, headerLine(sample.lines)));
    case 'w3c':
      return tableReader(fields, refine, w3cTable(syntax));
    default:
      return syntax satisfies never;
  }
}

type Refine = (fields: RawFields) => RawFields | Skip;

function jsonReader(fields: FieldMap, refine: Refine, redactions: readonly string[]): RecordReader {
  const trie = compileTrie(fields);
  const collector = new FieldCollector();
  const finish = (result: WalkResult, isRedacted: boolean): RawFields | Skip => {
    const found = collector.take();
    if (isRedacted) found.keys.push({ text: REDACTED, kind: 'secret' });
    return result === 'ok' ? refine(found) : quarantined(result);
  };
  return {
    inGroups: { syntax: 'json', marks: redactions.map(nameIn) },
    read(bytes, start, end) {
      if (isBlank(bytes, start, end)) return BLANK;
      const result = walkJson(bytes, start, end, trie, collector);
      const repaired = result === 'malformed-json' ? withoutHexEscapes(bytes, start, end) : undefined;
      const isRedacted = redactions.some((text) => holds(bytes, start, end, text));
      if (repaired === undefined) return finish(result, isRedacted);
      collector.take();
      return finish(walkJson(repaired, 0, repaired.length, trie, collector), isRedacted);
    },
    readLarge() {
      const large = new LargeJson(trie, collector);
      return {
        piece: (bytes, start, end) => large.piece(bytes, start, end),
        end: () => finish(large.end(), redactions.length > 0),
      };
    },
  };
}

/** Reads as a key of which nothing is shown: the list of values that a redaction left empty. */
export const REDACTED = '[]';

/** `"Authorization":[]` is about the member of that name. */
function nameIn(redaction: string): string {
  return /^"([^"]+)"/.exec(redaction)?.[1] ?? redaction;
}

function holds(bytes: Buffer, start: number, end: number, text: string): boolean {
  return bytes.subarray(start, end).indexOf(text, 0, 'latin1') >= 0;
}

function tableReader(fields: FieldMap, refine: Refine, table: Table): RecordReader {
  return { ...textReader(fields, refine, (line) => table.read(line)), reset: () => table.reset?.(), table };
}

function textReader(fields: FieldMap, refine: Refine, match: LineReader): RecordReader {
  const leavesOf = wantedCaptures(fields);
  const collector = new FieldCollector();
  return {
    read(bytes, start, end) {
      if (isBlank(bytes, start, end)) return BLANK;
      const captures = match(decode(bytes, start, end, false));
      if (captures === undefined) return quarantined('malformed-line');
      if (isSkip(captures)) return captures;
      for (const [name, text] of capturesIn(captures)) {
        if (text === undefined) continue;
        for (const leaf of leavesOf(name)) collector.add(leaf, text);
      }
      return refine(collector.take());
    },
    readLarge: () => ({ isUnreadable: true, piece: () => undefined, end: () => quarantined('line-too-long') }),
  };
}

/** Each field is filled by the capture of its name. */
function bearOwnNames(fields: FieldMap): boolean {
  return Object.entries(fields).every(([field, capture]) => field === capture);
}

/** Tells which fields a capture or column fills, whatever the case of its name. */
function wantedCaptures(fields: FieldMap): (name: string) => readonly Leaf[] {
  const wanted = new Map<string, Leaf[]>();
  for (const [field, names] of Object.entries(fields) as [UsageField, string][]) {
    for (const [rank, name] of names.split('||').entries()) {
      const at = lowerAscii(name.trim());
      wanted.set(at, [...(wanted.get(at) ?? []), { field, rank, path: name.trim() }]);
    }
  }
  const byName = new Map<string, readonly Leaf[]>();
  return (name) => {
    let leaves = byName.get(name);
    if (leaves === undefined) {
      leaves = wanted.get(lowerAscii(name)) ?? [];
      byName.set(name, leaves);
    }
    return leaves;
  };
}

const BLANK: Skip = { skip: 'blank', quarantined: false };

export function quarantined(reason: SkipReason): Skip {
  return { skip: reason, quarantined: true };
}

export function isSkip(value: object): value is Skip {
  return 'skip' in value && 'quarantined' in value;
}

function isBlank(bytes: Buffer, start: number, end: number): boolean {
  let at = start;
  while (at < end && (bytes[at] === 0x20 || bytes[at] === 0x09)) at++;
  return at === end;
}
