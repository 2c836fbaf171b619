import { describe, expect, it } from 'vitest';
import { planReading } from '../../src/ingest/reading-plan.ts';
import { scanRecords } from '../../src/ingest/record-scan.ts';
import { AUTO, HOW } from './reading.ts';

function entry(second: number, part: 'F' | 'P', line: string): string {
  return `${JSON.stringify({ date: 1788256800 + second, stream: 'stdout', logtag: part, log: line })}\n`;
}

describe('a line that a container runtime began and did not end', () => {
  const whole = entry(0, 'F', '192.0.2.10 - - [01/Sep/2026:10:00:00 +0000] "GET /v1 HTTP/1.1" 200 5 "-" "billing/1.4"');
  const begun = entry(1, 'P', '192.0.2.10 - - [01/Sep/2026:10:00:01 +0000] "GET /');
  const plan = planReading(Buffer.from(whole + begun), AUTO);

  it.each([
    ['lines', undefined],
    ['documents', ''],
  ])('is a defect behind all that was read, in %s that end with something broken', (_, recordsPath) => {
    const log = Buffer.from(`${whole}${begun}{"date":1788256802,"log"\0\0`);
    const spans: (readonly [what: string, start: number, end: number])[] = [];
    const framer = scanRecords({ ...plan, recordsPath }, HOW, 0, {
      usage: (_usage, offset, length) => spans.push(['usage', offset, offset + length]),
      skip: ({ skip }, offset, length) => spans.push([skip, offset, offset + length]),
      safePoint: () => undefined,
    });
    framer.push(log);
    framer.end();
    expect(spans.map(([what]) => what)).toHaveLength(4);
    expect(spans.at(-1)).toEqual(['malformed-line', log.length, log.length]);
    for (const [i, [, start]] of spans.entries()) expect(start).toBeGreaterThanOrEqual(spans[i - 1]?.[2] ?? 0);
  });
});
