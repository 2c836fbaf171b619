import { expect, it } from 'vitest';
import { summaryLine } from '../../src/reporters/summary-line.ts';

const READ = {
  records: 30_477,
  duplicates: 6_496,
  skipped: 0,
  quarantined: 2,
  given: 3,
  formats: new Map([
    ['json', 2],
    ['combined', 1],
  ]),
  bytes: 41_200_000,
  seconds: 1.2,
  files: 1,
};

it.each([
  [{}, '30,477 records (6,496 duplicates skipped, 2 quarantined), 41 MB in 1.2 s, read as combined, json'],
  [
    { files: 3, skipped: 12 },
    '30,477 records of 3 files (6,496 duplicates skipped, 12 others skipped, 2 quarantined), 41 MB in 1.2 s, read as combined, json',
  ],
  [{ duplicates: 0, skipped: 1, quarantined: 0 }, '30,477 records (1 skipped), 41 MB in 1.2 s, read as combined, json'],
  [
    { records: 1, duplicates: 0, quarantined: 0, bytes: 120, seconds: 0.04 },
    '1 record, 120 B in 0.0 s, read as combined, json',
  ],
  [
    { records: 0, duplicates: 1, quarantined: 0, bytes: 0 },
    '0 records (1 duplicate skipped), 0 B in 1.2 s, read as combined, json',
  ],
  [
    { duplicates: 0, quarantined: 0, bytes: 999_600, seconds: 75.2 },
    '30,477 records, 1.0 MB in 1 min 15 s, read as combined, json',
  ],
  [
    { duplicates: 0, quarantined: 0, bytes: 3.25e12, seconds: 7_500 },
    '30,477 records, 3.3 TB in 2 h 5 min, read as combined, json',
  ],
  [{ files: 0 }, 'no new records in 3 files'],
])('with %j: %s', (totals, line) => {
  expect(summaryLine({ ...READ, ...totals })).toBe(line);
});
