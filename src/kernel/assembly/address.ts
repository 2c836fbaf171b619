const LONGEST: u32 = 60;

/**
 * Length of an address without its port: `10.0.0.1:8443`, `[2001:db8::1]:8443`. Of anything that is not plainly one of
 * these, all of it.
 */
export function withoutPort(start: u32, length: u32): u32 {
  if (length > LONGEST) return length;
  const end = start + length;
  let at = end;
  while (at > start && <u32>load<u8>(at - 1) - 0x30 <= 9) at--;
  const digits = end - at;
  if (digits == 0 || digits > 5 || at < start + 2 || load<u8>(at - 1) != 0x3a) return length;
  const host = at - 1;
  return load<u8>(start) == 0x5b ? (isBracketed(start, host) ? host - start : length) : isFourParts(start, host) ? host - start : length;
}

/** Digits and dots. */
function isFourParts(start: u32, end: u32): bool {
  for (let at = start; at < end; at++) {
    const c: u32 = load<u8>(at);
    if (c - 0x30 > 9 && c != 0x2e) return false;
  }
  return true;
}

/** Hexadecimal digits, colons and dots in brackets. */
function isBracketed(start: u32, end: u32): bool {
  if (load<u8>(end - 1) != 0x5d) return false;
  for (let at = start + 1; at < end - 1; at++) {
    const c: u32 = load<u8>(at);
    if (c - 0x30 > 10 && (c | 0x20) - 0x61 > 5 && c != 0x2e) return false;
  }
  return true;
}
