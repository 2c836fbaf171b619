import zlib from 'node:zlib';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { combineCrc32 } from '../../src/sources/crc32.ts';

it('the CRC-32 of two stretches is that of the bytes behind one another', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array({ maxLength: 5000 }), (first, second) => {
      const combined = combineCrc32(zlib.crc32(first), zlib.crc32(second), second.length);
      expect(combined).toBe(zlib.crc32(Buffer.concat([first, second])));
    }),
  );
});

it('stretches may be longer than 4 GB', () => {
  const zeros = Buffer.alloc(1024 * 1024);
  let crc = 0;
  let length = 0;
  // Doubling: the CRC-32 of so many zeros after a byte, from that of half as many.
  for (let doubling = 0; doubling <= 13; doubling++) {
    crc = doubling === 0 ? zlib.crc32(zeros) : combineCrc32(crc, crc, length);
    length = doubling === 0 ? zeros.length : length * 2;
  }
  expect(length).toBe(8 * 1024 ** 3);
  const whole = combineCrc32(combineCrc32(7, crc, length), zlib.crc32(zeros), zeros.length);
  expect(whole).toBe(combineCrc32(7, combineCrc32(crc, zlib.crc32(zeros), zeros.length), length + zeros.length));
});
