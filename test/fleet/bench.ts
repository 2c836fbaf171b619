import type { DayNumber } from '../../src/model.ts';
import { makeFleet } from './fleet.ts';
import type { Fleet } from './fleet.ts';
import { Observer } from './observe.ts';
import type { Candidate } from './policies.ts';
import type { ProfileName } from './profiles.ts';
import { add, daysToSafe, foundShare, interval, median, score, wrongShare } from './score.ts';
import type { Score } from './score.ts';

export interface BenchOptions {
  readonly profile: ProfileName;
  readonly fleets: number;
  /** Seed of the first fleet; the others follow. */
  readonly seed: number;
  /** Days of logs at each audit. */
  readonly audits: readonly number[];
  /** Of so many fleets every week is audited too. */
  readonly weeklyFleets: number;
}

/** What a candidate did on all fleets. */
export interface Row {
  readonly name: string;
  /** One a fleet, its audits pooled. */
  readonly scores: readonly Score[];
  /** Keys that some weekly audit called safe, judged at the first that did; undefined: there were none. */
  readonly firsts: Score | undefined;
  readonly daysToSafe: readonly number[];
}

/** Runs the candidates over the same fleets. */
export function bench(candidates: readonly Candidate[], options: BenchOptions): readonly Row[] {
  const rows = candidates.map(({ name }) => ({
    name,
    scores: [] as Score[],
    firsts: [] as Score[],
    days: [] as number[],
  }));
  for (let index = 0; index < options.fleets; index++) {
    const fleet = makeFleet(options.profile, options.seed + index);
    const observer = new Observer(fleet);
    for (const [at, scores] of audit(fleet, observer, candidates, options.audits).entries())
      rows[at]!.scores.push(scores);
    if (index >= options.weeklyFleets) continue;
    for (const [at, firstSafe] of watchWeekly(fleet, observer, candidates).entries()) {
      rows[at]!.firsts.push(scoreFirsts(fleet, firstSafe));
      rows[at]!.days.push(...daysToSafe(fleet, firstSafe));
    }
  }
  return rows.map(({ name, scores, firsts, days }) => ({
    name,
    scores,
    firsts: firsts.length === 0 ? undefined : add(firsts),
    daysToSafe: days,
  }));
}

function audit(
  fleet: Fleet,
  observer: Observer,
  candidates: readonly Candidate[],
  audits: readonly number[],
): readonly Score[] {
  const perCandidate = candidates.map((): Score[] => []);
  for (const days of audits) {
    const observation = observer.at(fleet.start + days);
    for (const [at, candidate] of candidates.entries()) {
      perCandidate[at]!.push(score(candidate.safeKeys(observation, fleet), fleet, observation.today));
    }
  }
  return perCandidate.map(add);
}

/** When each candidate called a key safe for the first time. lastcall runs every night from the first log on. */
function watchWeekly(
  fleet: Fleet,
  observer: Observer,
  candidates: readonly Candidate[],
): readonly ReadonlyMap<string, DayNumber>[] {
  const firstSafe = candidates.map(() => new Map<string, DayNumber>());
  for (let today = fleet.start + 7; today <= fleet.end; today += 7) {
    const observation = observer.at(today, fleet.start);
    for (const [at, candidate] of candidates.entries()) {
      for (const id of candidate.safeKeys(observation, fleet)) {
        if (!firstSafe[at]!.has(id)) firstSafe[at]!.set(id, today);
      }
    }
  }
  return firstSafe;
}

function scoreFirsts(fleet: Fleet, firstSafe: ReadonlyMap<string, DayNumber>): Score {
  return add([...firstSafe].map(([id, day]) => ({ ...score(new Set([id]), fleet, day), dead: 0 })));
}

/** The table as it stands in the README. */
export function table(rows: readonly Row[]): string {
  const header = [
    'policy',
    'wrong among "safe", % [95 %]',
    'dead keys found, %',
    'first-ever "safe" wrong, weekly, %',
    'median days to "safe", steady',
  ];
  const lines = rows.map(({ name, scores, firsts, daysToSafe: waits }) => {
    const total = add(scores);
    const [low, high] = interval(scores);
    const days = median(waits);
    return [
      name,
      `${wrongShare(total).toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}] (${total.wrong} of ${total.safe})`,
      foundShare(total).toFixed(1),
      firsts === undefined ? '' : wrongShare(firsts).toFixed(1),
      waits.length === 0 ? '' : Number.isFinite(days) ? String(days) : 'never',
    ];
  });
  return [header, header.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
