import type { KeyReport, Report } from '../../../src/model.ts';
import { sampleReport } from '../sample-report.ts';

/** The sample with days of use: each system calls on weekdays until its last call, and was refused once. */
export function tracedReport(overrides: Partial<Report> = {}): Report {
  const report = sampleReport(overrides);
  return { ...report, keys: [...report.keys].map(traced) };
}

const DAY_MS = 86_400_000;

export function traced(key: KeyReport): KeyReport {
  const callers = key.systems.map(({ firstSeenAt, lastUsedAt, refused }) => {
    const [first, last] = [firstSeenAt, lastUsedAt].map((at) => Math.floor(Date.parse(at ?? '') / DAY_MS));
    const used = first === undefined || last === undefined || !(first <= last) ? [] : weekdays(first, last);
    return { sources: ['gateway-eu'], used, refused: refused === 0 ? [] : [20_780, 2] };
  });
  const listed = key.status === 'unlisted' ? null : { file: 'inventories/keys.csv', row: 12 };
  return { ...key, trace: { listed, sources: ['gateway-eu', 'aws'], callers } };
}

function weekdays(first: number, last: number): number[] {
  const runs = [first, Math.min(5, last - first + 1)];
  for (let day = first + 7; day <= last; day += 7) runs.push(2, Math.min(5, last - day + 1));
  return runs;
}
