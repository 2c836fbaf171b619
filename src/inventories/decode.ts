import { inventoryError } from './inventory.ts';

/** The text of an inventory in UTF-8 or UTF-16, with or without a byte order mark. Throws on bytes that are no text. */
export function decodeText(bytes: Uint8Array, file: string): string {
  const encoding = encodingOf(bytes);
  let text: string;
  try {
    text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw inventoryError(
      file,
      undefined,
      `is not text in ${encoding.toUpperCase()}`,
      'Save it as UTF-8, uncompressed.',
    );
  }
  if (text.trim() === '') throw inventoryError(file, undefined, 'is empty');
  const nul = text.indexOf('\0');
  if (nul === -1) return text;
  const line = text.slice(0, nul).split('\n').length;
  throw inventoryError(file, `line ${line}`, 'holds a NUL character: the file is damaged');
}

/** Without a mark, a NUL in the first character tells UTF-16: every inventory begins with an ASCII character. */
function encodingOf(bytes: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0)) return 'utf-16le';
  if ((first === 0xfe && second === 0xff) || (first === 0 && second !== 0)) return 'utf-16be';
  return 'utf-8';
}
