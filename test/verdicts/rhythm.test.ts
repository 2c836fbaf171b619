import { expect, test } from 'vitest';
import { covered } from './days-of-logs.ts';
import { TODAY, daily, every, gap, logs } from './history.ts';
import type { DaysAgo } from './history.ts';
import { DEFAULT_POLICY } from '../../src/verdicts/policy.ts';
import { rhythmOf } from '../../src/verdicts/rhythm.ts';
import type { CallerRhythm } from '../../src/verdicts/rhythm.ts';

interface Case {
  readonly title: string;
  readonly used: readonly DaysAgo[];
  readonly refused?: DaysAgo;
  readonly hasMoved?: boolean;
  readonly created?: DaysAgo;
  readonly gaps?: Parameters<typeof logs>[1];
  readonly logsFrom?: DaysAgo;
  readonly expected: Partial<CallerRhythm>;
}

const old = 2000;

const cases: readonly Case[] = [
  // rule 1
  {
    title: 'today and the day of the last use are no days of silence',
    used: daily(795, 31),
    expected: { silentDays: 30, silent: 30 },
  },
  { title: 'a call today leaves no silence', used: daily(795, 0), expected: { silentDays: 0, silent: 0 } },
  {
    title: 'a call from the future leaves no silence',
    used: [...daily(795, 9), -400],
    expected: { silentDays: 0, silent: 0 },
  },
  {
    title: 'silence counts covered days only',
    used: daily(795, 40),
    gaps: [gap(20, 11)],
    expected: { silentDays: 39, silent: 29 },
  },
  {
    title: 'a pause counts by the calendar, also where logs are missing',
    used: [795, 760],
    gaps: [gap(790, 770)],
    expected: { longest: 35 },
  },
  {
    title: 'the lead of an old key that came late is a pause',
    used: daily(700, 40),
    expected: { lead: 100, longest: 100, required: 300 },
  },
  {
    title: 'the lead of an old key seen within a week is none',
    used: daily(793, 40),
    expected: { lead: 0, longest: 1 },
  },
  {
    title: 'the lead starts with the creation of the key',
    used: daily(600, 40),
    created: 610,
    expected: { lead: 10, longest: 10 },
  },
  {
    title: 'the lead starts with the logs if no creation is known',
    used: daily(795, 40),
    created: NaN,
    expected: { lead: 5 },
  },
  // rule 2
  { title: 'the floor is 30 days', used: daily(795, 40), expected: { required: 30 } },
  {
    title: 'three of the longest pauses are required',
    used: every(31, 795, 40),
    expected: { longest: 31, required: 93, kind: 'monthly' },
  },
  {
    title: 'a hole since the last use costs a rare caller one more pause',
    used: every(31, 795, 40),
    gaps: [gap(20, 20)],
    expected: { required: 124 },
  },
  {
    title: 'a hole before the last use costs nothing',
    used: every(31, 795, 40),
    gaps: [gap(60, 60)],
    expected: { required: 93 },
  },
  {
    title: 'a late day is no hole',
    used: every(31, 795, 40),
    gaps: [gap(2, 1, 'late-window')],
    expected: { required: 93, silent: 48 },
  },
  {
    title: 'a hole costs a caller with pauses of 13 days nothing',
    used: every(13, 795, 41),
    gaps: [gap(20, 20)],
    expected: { required: 39 },
  },
  {
    title: 'a hole costs a caller with pauses of 14 days one more',
    used: every(14, 795, 41),
    gaps: [gap(20, 20)],
    expected: { required: 56 },
  },
  // rule 3
  {
    title: 'two runs are few uses',
    used: [...daily(795, 792), ...daily(600, 598)],
    expected: { runs: 2, required: 576 },
  },
  { title: 'one use needs a year', used: [795], expected: { runs: 1, required: 365, kind: 'once' } },
  {
    title: 'ten days in one run are no few uses',
    used: daily(420, 411),
    created: 420,
    expected: { runs: 1, required: 356 },
  },
  { title: 'nine days in one run are', used: daily(420, 412), created: 420, expected: { runs: 1, required: 365 } },
  {
    title: 'days of use three days apart are one run',
    used: [420, 417, 414],
    created: 420,
    expected: { runs: 1, required: 365 },
  },
  {
    title: 'days of use four days apart are three runs',
    used: [420, 416, 412],
    created: 420,
    expected: { runs: 3, required: 357 },
  },
  // rule 4
  {
    title: 'a span of 179 days needs the rest of the year',
    used: daily(400, 221),
    created: 400,
    expected: { span: 179, required: 186 },
  },
  {
    title: 'a span of 180 days shows a rhythm of its own',
    used: daily(400, 220),
    created: 400,
    expected: { span: 180, required: 30 },
  },
  // rule 5
  { title: 'refused 30 days ago, it still tries', used: daily(795, 60), refused: 30, expected: { required: 90 } },
  { title: 'refused 31 days ago, it tries no more', used: daily(795, 60), refused: 31, expected: { required: 30 } },
  {
    title: 'a refusal before the last use does not count',
    used: daily(795, 20),
    refused: 25,
    expected: { required: 30 },
  },
  {
    title: 'a caller that was only refused needs 90 covered days of watching',
    used: [],
    refused: 3,
    logsFrom: 50,
    expected: { required: 90, silent: 49 },
  },
  { title: 'a caller that was refused long ago needs nothing', used: [], refused: 300, expected: { required: 0 } },
  // rule 6
  { title: 'a caller that moved needs 21 days', used: daily(795, 60), hasMoved: true, expected: { required: 21 } },
  {
    title: 'a monthly caller that moved needs one and a half pauses',
    used: every(31, 795, 60),
    hasMoved: true,
    expected: { required: 47 },
  },
  {
    title: 'a young caller that moved needs no year',
    used: daily(100, 60),
    created: 100,
    hasMoved: true,
    expected: { required: 21 },
  },
  {
    title: 'a move does not excuse refused calls',
    used: daily(795, 60),
    refused: 3,
    hasMoved: true,
    expected: { required: 90 },
  },
  // words
  { title: 'use on each day is continuous', used: daily(795, 40), expected: { kind: 'continuous' } },
  { title: 'use on workdays is daily', used: daily(795, 40).filter((day) => day % 7 > 1), expected: { kind: 'daily' } },
  { title: 'use every seven days is weekly', used: every(7, 795, 40), expected: { kind: 'weekly' } },
  { title: 'use every 91 days is quarterly', used: every(91, 795, 40), expected: { kind: 'quarterly' } },
  { title: 'use once a year is yearly', used: every(365, 795, 40), expected: { kind: 'yearly' } },
  { title: 'anything else is irregular', used: [795, 700, 690, 500, 450, 449, 300], expected: { kind: 'irregular' } },
];

test.each(cases)(
  '$title',
  ({ used, refused, hasMoved = false, created = old, gaps = [], logsFrom = 800, expected }) => {
    const rhythm = rhythmOf(
      {
        today: TODAY,
        useDays: used.map((day) => TODAY - day),
        lastRefusedDay: refused === undefined ? undefined : TODAY - refused,
        hasMoved,
        createdDay: Number.isNaN(created) ? undefined : TODAY - created,
        covered: covered(logs(logsFrom, gaps)),
      },
      DEFAULT_POLICY,
    );
    expect(rhythm).toMatchObject(expected);
  },
);
