import { describe, expect, it } from 'vitest';
import { scanCalls } from '../../src/ingest/call-scan.ts';
import { planGroups } from '../../src/ingest/group-plan.ts';
import type { GroupHost } from '../../src/kernel/group-map.ts';
import { takeKernel } from '../../src/kernel/scan-kernel.ts';
import { newTally } from '../../src/tally/rollup.ts';
import { type Case, Fold, MAPS, planFor, readFast, readPlainly } from './kernel-oracle.ts';
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

function documentOf(records: readonly string[], chunk = 256 * 1024): Case {
  const one = caseOf(['{"Records":[', records.map((text) => text.trimEnd()).join(','), ']}\n'], chunk);
  return { ...one, plan: { ...one.plan, recordsPath: 'Records[*]' } };
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

it('the kernel has room for the map of every format', () => {
  for (const { name, format, fields } of MAPS) {
    const map = planGroups(planFor(format, fields), HOW, true);
    if (map === undefined) continue;
    const kernel = takeKernel(map, { kind: [name] } as unknown as GroupHost);
    expect([name, kernel]).toEqual([name, expect.anything()]);
    kernel?.end();
  }
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

describe('in documents, the kernel', () => {
  it('reads a record that is cut by the chunks', () => {
    for (const chunk of [700, 5000, 65_536])
      expectSame(
        documentOf(
          numbers(2000).map((i) => record(i)),
          chunk,
        ),
        0,
      );
  });

  it('leaves a record that is too long to the plain reader, and no record beside it', () => {
    const long = (length: number): string => record(1, { agent: 'x'.repeat(length) });
    const records = [
      record(0),
      long(1024 * 1024),
      record(2),
      long(9 * 1024 * 1024),
      record(3),
      long(70_000),
      record(4),
    ];
    for (const chunk of [1000, 65_536, 3_000_000]) expectSame(documentOf(records, chunk), 3);
  });

  it('loses nothing when its tables are full', () => {
    expectSame(documentOf(numbers(40_000).map((i) => record(i, { key: `example-key-${i % 35_000}` }))), 0);
    expectSame(documentOf(numbers(5000).map((i) => record(i, { at: START + (i % 2500) * HOUR }))), 0);
  });

  it('tells what is in an open document from what is settled, however many documents were read before', () => {
    const documents = numbers(300).map((i) => `{"Records":[${record(i).trimEnd()},${record(i + 1).trimEnd()}]}\n`);
    for (const end of ['', '{"Records":[', `{"Records":[${record(7)},`]) {
      const { plan, ...one } = caseOf([...documents, end], 10_000);
      expectSame({ ...one, plan: { ...plan, recordsPath: 'Records[*]' } }, 1);
    }
  });

  it('reads the rest of a chunk plainly when damaged records spoil its index time and again', () => {
    const damaged = numbers(50).map(() => '{"a":\\"x"}');
    const records = damaged.flatMap((text, i) => [record(i), text]);
    const { outcome } = readFast(documentOf(records));
    expect(outcome).toEqual(readPlainly(documentOf(records)));
  });
});

describe('records that are like those before them', () => {
  const known = numbers(5).map((i) => record(i));

  it('are malformed all the same when a value ends with something that is no quote', () => {
    const broken = record(6).replace('example-key-0001"', 'example-key-0001\u0001');
    const { outcome } = readFast(caseOf([...known, broken, record(7)]));
    expect(outcome).toEqual(readPlainly(caseOf([...known, broken, record(7)])));
    expect(outcome.tally).toMatchObject({ counts: { records: 6, quarantined: 1 } });
  });

  it('are no records where a line feed is white space in documents and ends a line in lines', () => {
    const spaced = known.map((text) => JSON.stringify(JSON.parse(text), null, 1));
    expectSame(documentOf(spaced), 0);
    const { outcome } = readFast(caseOf([`${spaced[0]}\n`]));
    expect(outcome).toEqual(readPlainly(caseOf([`${spaced[0]}\n`])));
    expect(outcome.tally).toMatchObject({ counts: { records: 0 } });
  });

  it('are of the open document on whichever day', () => {
    const { plan, how } = documentOf([]);
    const day = (n: number): string => record(0, { at: START + n * 24 * HOUR }).trimEnd();
    const scan = scanCalls(plan, how, 0, new Fold(how.source, plan), false);
    scan.push(Buffer.from(`{"Records":[${day(1)},${day(2)}]}\n{"Records":[${day(2)},${day(1)},${day(1)}`));
    const [settled, open] = [newTally(), newTally()];
    scan.drain(settled, open);
    scan.close();
    const calls = ({ rollups }: typeof open): number[][] =>
      [...rollups.values()].map(({ day: of, accepted }) => [of - START / (24 * HOUR), accepted]).toSorted();
    expect(calls(settled)).toEqual([[1, 1], [2, 1]]); // prettier-ignore
    expect(calls(open)).toEqual([[1, 2], [2, 1]]); // prettier-ignore
  });
});

describe('the kernel tells no groups apart', () => {
  it.each([
    ['ports', (i: number) => ({ client: { ip: `10.0.0.1:${1024 + i}` } })],
    ['ports of IPv6', (i: number) => ({ client: { ip: `[2001:db8::1]:${1024 + i}` } })],
    ['statuses of one outcome', (i: number) => ({ status: 200 + (i % 100) })],
  ])('by %s', (_, more) => {
    const lines = numbers(500).map((i) => ({
      timestamp: START + i,
      auth: { api_key: 'example-key-0001' },
      ...more(i),
    }));
    const one = caseOf(lines.map((line) => `${JSON.stringify(line)}\n`));
    expectSame(one, 0);
    expect(groupsOf(one)).toBe(1);
  });
});

describe('the kernel tells groups apart by the place of their key', () => {
  it('up to two hundred places, which it does not take for another field', () => {
    const key = numbers(200)
      .map((i) => `k${i}`)
      .join(' || ');
    const fields = { time: 'timestamp', key, ip: 'ip', userAgent: 'agent', status: 'code', system: 'app' };
    const text = 'example-key-0001';
    const lines = numbers(1000).map((i) => {
      const fieldOrKey = [{ agent: text, ip: '10.0.0.1' }, { app: text }, { [`k${i % 200}`]: text, ip: '10.0.0.1' }][
        i % 3
      ];
      return `${JSON.stringify({ timestamp: START + i, ...fieldOrKey })}\n`;
    });
    const one = { plan: planFor(FIVE.format, fields), how: HOW, log: Buffer.from(lines.join('')), chunk: 4096 };
    expectSame(one, 0);
    expect(groupsOf(one)).toBe(200);
  });
});

function groupsOf({ plan, how, log }: Case): number {
  const scan = scanCalls(plan, how, 0, new Fold(how.source, plan), false);
  scan.push(log);
  try {
    return scan.weight;
  } finally {
    scan.close();
  }
}

it('a status that is escaped says the outcome that it is', () => {
  const escaped = record(1).replace('"status":200', '"status":"40\\u0033"');
  const { outcome, plain } = readFast(caseOf([record(0), escaped, escaped, record(2)]));
  expect(outcome).toEqual(readPlainly(caseOf([record(0), escaped, escaped, record(2)])));
  expect([plain, escaped.includes('\\u0033')]).toEqual([2, true]);
});
