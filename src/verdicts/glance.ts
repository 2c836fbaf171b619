import type { BlockerCode, Day, Glance, KeyGlance, KeyReport, Report, SourceGlance, SourceReport } from '../model.ts';
import { DAY_MS, dayOf, isoDay } from './calendar.ts';
import { lastingGaps } from './changes.ts';

const NEARLY_DAYS = 30;
const KEYS_KEPT = 3;
const SOURCES_KEPT = 5;

/** Sums an audit up for `lastcall status`, one key after the other. */
export class Glancing {
  readonly #horizon: Day;
  readonly #safe: KeyGlance[] = [];
  #disabled = 0;
  #deleted = 0;
  readonly #unknown: Partial<Record<BlockerCode, number>> = {};
  #soonest: KeyGlance[] = [];
  #nearly = 0;

  constructor({ asOf }: Pick<Report, 'asOf'>) {
    this.#horizon = isoDay(dayOf(Date.parse(asOf)) + NEARLY_DAYS);
  }

  add(key: KeyReport): void {
    if (key.verdict === 'safe') {
      if (key.status === 'deleted') this.#deleted++;
      else if (key.status === 'disabled') this.#disabled++;
      else if (this.#safe.length < KEYS_KEPT) this.#safe.push(glanceAt(key));
    }
    if (key.verdict === 'unknown' && key.reason !== 'no-blocker') {
      this.#unknown[key.reason] = (this.#unknown[key.reason] ?? 0) + 1;
    }
    if (key.verdict !== 'waiting' || key.safeOn === null || key.safeOn > this.#horizon) return;
    this.#nearly++;
    this.#soonest = [...this.#soonest, glanceAt(key)].toSorted(bySafeOn).slice(0, KEYS_KEPT);
  }

  result({ database, asOf, summary, sources }: Report): Glance {
    return {
      scan: database.scan,
      asOf,
      summary,
      disabled: this.#disabled,
      deleted: this.#deleted,
      safe: this.#safe,
      nearly: { days: NEARLY_DAYS, keys: this.#nearly, soonest: this.#soonest },
      unknown: this.#unknown,
      sources: {
        count: sources.length,
        silent: sources.filter(({ state }) => state === 'silent').length,
        worst: sources.map(glanceAtSource).toSorted(byTrouble).slice(0, SOURCES_KEPT),
      },
    };
  }
}

function glanceAt({ key, label, display, safeOn }: KeyReport): KeyGlance {
  return { key, label, display, safeOn };
}

/** Of keys that become safe on one day, the first one stays first. */
function bySafeOn(a: KeyGlance, b: KeyGlance): number {
  return Date.parse(a.safeOn ?? '') - Date.parse(b.safeOn ?? '');
}

function glanceAtSource({ source, state, lastAt, coveredDays, gaps }: SourceReport): SourceGlance {
  const openDays = lastingGaps(gaps).reduce((days, { from, to }) => days + daysBetween(from, to) + 1, 0);
  return { source, state, lastAt, coveredDays, openDays };
}

function byTrouble(a: SourceGlance, b: SourceGlance): number {
  return Number(b.state === 'silent') - Number(a.state === 'silent') || b.openDays - a.openDays;
}

function daysBetween(from: Day, to: Day): number {
  return (Date.parse(to) - Date.parse(from)) / DAY_MS;
}
