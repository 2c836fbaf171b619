import type { SourceCoverage } from '../../src/model.ts';
import { coveredDaysOf } from '../../src/verdicts/covered-days.ts';
import type { CoveredDays } from '../../src/verdicts/covered-days.ts';
import { world } from './history.ts';

/** The days that these sources show together. */
export function covered(...coverage: readonly SourceCoverage[]): CoveredDays {
  return coveredDaysOf(
    world(coverage),
    coverage.map(({ source }) => source),
  );
}
