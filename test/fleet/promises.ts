import type { DayNumber, KeyReport } from '../../src/model.ts';
import { DAY_MS } from '../../src/verdicts/calendar.ts';
import type { Fleet } from './fleet.ts';
import { nextUse } from './truth.ts';

/** What must hold of any report on a fleet, as sentences on what does not. */
export function brokenLaws(reports: readonly KeyReport[], fleet: Fleet, today: DayNumber): readonly string[] {
  const listed = fleet.keys.filter(({ createdDay }) => createdDay < today).map(({ id }) => id);
  const judged = reports.map(({ key }) => key);
  return [
    ...listed.filter((id) => !judged.includes(id)).map((id) => `${id} has no verdict`),
    ...judged.filter((id, index) => judged.indexOf(id) !== index).map((id) => `${id} has two verdicts`),
    ...reports
      .filter(({ verdict, blockers }) => (verdict === 'safe') !== (blockers.length === 0))
      .map(({ key, verdict, blockers }) => `${key} is ${verdict} with ${blockers.length} blockers`),
  ];
}

/** Dates that were promised, and those of them that come before the next call of a system that lives. */
export interface Promises {
  readonly dates: number;
  readonly early: number;
}

export function countPromises(reports: readonly KeyReport[], fleet: Fleet, today: DayNumber): Promises {
  const keys = new Map(fleet.keys.map((key) => [key.id, key]));
  const dated = reports.filter(({ safeOn }) => safeOn !== null);
  const early = dated.filter(({ key, safeOn }) => {
    const next = nextUse(keys.get(key)!, today, fleet);
    return next !== undefined && Date.parse(safeOn!) / DAY_MS <= next;
  });
  return { dates: dated.length, early: early.length };
}
