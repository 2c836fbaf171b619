import zlib from 'node:zlib';

/**
 * CRC-32 of two stretches of bytes, one behind the other, from the CRC-32 of each. Appending bytes multiplies what was
 * there by x to the number of their bits, modulo the polynomial of CRC-32: done by squaring, as zlib's `crc32_combine`.
 */
export function combineCrc32(first: number, second: number, secondLength: number): number {
  let power = X_TO_EIGHT;
  let crc = first;
  for (let left = secondLength; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) crc = multiply(power, crc);
    power = multiply(power, power);
  }
  return (crc ^ second) >>> 0;
}

/** CRC-32 of bytes, as it is known from where they were decoded or found out now. */
export function crc32Of(bytes: Buffer): number {
  return KNOWN.get(bytes) ?? zlib.crc32(bytes);
}

/** CRC-32 of bytes that follow others. */
export function continueCrc32(first: number, bytes: Buffer): number {
  const known = KNOWN.get(bytes);
  return known === undefined ? zlib.crc32(bytes, first) : combineCrc32(first, known, bytes.length);
}

/** Spares others to find it out again, as long as they have the same buffer, with the same bytes. */
export function noteCrc32(bytes: Buffer, crc: number): void {
  KNOWN.set(bytes, crc);
}

const KNOWN = new WeakMap<Buffer, number>();

const POLYNOMIAL = 0xedb8_8320;
/** Bits are reversed: the highest is the coefficient of 1. */
const ONE = 0x8000_0000;
const X_TO_EIGHT = ONE >>> 8;

/** The product of two polynomials, modulo the polynomial of CRC-32. */
function multiply(a: number, b: number): number {
  let product = 0;
  let shifted = b;
  for (let bit = ONE; bit !== 0; bit >>>= 1) {
    if ((a & bit) !== 0) product ^= shifted;
    shifted = (shifted & 1) !== 0 ? (shifted >>> 1) ^ POLYNOMIAL : shifted >>> 1;
  }
  return product >>> 0;
}
