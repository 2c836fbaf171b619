import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readActivity } from '../../src/engines/sqlite/activity.ts';
import { openForReading } from '../../src/engines/sqlite/store.ts';
import { planReading } from '../../src/ingest/reading-plan.ts';
import { scanRecords } from '../../src/ingest/record-scan.ts';
import { addSkip, addUsage, newTally, type Counts } from '../../src/tally/rollup.ts';
import { newLab } from './harness.ts';
import { AUTO, HOW } from './reading.ts';

const TIME = '2026-09-01T10:00:00Z';

/** Text of a record, and what becomes of it. */
interface Made {
  readonly text: string;
  readonly is: 'records' | 'quarantined' | 'skipped';
}

const good: fc.Arbitrary<Made> = fc
  .tuple(fc.nat(9), fc.string({ maxLength: 12, unit: 'binary' }))
  .map(([n, note]) => ({ text: JSON.stringify({ time: TIME, api_key: `example-key-000${n}`, note }), is: 'records' }));

/** Brackets and quotes are in balance, so that inside a document they hide no neighbour. */
const bad: fc.Arbitrary<Made> = fc
  .constantFrom('{"time":"never"}', '{"a" 1}', '{}', '{"time":"2026-02-30T00:00:00Z","api_key":"x"}', '{"time":,}')
  .map((text) => ({ text, is: 'quarantined' }));

const badLine: fc.Arbitrary<Made> = fc
  .constantFrom('{"time":', 'started', '[', '"', '\u0000\u0000', '{"time":"2026-09-01T10:00:00Z"}}', '{{{{')
  .map((text) => ({ text, is: 'quarantined' }));

const blank: fc.Arbitrary<Made> = fc.constantFrom('', ' ', '\t ').map((text) => ({ text, is: 'skipped' }));

const lines = fc.array(fc.oneof({ weight: 3, arbitrary: good }, bad, badLine, blank), { maxLength: 12 });
const elements = fc.array(fc.oneof({ weight: 2, arbitrary: good }, bad), { minLength: 1, maxLength: 8 });
const lineEnd = fc.constantFrom('\n', '\r\n');
const cuts = fc.array(fc.nat(2000), { maxLength: 6 });

/** So that they are taken for lines of JSON, and so for a log of one record a line. */
const START = Array.from({ length: 30 }, (): Made => ({ text: JSON.stringify({ time: TIME }), is: 'records' }));

