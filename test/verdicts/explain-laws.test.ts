import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Caller, Evidence, Explanation, Gap, GapReason, KeyReport, SourceCoverage } from '../../src/model.ts';
import { DAY_MS, isoDay } from '../../src/verdicts/calendar.ts';
import { explain } from '../../src/verdicts/explain.ts';
import { factsOf } from '../../src/verdicts/facts.ts';
import type { CallerFacts, KeyFacts } from '../../src/verdicts/facts.ts';
import { reportOf } from '../../src/verdicts/judge.ts';
import {
  callsPerDay,
  placesOf,
  daily,
  every,
  gap,
  key,
  logs,
  noonOf,
  system,
  TODAY,
  unlistedKey,
  worldOf,
} from './history.ts';
import type { DaysAgo } from './history.ts';

// What an explanation says must be true of the evidence, and its numbers must agree with each other: they are counted
// again here, day by day.

const SOURCES = ['gateway', 'eu'] as const;
const REASONS: readonly GapReason[] = ['no-records', 'few-records', 'unread-input', 'quarantine', 'late-window'];
const NAMES = ['billing', 'export', 'py'] as const;

const used: fc.Arbitrary<readonly DaysAgo[]> = fc.oneof(
  fc
    .tuple(fc.integer({ min: 1, max: 120 }), fc.integer({ min: 100, max: 790 }), fc.integer({ min: 0, max: 500 }))
    .map(([step, from, to]) => every(step, from, Math.min(from, to))),
  fc.uniqueArray(fc.integer({ min: -3, max: 790 }), { maxLength: 8 }),
);

const callers: fc.Arbitrary<readonly Caller[]> = fc.uniqueArray(
  fc
    .record({
      name: fc.constantFrom(...NAMES),
      used,
      refused: fc.uniqueArray(fc.integer({ min: 0, max: 200 }), { maxLength: 2 }),
      source: fc.constantFrom(...SOURCES),
      attribution: fc.constantFrom('rule', 'derived'),
    })
    .filter((calls) => calls.used.length + calls.refused.length > 0)
    .map(({ name, ...calls }) => system(name, calls)),
  { maxLength: 3, selector: (each) => each.system.name },
);

const evidence: fc.Arbitrary<Evidence> = fc
  .tuple(
    callers,
    fc.option(
      fc.integer({ min: 0, max: 900 }).map((days) => noonOf(days)),
      { nil: undefined },
    ),
    fc.constantFrom(undefined, ...SOURCES, 'nowhere'),
    fc.boolean(),
  )
  .map(([each, createdAt, source, isListed]) =>
    isListed || each.length === 0 ? key(each, { createdAt, source, successor: 'key-2' }) : unlistedKey(each),
  );

const gaps: fc.Arbitrary<readonly Gap[]> = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 790 }), fc.integer({ min: 0, max: 120 }), fc.constantFrom(...REASONS)), {
    maxLength: 3,
  })
  .map((each) => disjoint(each.map(([from, length, reason]) => gap(from, Math.max(1, from - length), reason))));

const coverage: fc.Arbitrary<readonly SourceCoverage[]> = fc
  .tuple(fc.integer({ min: 300, max: 800 }), gaps, fc.integer({ min: 300, max: 800 }), gaps)
  .map(([from, first, since, second]) => [
    logs(from, inLogs(first, from)),
    logs(since, inLogs(second, since), { source: 'eu' }),
  ]);

const scene = fc.tuple(evidence, coverage, fc.integer({ min: 1, max: 200 })).map(([each, days, since]) => {
  const successor = key([system('billing', { used: daily(since, 1) })], {}, { key: 'key-2' });
  const world = worldOf([each, successor], days);
  const facts = factsOf(each, world);
  const report = reportOf(facts);
  return withPlainNumbers({ facts, report, told: explain(each, world, report, callsPerDay, placesOf) });
});

