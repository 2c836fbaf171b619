import type { Counts } from '../tally/rollup.ts';

/** What was read of a log, and what became of it. */
export interface LineAccount {
  /** Bytes that were read, with line ends and the shell of documents. */
  bytes: number;
  /** Bytes that belong to a record that was counted, quarantined or skipped. */
  accounted: number;
  /** How many of these there are: each ends a line. */
  lines: number;
  /** They stand on a line with others. */
  nulRuns: number;
}

/** A mark at the start, a last line without line end, a quotation that the end of the log cuts off. */
const SLACK = 4;

export function addToAccount(
  account: LineAccount,
  counts: Counts,
  skips: ReadonlyMap<string, { readonly records: number }>,
): void {
  account.accounted += counts.countedBytes + counts.quarantinedBytes + counts.skippedBytes;
  account.lines += counts.records + counts.quarantined + counts.skipped;
  account.nulRuns += skips.get('nul-run')?.records ?? 0;
}

/**
 * Conservation: what belongs to no record is line ends. `unclear`: some lines end with CR LF and some with LF, so that
 * these must be counted to know. A difference is a bug, and thrown as such.
 */
export function balance(file: string, { bytes, accounted, lines, nulRuns }: LineAccount): 'balanced' | 'unclear' {
  const rest = bytes - accounted;
  const slack = SLACK + 2 * nulRuns;
  if (Math.abs(rest - lines) <= slack || Math.abs(rest - 2 * lines) <= slack) return 'balanced';
  if (rest < lines || rest > 2 * lines) throw difference(file, rest - lines);
  return 'unclear';
}

/** The same when the bytes of all line ends are known. */
export function balanceExactly(file: string, { bytes, accounted, nulRuns }: LineAccount, lineEnds: number): void {
  const rest = bytes - accounted - lineEnds;
  if (Math.abs(rest) > SLACK + 2 * nulRuns) throw difference(file, rest);
}

/** The same of documents: what belongs to no record is what their shell was seen to be. */
export function balanceDocuments(file: string, { bytes, accounted }: LineAccount, structure: number): void {
  const rest = bytes - accounted - structure;
  if (rest !== 0) throw difference(file, rest);
}

/** Counts the bytes of LF and CR LF. */
export async function countLineEnds(chunks: AsyncIterable<Buffer>): Promise<number> {
  let count = 0;
  let last = 0;
  for await (const bytes of chunks) {
    for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) {
      count += (at === 0 ? last : bytes[at - 1]) === CR ? 2 : 1;
    }
    last = bytes.at(-1) ?? last;
  }
  return count;
}

const LF = 0x0a;
const CR = 0x0d;

function difference(file: string, bytes: number): Error {
  return new Error(
    `${file}: ${bytes} bytes were read that belong to no record: this is a bug, and nothing of it is kept`,
  );
}
