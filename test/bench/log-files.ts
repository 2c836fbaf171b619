import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { combinedLines } from './made-access-log.ts';
import { gatewayLines } from './made-log.ts';
import { trailDocuments } from './made-trail.ts';

export const LOG_KINDS = ['plain', 'gzip', 'many', 'cloudtrail', 'combined'] as const;
export type LogKind = (typeof LOG_KINDS)[number];

/** Logs of one kind on disk. */
export interface LogFiles {
  readonly kind: LogKind;
  readonly files: readonly string[];
  /** Of what is in them, unpacked. */
  readonly bytes: number;
  readonly packedBytes: number;
}

/** Bytes of one record, with its line end. */
const RECORD_BYTES = { gateway: 556, trail: 1464, combined: 194 };
const FILES_OF_MANY = 8;
/** As nginx, logrotate and CloudTrail pack. */
const GZIP_LEVEL = 6;
/** To be raised when a maker changes: logs that lie in the folder are not made again. */
const VERSION = 2;

/** Makes logs of about so many bytes in a folder, or finds them there: the same text for the same size on every machine. */
export function makeLogFiles(folder: string, kind: LogKind, bytes: number): LogFiles {
  const home = path.join(folder, `lastcall-bench-${VERSION}`, `${kind}-${bytes}`);
  // Beside the folder, which is read as a whole.
  const done = `${home}.json`;
  if (!fs.existsSync(done)) {
    fs.rmSync(home, { recursive: true, force: true });
    fs.mkdirSync(home, { recursive: true });
    const sizes = MAKERS[kind](home, bytes);
    fs.writeFileSync(done, JSON.stringify(sizes));
  }
  const sizes = JSON.parse(fs.readFileSync(done, 'utf8')) as Sizes;
  const files = Object.keys(sizes.files).map((name) => path.join(home, name));
  return { kind, files, bytes: sizes.bytes, packedBytes: sum(Object.values(sizes.files)) };
}

interface Sizes {
  readonly bytes: number;
  /** By name, as they lie on disk. */
  readonly files: Readonly<Record<string, number>>;
}

const MAKERS: Readonly<Record<LogKind, (home: string, bytes: number) => Sizes>> = {
  plain: (home, bytes) => inOne(home, 'gateway.jsonl', gatewayLines(recordsIn(bytes, 'gateway'))),
  combined: (home, bytes) => inOne(home, 'access.log', combinedLines(recordsIn(bytes, 'combined'))),
  gzip: (home, bytes) => packed(home, recordsIn(bytes, 'gateway'), 1),
  many: (home, bytes) => packed(home, recordsIn(bytes, 'gateway'), FILES_OF_MANY),
  cloudtrail: (home, bytes) => documents(home, trailDocuments(recordsIn(bytes, 'trail'))),
};

function recordsIn(bytes: number, of: keyof typeof RECORD_BYTES): number {
  return Math.floor(bytes / RECORD_BYTES[of]);
}

function inOne(home: string, name: string, lines: Iterable<string>): Sizes {
  const bytes = writePieces(path.join(home, name), lines);
  return { bytes, files: { [name]: bytes } };
}

/** One log in so many files of as many records each. */
function packed(home: string, records: number, count: number): Sizes {
  const lines = gatewayLines(records);
  const endOf = (file: number): number => Math.floor((file * records) / count);
  const files: Record<string, number> = {};
  let bytes = 0;
  for (let file = 0; file < count; file++) {
    const name = `gateway-${file}.jsonl.gz`;
    const plain = path.join(home, 'plain');
    bytes += writePieces(plain, next(lines, endOf(file + 1) - endOf(file)));
    files[name] = packFile(plain, path.join(home, name));
  }
  return { bytes, files };
}

/** So many more of it; it stays open, unlike after `take`. */
function* next(lines: Iterator<string>, count: number): Generator<string> {
  for (let i = 0; i < count; i++) {
    const line = lines.next();
    if (line.done === true) return;
    yield line.value;
  }
}

function documents(home: string, texts: Iterable<string>): Sizes {
  const files: Record<string, number> = {};
  let bytes = 0;
  for (const text of texts) {
    const name = `123456789012_CloudTrail_eu-west-1_${String(Object.keys(files).length).padStart(6, '0')}.json.gz`;
    const content = zlib.gzipSync(text, { level: GZIP_LEVEL });
    fs.writeFileSync(path.join(home, name), content);
    bytes += Buffer.byteLength(text);
    files[name] = content.length;
  }
  return { bytes, files };
}

const PIECE = 4 * 1024 * 1024;

function writePieces(file: string, lines: Iterable<string>): number {
  const out = fs.openSync(file, 'w');
  let [piece, bytes] = ['', 0];
  const flush = (): void => {
    bytes += fs.writeSync(out, piece);
    piece = '';
  };
  for (const line of lines) {
    piece += line;
    if (piece.length >= PIECE) flush();
  }
  flush();
  fs.closeSync(out);
  return bytes;
}

/** One gzip member, as if packed in one go, without holding the log in memory. */
function packFile(plain: string, to: string): number {
  const input = fs.openSync(plain, 'r');
  const output = fs.openSync(to, 'w');
  const buffer = Buffer.alloc(64 * PIECE);
  let bytes = 0;
  for (let size = fs.readSync(input, buffer); size > 0; size = fs.readSync(input, buffer)) {
    bytes += fs.writeSync(output, zlib.gzipSync(buffer.subarray(0, size), { level: GZIP_LEVEL }));
  }
  fs.closeSync(input);
  fs.closeSync(output);
  fs.rmSync(plain);
  return bytes;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