/** `1,002 days` of its texts as `1002 days`. */
function withPlainNumbers<Told extends { readonly report: object; readonly told: object }>(all: Told): Told {
  const plain = <T>(one: T): T =>
    JSON.parse(JSON.stringify(one), (_, value: unknown) =>
      typeof value === 'string' ? value.replace(/(\d),(?=\d{3}\b)/g, '$1') : value,
    ) as T;
  return { ...all, report: plain(all.report), told: plain(all.told) };
}

type Scene = typeof scene extends fc.Arbitrary<infer Value> ? Value : never;

function hold(check: (each: Scene) => void): void {
  fc.assert(fc.property(scene, check), { numRuns: 500 });
}

describe('the numbers of a caller', () => {
  test('silence is counted in days that every one of its sources covers', () => {
    hold(({ facts }) => {
      for (const caller of facts.callers) {
        const { silent, silentDays, holes } = caller.rhythm;
        const days = silenceOf(caller, facts).map((day) => worstOf(day, caller.covered.sources, facts));
        expect(silent).toBe(days.filter((worst) => worst === 'covered').length);
        expect(holes).toBe(days.filter((worst) => worst === 'hole').length);
        expect(silentDays).toBe(days.length);
      }
    });
  });

  test('what is required is the greatest of its demands', () => {
    hold(({ facts }) => {
      for (const { rhythm } of facts.callers) {
        expect(rhythm.required).toBe(Math.max(0, ...rhythm.demands.map(({ days }) => days)));
      }
    });
  });

  test('its date is as many days ahead as are missing', () => {
    hold(({ facts, report }) => {
      for (const caller of facts.callers) {
        const { rhythm, clearedOn, isCleared } = caller;
        const missing = Math.max(1, rhythm.required - rhythm.silent);
        // A use that is stamped in the future is silent from then on.
        expect(clearedOn).toBe(Math.max(TODAY, (rhythm.lastDay ?? 0) + 1) + missing);
        expect(systemOf(caller, report)?.safeOn).toBe(isCleared ? null : isoDay(clearedOn));
      }
    });
  });
});

describe('the key', () => {
  test('is safe on the last date of its blockers, and on none while one has no date', () => {
    hold(({ report }) => {
      const dates = report.blockers.map(({ until }) => until);
      expect(report.safeOn).toBe(dates.length === 0 || dates.includes(null) ? null : dates.toSorted().at(-1));
    });
  });

  test('is not safe before any of its callers is', () => {
    hold(({ report }) => {
      if (report.safeOn === null) return;
      for (const { safeOn } of report.systems) expect((safeOn ?? '') <= report.safeOn).toBe(true);
    });
  });

  test('waits with a sentence that has the numbers of the caller which decides', () => {
    hold(({ facts, report }) => {
      if (report.verdict !== 'waiting' || facts.watch !== undefined) return;
      if (!['rhythm', 'too-few-uses', 'young-caller', 'refused-recently'].includes(report.reason)) return;
      const [deciding] = facts.callers
        .filter(({ isCleared }) => !isCleared)
        .toSorted((a, b) => b.clearedOn - a.clearedOn);
      expect(report.sentence).toContain(`${deciding?.name}: `);
      expect(report.sentence).toMatch(new RegExp(`needs ${deciding?.rhythm.required}\\b`));
      expect(report.sentence).toContain(`safe on ${report.safeOn} if nothing calls`);
      if (deciding?.rhythm.lastDay !== undefined) expect(report.sentence).toContain(` ${deciding.rhythm.silent} day`);
    });
  });
});

