import fs from 'node:fs';
import { isErrorLogLine } from '../formats/combined.ts';
import { formatStringsIn } from './format-strings.ts';
import { sniffCompression } from '../sources/decompress.ts';

/** What a file is that is plainly no log of calls; undefined: that cannot be seen. */
export function plainlyNoLog(file: string): string | undefined {
  const head = headOf(file);
  if (head === undefined) return undefined;
  if (head.length === 0) return 'it is empty';
  if (formatStringsIn(file) !== undefined) return CONFIGURATION;
  const [first = ''] = head.toString('latin1').split('\n');
  if (isErrorLogLine(first)) return 'it is the error log of a server: calls stand in its access log';
  return head.includes(0) && sniffCompression(head) === 'none'
    ? 'it holds bytes that are no text, and of no compression that is known'
    : undefined;
}

const CONFIGURATION = 'it is the configuration of a server: its log format strings were held against the logs';
const HEAD_BYTES = 4096;

function headOf(file: string): Buffer | undefined {
  try {
    const descriptor = fs.openSync(file, 'r');
    try {
      const head = Buffer.alloc(HEAD_BYTES);
      return head.subarray(0, fs.readSync(descriptor, head, 0, HEAD_BYTES, 0));
    } finally {
      fs.closeSync(descriptor);
    }
  } catch {
    return undefined;
  }
}
