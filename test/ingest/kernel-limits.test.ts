import { describe, expect, it } from 'vitest';
import { MAPS, planFor, readFast, readPlainly, type Case } from './kernel-oracle.ts';
import { HOW } from './reading.ts';

const FIVE = MAPS.find(({ name }) => name === 'five fields') as (typeof MAPS)[number];
const START = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;

function record(i: number, more: { key?: unknown; at?: number; agent?: string } = {}): string {
  const { key = 'example-key-0001', at = START + i, agent = 'curl/8.5.0' } = more;
  return `${JSON.stringify({ timestamp: at, auth: { api_key: key }, headers: { 'user-agent': agent }, client: { ip: '10.0.0.1' }, status: 200 })}\n`;
}

function caseOf(parts: readonly string[], chunk = 256 * 1024): Case {
  return { plan: planFor(FIVE.format, FIVE.fields), how: HOW, log: Buffer.from(parts.join('')), chunk };
}

function expectSame(one: Case, mostPlain: number): void {
  const { outcome, plain } = readFast(one);
  expect(outcome).toEqual(readPlainly(one));
  expect(plain).toBeLessThanOrEqual(mostPlain);
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe('the kernel loses nothing when its tables are full', () => {
  it('of groups', () => {
    expectSame(caseOf(numbers(40_000).map((i) => record(i, { key: `example-key-${i % 35_000}` }))), 0);
  });

  it('of bytes for groups', () => {
    const agent = 'a long agent '.repeat(400);
    expectSame(caseOf(numbers(4000).map((i) => record(i, { key: `example-key-${i}`, agent }))), 0);
  });

  it('of days', () => {
    const ofDay = (i: number): string =>
      record(i, { key: `example-key-${i % 2000}`, at: START + (i % 71) * 24 * HOUR });
    expectSame(caseOf(numbers(145_000).map(ofDay)), 0);
  });

  it('of hours', () => {
    expectSame(caseOf(numbers(5000).map((i) => record(i, { at: START + (i % 2500) * HOUR }))), 0);
  });

  it('of keys of one record', () => {
    expectSame(caseOf([record(0, { key: numbers(40).map((i) => `example-key-${i}`) }), record(1)]), 1);
  });
});

describe('the kernel leaves to the plain reader', () => {
  it('a line longer than its memory, and no line beside it', () => {
    const long = (length: number): string => record(1, { agent: 'x'.repeat(length) });
    const lines = [record(0), long(1024 * 1024), record(2), long(9 * 1024 * 1024), record(3), long(70_000), record(4)];
    for (const chunk of [1000, 65_536, 3_000_000]) expectSame(caseOf(lines, chunk), 3);
  });

  it('a damaged line, and no line beside it', () => {
    const damaged = ['{"a":"', '"', '\\', '{"a":"\\', '{"a":"\\"', '\0', '{"timestamp":'];
    expectSame(caseOf(damaged.flatMap((line, i) => [record(i), `${line}\n`])), 0);
  });

  it('the last line when it has no line end', () => {
    expectSame(caseOf([record(0), record(1).trimEnd()]), 1);
  });
});
