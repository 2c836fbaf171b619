import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frameLines } from '../../src/kernel/frame-lines.ts';
import { every, frame, type Framed } from './frames.ts';

const lines = (bytes: Buffer, cuts: readonly number[] = [], largeBytes?: number, from = 0): Framed =>
  frame((sink, at) => frameLines(sink, at, largeBytes), bytes, cuts, from);

const texts = (bytes: string | Buffer): (string | undefined)[] =>
  lines(Buffer.from(bytes)).frames.map((one) => one.defect ?? one.text);

const log = fc
  .array(
    fc.constantFrom(
      'a',
      'bc',
      '{"k":1}',
      '\n',
      '\r\n',
      '\r',
      '\0',
      '\0\0\0',
      ' ',
      '\u2028',
      '\u0085',
      '\v\f',
      '\ufeff',
      'é',
      '',
    ),
    { maxLength: 30 },
  )
  .map((parts) => Buffer.from(parts.join('')));

describe('frameLines', () => {
  it('gives the same records, defects and end of reading however the bytes are cut', () => {
    fc.assert(
      fc.property(log, fc.array(fc.nat(80), { maxLength: 6 }), (bytes, cuts) => {
        const whole = lines(bytes);
        expect(lines(bytes, cuts)).toEqual(whole);
        expect(lines(bytes, every(1, bytes))).toEqual(whole);
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it('goes on from its last safe point as if it had not stopped', () => {
    fc.assert(
      fc.property(log, fc.nat(80), (bytes, stop) => {
        const before = lines(bytes.subarray(0, stop));
        const settled = before.frames.filter((one) => one.offset < before.safe);
        expect([...settled, ...lines(bytes, [], undefined, before.safe).frames]).toEqual(lines(bytes).frames);
      }),
      { seed: 2, numRuns: 500 },
    );
  });

  it('agrees with a plain split at LF', () => {
    fc.assert(
      fc.property(log, (bytes) => {
        const expected = bytes.toString('latin1').split('\n');
        if (expected.at(-1) === '') expected.pop();
        const found = lines(bytes).frames.filter((one) => one.defect === undefined);
        expect(found.map((one) => one.text)).toEqual(
          expected
            .map((line) => line.replace(/^\0+/, '').replace(/\r$/, ''))
            .filter((line, i) => line !== '' || expected[i]?.startsWith('\0') === false),
        );
      }),
      { seed: 3, numRuns: 500 },
    );
  });

  it('ends lines at LF and CRLF only', () => {
    expect(texts('a\rb\r\nc\u2028d\u0085e\n\n\vf')).toEqual([
      'a\rb',
      Buffer.from('c\u2028d\u0085e').toString('latin1'),
      '',
      '\vf',
    ]);
  });

  it('accounts for every byte but the line ends', () => {
    fc.assert(
      fc.property(log, (bytes) => {
        const inFrames = lines(bytes).frames.reduce((sum, one) => sum + one.length, 0);
        const text = bytes.toString('latin1');
        // A CR before LF, or as the last byte, belongs to the line end; one after NULs alone does too.
        const ends = (text.match(/\r?\n|\r$/g) ?? []).join('').length;
        expect(inFrames + ends).toBe(bytes.length);
      }),
      { seed: 4, numRuns: 500 },
    );
  });

  it('reports the NULs that copytruncate leaves and takes the line behind them', () => {
    const { frames } = lines(Buffer.from('a\n\0\0\0b\n\0\0'));
    expect(frames).toEqual([
      { offset: 0, length: 1, text: 'a' },
      { offset: 2, length: 3, defect: 'nul-run' },
      { offset: 5, length: 1, text: 'b' },
      { offset: 7, length: 2, defect: 'nul-run' },
    ]);
  });

  it('takes the line behind more NULs than a record may have bytes', () => {
    const hole = Buffer.concat([Buffer.alloc(50), Buffer.from('{"k":1}\n')]);
    expect(lines(hole, every(7, hole), 20)).toEqual(lines(hole));
  });

  it('treats a line over the limit alike however it is cut', () => {
    const sizes = [1, 10, 1000].map((size) => {
      const kinds: string[] = [];
      const framer = frameLines(
        {
          record: () => kinds.push('record'),
          defect: () => undefined,
          largeRecord: () => ({ piece: () => undefined, end: () => kinds.push('large') }),
          safePoint: () => undefined,
        },
        0,
        20,
      );
      const bytes = Buffer.from(`${'x'.repeat(30)}\n`);
      for (let at = 0; at < bytes.length; at += size) framer.push(bytes.subarray(at, at + size));
      framer.end();
      return kinds.join();
    });
    expect(new Set(sizes).size).toBe(1);
  });

  it('hands a line over the limit in pieces, with the same bytes at the same place', () => {
    const bytes = Buffer.from(`short\n${'long '.repeat(20)}\nlast`);
    for (const size of [1, 2, 3, 7, 20, 50]) expect(lines(bytes, every(size, bytes), 20)).toEqual(lines(bytes));
  });
});
