import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { progressLine } from '../../src/reporters/progress.ts';
import { displayWidth } from '../../src/reporters/text-width.ts';
import { firstHazard } from './hazards.ts';
import { HOSTILE_STRINGS } from './hostile.ts';

const RUN = {
  bytesRead: 1_200_000_000,
  bytesTotal: 2_800_000_000,
  records: 1_204_332,
  elapsedMs: 4_000,
  file: '/var/log/gateway/access.log.3.gz',
};

it.each([
  [RUN, 120, ' 42 %  1.2 GB of 2.8 GB  300 MB/s  6 s left  1,204,332 records  /var/log/gateway/access.log.3.gz'],
  [RUN, 80, ' 42 %  1.2 GB of 2.8 GB  300 MB/s  6 s left  1,204,332 records  /var/log/gatewa…'],
  [RUN, 45, ' 42 %  1.2 GB of 2.8 GB  300 MB/s  6 s left'],
  [RUN, 20, ' 42 %'],
  [{ ...RUN, bytesTotal: undefined }, 80, '1.2 GB  300 MB/s  1,204,332 records  /var/log/gateway/access.log.3.gz'],
  [{ ...RUN, elapsedMs: 100 }, 60, ' 42 %  1.2 GB of 2.8 GB  1,204,332 records  /var/log/gatewa…'],
  [{ ...RUN, bytesRead: 2_900_000_000 }, 60, '100 %  2.9 GB of 2.8 GB  725 MB/s  1,204,332 records'],
])('shows what has room: %#', (progress, columns, line) => {
  expect(progressLine(progress, columns)).toBe(line);
});

it('is one inert line that fits, whatever the numbers and the file', () => {
  const amount = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
  const progress = fc.record({
    bytesRead: amount,
    bytesTotal: fc.option(amount, { nil: undefined }),
    records: amount,
    elapsedMs: amount,
    file: fc.constantFrom(...HOSTILE_STRINGS),
  });
  fc.assert(
    fc.property(progress, fc.integer({ min: 1, max: 200 }), (run, columns) => {
      const line = progressLine(run, columns);
      expect(displayWidth(line)).toBeLessThanOrEqual(columns);
      expect(firstHazard(line)).toBeUndefined();
      expect(line).not.toMatch(/\n|NaN|Infinity/);
    }),
  );
});
