import { describe, expect, it } from 'vitest';
import { balance, balanceDocuments, balanceExactly, countLineEnds } from '../../src/ingest/conservation.ts';

const ACCOUNT = { bytes: 10_100, accounted: 10_000, lines: 100, nulRuns: 0 };

async function* pieces(...texts: readonly string[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text);
}

describe('the bytes of a log of lines', () => {
  it.each([
    ['every line ends with LF', ACCOUNT],
    ['every line ends with CR LF', { ...ACCOUNT, bytes: 10_200 }],
    ['there is a mark at the start', { ...ACCOUNT, bytes: 10_103 }],
    ['the last line has no end', { ...ACCOUNT, bytes: 10_099 }],
  ])('come out when %s', (_, account) => {
    expect(balance('a.log', account)).toBe('balanced');
  });

  it.each([
    ['a line was lost', { ...ACCOUNT, bytes: 10_350 }],
    ['a line counted twice', { ...ACCOUNT, accounted: 10_100, lines: 101 }],
  ])('do not when %s: a bug', (_, account) => {
    expect(() => balance('a.log', account)).toThrow('this is a bug');
  });

  it('are counted where line ends differ', async () => {
    expect(balance('a.log', { ...ACCOUNT, bytes: 10_150 })).toBe('unclear');
    expect(() => balanceExactly('a.log', { ...ACCOUNT, bytes: 10_150 }, 150)).not.toThrow();
    expect(() => balanceExactly('a.log', { ...ACCOUNT, bytes: 10_150 }, 100)).toThrow('this is a bug');
    expect(await countLineEnds(pieces('a\r', '\nb\n\r\n', 'c\rd'))).toBe(5);
  });
});

describe('the bytes of documents', () => {
  it('are of records, defects and the shell, to the last one', () => {
    expect(() => balanceDocuments('a.json', ACCOUNT, 100)).not.toThrow();
    expect(() => balanceDocuments('a.json', ACCOUNT, 99)).toThrow('a.json: 1 bytes were read that belong to no record');
    expect(() => balanceDocuments('a.json', ACCOUNT, 101)).toThrow('this is a bug');
  });
});
