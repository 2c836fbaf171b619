import { createHash } from 'node:crypto';
import type { Delivered, ListedLog } from '../engines/sqlite/digests.ts';

/** Digest files are short; what is longer is none. */
const MOST_BYTES = 16 * 1024 * 1024;
/** They are written every hour. */
const LONGEST_MS = 86_400_000;
const SHA256_HEX = /^[0-9a-f]{64}$/i;

/** Where digest files of CloudTrail lie, whatever else the path is. To hash every log takes as long as to count it. */
export function hasDigests(files: readonly string[]): boolean {
  return files.some((file) => file.includes('CloudTrail-Digest'));
}

/** Runs along the bytes of a log of CloudTrail, for the digests that list it, or that it is. */
export class Delivery {
  readonly #hash = createHash('sha256');
  readonly #isDigest: boolean;
  #text: Buffer[] = [];
  #length = 0;

  constructor(format: string) {
    this.#isDigest = format === 'aws-cloudtrail-digest';
  }

  update(bytes: Buffer): void {
    this.#hash.update(bytes);
    this.#length += bytes.length;
    if (this.#isDigest && this.#length <= MOST_BYTES) this.#text.push(Buffer.from(bytes));
  }

  finish(): Delivered {
    const isWhole = this.#isDigest && this.#length <= MOST_BYTES;
    return { sha256: this.#hash.digest(), digest: isWhole ? readDigest(Buffer.concat(this.#text)) : undefined };
  }
}

/** What is not just as CloudTrail writes it proves nothing. */
function readDigest(bytes: Buffer): Delivered['digest'] {
  let value: Partial<Record<string, unknown>>;
  try {
    value = JSON.parse(bytes.toString('utf8')) as typeof value;
  } catch {
    return undefined;
  }
  const [fromAt, toAt] = [instant(value['digestStartTime']), instant(value['digestEndTime'])];
  const { digestS3Object: object, previousDigestHashValue: previous, logFiles } = value;
  if (fromAt === undefined || toAt === undefined || typeof object !== 'string' || !Array.isArray(logFiles))
    return undefined;
  const files = logFiles.map((one) => readListed(one as Partial<Record<string, unknown>> | null));
  if (toAt <= fromAt || toAt - fromAt > LONGEST_MS || files.includes(undefined)) return undefined;
  return { chain: chainOf(object), fromAt, toAt, previous: hashOf(previous), files: files as ListedLog[] };
}

function readListed(one: Partial<Record<string, unknown>> | null): ListedLog | undefined {
  const sha256 = hashOf(one?.['hashValue']);
  const name = one?.['s3Object'];
  if (sha256 === undefined || typeof name !== 'string') return undefined;
  return { sha256, name, fromAt: instant(one?.['oldestEventTime']) };
}

function hashOf(text: unknown): Buffer | undefined {
  return typeof text === 'string' && SHA256_HEX.test(text) ? Buffer.from(text, 'hex') : undefined;
}

function instant(text: unknown): number | undefined {
  const at = typeof text === 'string' ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}

/** One trail in one region writes digests that follow each other: their names differ in the time alone. */
function chainOf(object: string): string {
  return object.replace(/\/\d{4}\/\d{2}\/\d{2}(?=\/[^/]*$)/, '').replace(/_\d{8}T\d{6}Z\.json(?:\.gz)?$/, '');
}
