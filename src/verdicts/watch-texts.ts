import { isoDay } from './calendar.ts';
import type { KeyFacts, Watch } from './facts.ts';

/** Where the watch of a key that nobody used begins: `created on 2026-05-01`, `the logs of eu begin on 2026-05-07`. */
export function watchStartText(watch: Watch, { world }: KeyFacts): string {
  const { earliestStart, latestStart, sources } = watch.covered;
  const last = sources.find((source) => world.coverage.get(source)?.firstDay === latestStart);
  const whose = last === undefined || earliestStart === latestStart ? '' : ` of ${last}`;
  return `${STARTS[watch.startsWith](whose)} ${isoDay(watch.since)}`;
}

const STARTS: Readonly<Record<Watch['startsWith'], (whose: string) => string>> = {
  creation: () => 'created on',
  listing: () => 'first listed on',
  traffic: () => 'first seen on',
  logs: (whose) => `the logs${whose} begin on`,
  nothing: () => 'no logs until',
};