describe('every byte and every record is accounted for once', () => {
  it('in lines, whatever stands between them, with and without a mark at the start and an end of the last line', () => {
    fc.assert(
      fc.property(lines, lineEnd, fc.boolean(), fc.boolean(), cuts, (more, end, hasMark, isEnded, places) => {
        const made = [...START, ...more, START[0] as Made];
        const log = (hasMark ? '\ufeff' : '') + made.map(({ text }) => text).join(end) + (isEnded ? end : '');
        const { counts, structure } = account(log, places);
        expect(totals(counts)).toEqual(count(made));
        expect(structure.replaceAll(/[\r\n]|^\ufeff/g, '')).toBe('');
        expect(sumOf(counts) + Buffer.byteLength(structure)).toBe(Buffer.byteLength(log));
      }),
      { seed: 11 },
    );
  });

  it('in documents of any shape', () => {
    const shapes = [
      (texts: readonly string[]) => `{"Records":[${texts.join(',')}]}`,
      (texts: readonly string[]) =>
        `{ "kind": "a\\"b", "Records" : [\n  ${texts.join(' ,\n  ')}\n] , "next": {"Records": 1} }\n`,
      (texts: readonly string[]) => `[${texts.join(',')}]`,
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...shapes),
        fc.array(elements, { minLength: 1, maxLength: 3 }),
        cuts,
        (shape, documents, places) => {
          const made = documents.map((one) => [START[0] as Made, ...one]);
          const parts = made.map((one) => shape(one.map(({ text }) => text)));
          const { counts, structure, structureBytes } = account(parts.join('\n'), places);
          expect(totals(counts)).toEqual(count(made.flat()));
          expect(structure).toBe(made.map((one) => shape(one.map(() => ''))).join('\n'));
          expect(structureBytes).toBe(structure.length);
        },
      ),
      { seed: 12 },
    );
  });

  it('in rows', () => {
    const row = fc.constantFrom<Made>(
      { text: `${TIME},example-key-0001,200`, is: 'records' },
      { text: `"${TIME}","example,""key""",401`, is: 'records' },
      { text: `${TIME},too-few`, is: 'quarantined' },
      { text: `never,example-key-0001,200`, is: 'quarantined' },
      { text: `"torn"x,example-key-0001,200`, is: 'quarantined' },
      { text: `${TIME},"example\nkey",200`, is: 'records' },
      { text: 'time,api_key,status', is: 'skipped' },
      { text: '', is: 'skipped' },
    );
    fc.assert(
      fc.property(fc.array(row, { maxLength: 10 }), lineEnd, cuts, (rows, end, places) => {
        const made: Made[] = [{ text: 'time,api_key,status', is: 'skipped' }, ...rows];
        const log = made.map(({ text }) => `${text}${end}`).join('');
        const { counts, structure } = account(log, places, 'csv');
        expect(totals(counts)).toEqual(count(made.flatMap(linesOf)));
        expect(structure.replaceAll(/\r?\n/g, '')).toBe('');
      }),
      { seed: 13 },
    );
  });

  /** Of a row over several lines the last one counts; the others are pieces of it. */
  function linesOf({ text, is }: Made): Made[] {
    const pieces = text.split('\n');
    return pieces.map((piece, i) => ({ text: piece, is: i === pieces.length - 1 ? is : 'skipped' }));
  }

  it('in the report, by source, and what is not settled apart', async () => {
    const lab = newLab();
    const event = (n: number): string =>
      `{"eventVersion":"1.08","eventTime":"${TIME}","eventSource":"s3.amazonaws.com","eventName":"X","eventID":"${n}"}`;
    const trail = `{"Records":[${event(1)},\n${event(2)},\n${event(2)},\n"odd"]}`;
    const whole = `{"Records":[${event(0)}]}\n`;
    lab.write('trail.json', `${whole}${trail}\n{"Records":[${event(3)}`);
    lab.write('app.log', `${START.map(({ text }) => `${text}\r\n`).join('')}\n{"torn\n{"time":"2026`);
    await lab.read();
    const store = openForReading(lab.db, undefined);
    const accounts = readActivity(store.db, new Map()).map((one) => [one.source, one.bytes, one.account]);
    store.close();
    const start = Buffer.byteLength((START[0] as Made).text) * START.length;
    expect(accounts).toEqual([
      [
        'aws-cloudtrail',
        whole.length + trail.length + 13 + event(3).length,
        {
          counted: 3 * event(1).length,
          quarantined: 5,
          skipped: event(2).length,
          structure: 35,
          pending: 13 + event(3).length,
        },
      ],
      ['json', start + 81, { counted: start, quarantined: 6, skipped: 0, structure: 62, pending: 13 }],
    ]);
  });

  it('in the ledger, over two runs with a cut between them', async () => {
    await fc.assert(
      fc.asyncProperty(lines, fc.nat(1500), async (more, extra) => {
        const made = [...START, ...more, START[0] as Made];
        const log = Buffer.from(made.map(({ text }) => `${text}\n`).join(''));
        const lab = newLab();
        const start = Buffer.byteLength(`${(START[0] as Made).text}\n`) * 10;
        lab.write('a.log', log.subarray(0, start + extra));
        await lab.read();
        lab.write('a.log', log);
        await lab.read();
        const { records, quarantined, skipped } = count(made);
        expect(lab.dump().sources).toEqual([`json | json | ${records} | ${quarantined} | ${skipped}`]);
        expect(lab.dump().faults).toEqual([]);
      }),
      { seed: 14, numRuns: 10, endOnFailure: true },
    );
  });
});

interface Account {
  readonly counts: Counts;
  readonly structure: string;
  readonly structureBytes: number | undefined;
}

/** Reads the log in pieces. `structure`: the bytes that belong to no record and no defect. */
function account(log: string, places: readonly number[], format = 'auto'): Account {
  const bytes = Buffer.from(log);
  const tally = newTally();
  const structure: Buffer[] = [];
  let at = 0;
  const take = (offset: number, length: number): void => {
    expect(offset).toBeGreaterThanOrEqual(at);
    structure.push(bytes.subarray(at, offset));
    at = offset + length;
  };
  const framer = scanRecords(planReading(bytes, { ...AUTO, format }), HOW, 0, {
    usage(usage, offset, length) {
      take(offset, length);
      addUsage(tally, usage, length);
    },
    skip({ skip, quarantined }, offset, length) {
      take(offset, length);
      addSkip(tally, { reason: skip, offset, length }, quarantined, 'test', undefined);
    },
    safePoint: () => undefined,
  });
  const ends = [...places.map((place) => Math.min(place, bytes.length)).toSorted((a, b) => a - b), bytes.length];
  for (const [i, end] of ends.entries()) framer.push(Buffer.from(bytes.subarray(ends[i - 1] ?? 0, end)));
  framer.end();
  take(bytes.length, 0);
  const { structureBytes } = framer;
  return { counts: tally.counts, structure: Buffer.concat(structure).toString(), structureBytes };
}

function sumOf({ countedBytes, quarantinedBytes, skippedBytes }: Counts): number {
  return countedBytes + quarantinedBytes + skippedBytes;
}

function totals({ records, quarantined, skipped }: Counts): Record<Made['is'], number> {
  return { records, quarantined, skipped };
}

function count(made: readonly Made[]): Record<Made['is'], number> {
  const of = (is: Made['is']): number => made.filter((one) => one.is === is).length;
  return { records: of('records'), quarantined: of('quarantined'), skipped: of('skipped') };
}
