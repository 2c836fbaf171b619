import { unescapeLog } from './log-format.ts';

/**
 * JSON as nginx writes it without `escape=json`: quotes and bytes above ASCII are `\xHH`, which is no JSON. Undefined
 * when there is none of them.
 */
export function withoutHexEscapes(bytes: Buffer, start: number, end: number): Buffer | undefined {
  if (bytes.subarray(start, end).indexOf('\\x') < 0) return undefined;
  const text = bytes.toString('utf8', start, end);
  return Buffer.from(repairHexEscapes(text));
}

/** Runs of `\xHH` as the text that they stand for, written as JSON writes it. A backslash before them is one of the text. */
export function repairHexEscapes(text: string): string {
  return text.replace(/\\(?:((?:x[0-9A-Fa-f]{2}(?:\\(?=x[0-9A-Fa-f]{2}))?)+)|.)/gs, (escape, hex: string | undefined) =>
    hex === undefined ? escape : JSON.stringify(unescapeLog(escape)).slice(1, -1),
  );
}