test('a key that nobody used has the days that count in its sentence', () => {
  hold(({ facts, report }) => {
    const found = /never used[^;:]* in (\d+) days?(?: \((\d+) less (\d+) )?/.exec(report.sentence);
    if (found === null || facts.watch === undefined) return;
    const { silent, silentDays } = facts.watch;
    const [, counted, all = silent, less = 0] = found;
    expect([counted, all, less].map(Number)).toEqual([silent, silentDays, silentDays - silent]);
  });
});

describe('the rules of an explanation', () => {
  test('end with what the report says: required, found, and the date', () => {
    hold(({ facts, report, told }) => {
      for (const { caller, rules } of told.callers.map((each) => ({
        caller: factsFor(each, facts),
        rules: each.rules,
      }))) {
        const { required, silent } = caller.rhythm;
        const last = rules.at(-1) ?? '';
        expect(last).toMatch(new RegExp(`^Required: ${required} days? .*; found: ${silent}\\.`));
        const safeOn = systemOf(caller, report)?.safeOn;
        expect(last.includes('Long enough.')).toBe(safeOn === null);
        if (typeof safeOn === 'string') expect(last).toContain(`Long enough on ${safeOn}`);
      }
    });
  });

  test('show each number that was demanded', () => {
    hold(({ facts, told }) => {
      for (const each of told.callers) {
        const { demands } = factsFor(each, facts).rhythm;
        const text = each.rules.join(' ');
        for (const { code, days } of demands) expect(text, code).toMatch(new RegExp(`\\b${days} day`));
      }
    });
  });

  test('of the watch end with the date of the blocker', () => {
    hold(({ facts, report, told }) => {
      expect(told.watch === null).toBe(facts.watch === undefined);
      if (facts.watch === undefined || facts.watch.startsWith === 'nothing') return;
      const last = told.watch?.rules.at(-1) ?? '';
      expect(last).toContain(`found: ${facts.watch.silent}.`);
      const watching = report.blockers.find(({ text }) => /^never used.*; watched for /.test(text));
      if (watching !== undefined) expect(last).toContain(`Long enough on ${watching.until}`);
    });
  });
});

test('the gaps that an explanation shows are the days that its numbers leave out', () => {
  hold(({ facts, told }) => {
    for (const each of told.callers) {
      const caller = factsFor(each, facts);
      const missing = silenceOf(caller, facts).filter((day) => isInGap(day, each.sources, told));
      expect(missing.length).toBe(caller.rhythm.silentDays - caller.rhythm.silent);
    }
    const { watch } = facts;
    if (watch === undefined || watch.startsWith === 'nothing') return;
    const watched = daysAfter(watch.since).filter((day) => isInGap(day, told.watch?.sources ?? [], told));
    expect(watched.length).toBe(watch.silentDays - watch.silent);
  });
});

describe('the text of a blocker', () => {
  test('names gaps that are there', () => {
    hold(({ facts, report }) => {
      const stretches = report.blockers.flatMap(({ text }) => [
        ...text.matchAll(/(gateway|eu): [a-z ]+? (\d{4}-\d\d-\d\d)(?: to (\d{4}-\d\d-\d\d))?/g),
      ]);
      for (const [, source = '', from = '', to = from] of stretches) {
        const found = facts.world.coverage.get(source)?.gaps.map((each) => `${isoDay(each.from)} ${isoDay(each.to)}`);
        expect(found).toContain(`${from} ${to}`);
      }
    });
  });

  test('tells of each caller what its numbers are', () => {
    hold(({ facts, report }) => {
      for (const { code, text } of report.blockers) {
        for (const [, name = '', silent, all, required] of text.matchAll(
          /(\w+): (\d+) of (\d+) days? of silence have complete logs, (\d+) are required/g,
        )) {
          const { rhythm } = callerNamed(name, facts);
          expect([silent, all, required].map(Number)).toEqual([rhythm.silent, rhythm.silentDays, rhythm.required]);
        }
        for (const [, name = '', silent, required] of text.matchAll(
          /(\w+): (?:silent|no use for) (\d+) days?, [^;]*?needs (\d+)/g,
        )) {
          const { rhythm } = callerNamed(name, facts);
          expect(Number(silent)).toBe(rhythm.silent);
          expect(rhythm.demands).toContainEqual({ code, days: Number(required) });
        }
        for (const [, name = '', day] of text.matchAll(/\b(?!first called)(\w+) called [^(]*\((\d{4}-\d\d-\d\d)/g)) {
          expect(day).toBe(isoDay(callerNamed(name, facts).rhythm.lastDay ?? 0));
        }
      }
    });
  });
});

test('whatever the verdict, it is said what would change it, and no number is missing or negative', () => {
  hold(({ report, told }) => {
    expect(told.whatWouldChangeIt.length).toBeGreaterThan(0);
    const rules = [...told.callers.flatMap((each) => each.rules), ...(told.watch?.rules ?? [])];
    const texts = [report.sentence, ...report.blockers.map(({ text }) => text), ...rules, ...told.whatWouldChangeIt];
    for (const text of texts) expect(text).not.toMatch(/undefined|NaN|Infinity|(?<!\w)-\d/);
  });
});

test('the scenes reach every verdict, and every blocker whose numbers are checked', () => {
  const reports = fc.sample(scene, { numRuns: 1500, seed: TODAY }).map(({ report }) => report);
  expect(new Set(reports.map(({ verdict }) => verdict)).size).toBe(4);
  const codes = new Set(reports.flatMap(({ blockers }) => blockers.map(({ code }) => code)));
  expect([...codes]).toEqual(
    expect.arrayContaining([
      'recent-use',
      'rhythm',
      'too-few-uses',
      'young-caller',
      'refused-recently',
      'clock',
      'uncovered-source',
      'too-new',
      'no-created-at',
      'never-used-watch',
      'coverage-gap',
      'late-window',
      'unread-input',
      'quarantine',
    ]),
  );
});

/** The whole days of a caller's silence. */
function silenceOf({ rhythm, covered }: CallerFacts, facts: KeyFacts): readonly number[] {
  const { createdAt } = facts.evidence.entry ?? {};
  const created = createdAt === undefined ? -Infinity : Math.floor(createdAt / DAY_MS);
  const start = covered.latestStart;
  const since = rhythm.lastDay ?? (start === undefined ? TODAY : Math.max(start, created));
  return daysAfter(since);
}

function daysAfter(since: number): readonly number[] {
  return Array.from({ length: Math.max(0, TODAY - 1 - since) }, (_, index) => since + 1 + index);
}

function worstOf(day: number, sources: readonly string[], { world }: KeyFacts): 'covered' | 'late' | 'hole' {
  const marks = sources.map((source) => {
    const known = world.coverage.get(source);
    if (known?.firstDay === undefined || day < known.firstDay) return 'hole';
    const found = known.gaps.find(({ from, to }) => from <= day && day <= to);
    return found === undefined ? 'covered' : found.reason === 'late-window' ? 'late' : 'hole';
  });
  return marks.includes('hole') ? 'hole' : marks.includes('late') ? 'late' : 'covered';
}

function isInGap(day: number, sources: readonly string[], { gaps: shown }: Pick<Explanation, 'gaps'>): boolean {
  const text = isoDay(day);
  return shown.some(({ source, from, to }) => sources.includes(source) && from <= text && text <= to);
}

function factsFor(
  { system: name, attribution }: Explanation['callers'][number],
  { callers: all }: KeyFacts,
): CallerFacts {
  return all.find(({ caller }) => caller.system.name === name && caller.system.attribution === attribution)!;
}

function callerNamed(name: string, { callers: all }: KeyFacts): CallerFacts {
  return all.find((caller) => caller.name === name)!;
}

function systemOf({ name }: CallerFacts, report: KeyReport): KeyReport['systems'][number] | undefined {
  return report.systems.find((each) => each.system === name);
}

function inLogs(all: readonly Gap[], from: DaysAgo): readonly Gap[] {
  return all.filter((each) => each.from >= TODAY - from);
}

/** As in the inference: what is merely late stays late only where nothing worse was found. */
function disjoint(all: readonly Gap[]): readonly Gap[] {
  const days = new Map<number, GapReason>();
  for (const { from, to, reason } of all) {
    for (let day = from; day <= to; day++) if (reason !== 'late-window' || !days.has(day)) days.set(day, reason);
  }
  return [...days].toSorted(([a], [b]) => a - b).map(([day, reason]) => ({ from: day, to: day, reason }));
}
