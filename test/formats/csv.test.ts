import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csv, detectDelimiter, splitDelimited } from '../../src/formats/csv.ts';
import type { Sample } from '../../src/formats/format.ts';
import { cpuMs } from '../cpu-time.ts';

const sample = (...lines: string[]): Sample => ({
  text: lines.join('\n'),
  lines,
  records: [],
  recordsPath: '',
  isLines: false,
});

describe('splitDelimited', () => {
  it.each([
    ['a,b,c', ',', ['a', 'b', 'c']],
    ['', ',', ['']],
    [',', ',', ['', '']],
    ['a,"b,""c""",', ',', ['a', 'b,"c"', '']],
    ['""', ',', ['']],
    ['a\t"b\tc"', '\t', ['a', 'b\tc']],
    ['a;b"c;d', ';', ['a', 'b"c', 'd']],
    ['a,"open', ',', undefined],
    ['a,"x"y', ',', undefined],
    ['"""', ',', undefined],
  ])('splits %j at %j', (line, delimiter, expected) => {
    expect(splitDelimited(line, delimiter)).toEqual(expected);
  });

  it('gives back what was quoted', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1 }), fc.constantFrom(',', ';', '\t', '|'), (cells, delimiter) => {
        const line = cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(delimiter);
        expect(splitDelimited(line, delimiter)).toEqual(cells);
      }),
    );
  });

  it('takes time in line with the length of hostile lines', () => {
    const ms = cpuMs(() => {
      for (const part of ['"', '""', '",', ',', '",""']) splitDelimited(part.repeat(200_000), ',');
    });
    expect(ms).toBeLessThan(1000);
  });
});

describe('detectDelimiter', () => {
  it.each([
    ['a,b,c', ','],
    ['a;b;c', ';'],
    ['a\tb\tc', '\t'],
    ['a|b|c', '|'],
    ['"a,b,c";d', ';'],
    ['alone', ','],
  ])('finds the one of %j', (header, expected) => {
    expect(detectDelimiter(header)).toBe(expected);
  });
});

describe('csv', () => {
  it.each([
    ['commas', ['timestamp,api_key,ip', '2024-01-01T00:00:00Z,k1,1.2.3.4'], 0.9],
    ['semicolons and other case', ['Date;Key_ID;Status', '1689000000;k1;200', '1689000001;k2;200'], 0.9],
    ['quoted cells', ['"time","key","path"', '"2024-01-01 00:00:00","k1","/a,b"'], 0.9],
    ['a header alone', ['time,key,ip'], 0.6],
    ['half of the rows broken', ['time,key,ip', '2024-01-01T00:00:00Z,k1,::1', 'x'], 0.45],
    ['no key column, but other usual ones', ['time,ip,path', '2024-01-01T00:00:00Z,::1,/'], 0.9],
    ['no key column, and names of its own', ['time,foo,path', '2024-01-01T00:00:00Z,::1,/'], 0],
    ['no time column', ['key,ip,path', 'k,::1,/'], 0],
    ['no readable time', ['time,key,ip', 'soon,k1,::1'], 0],
    ['two columns', ['time,key', '2024-01-01T00:00:00Z,k1'], 0.9],
    ['one column', ['time', '2024-01-01T00:00:00Z'], 0],
    ['no lines', [], 0],
  ])('scores %s', (_, lines, score) => {
    expect(csv.recognise(sample(...lines))).toBeCloseTo(score);
  });
});
