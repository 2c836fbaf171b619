import type { Backtest } from '../../src/model.ts';

/** A backtest as a middling company would get it: few misses of the policy, many of the fixed-day rules. */
export function sampleBacktest(overrides: Partial<Backtest> = {}): Backtest {
  return {
    schema: 'lastcall.backtest/1',
    tool: { name: 'lastcall', version: '0.1.0' },
    asOf: '2026-12-01T09:00:00.000Z',
    historyDays: 730,
    from: '2024-12-03',
    to: '2026-11-24',
    everyDays: 7,
    audits: 104,
    keys: 10_412,
    rules: [
      rule(null, 1211, 2, 0.001652, 0.005189, 36),
      rule(45, 5120, 1577, 0.308008, 0.318804, 48),
      rule(90, 3904, 863, 0.221055, 0.232263, 93),
      rule(180, 1860, 140, 0.075269, 0.086082, 183.5),
      rule(365, 0, 0, null, null, null),
    ],
    misses: [
      {
        key: 'gw-glass',
        label: 'Break glass',
        display: 'acme_...wdbh',
        owner: 'platform',
        safeOn: '2026-02-03',
        sentence: 'never used in 400 days since 2024-12-30. Safe to delete',
        usedOn: '2026-09-19',
        systems: ['on-call'],
      },
      {
        key: 'k_0123456789abcdef0123',
        label: null,
        display: 'acme_...deHl',
        owner: null,
        safeOn: '2026-06-30',
        sentence: 'payroll: silent 94 days; longest pause 31 days (monthly job), needs 93. Safe to delete',
        usedOn: '2026-07-01',
        systems: ['audit', 'payroll'],
      },
    ],
    notes: ['A history of 730 days cannot show a call that comes later than that.', 'Exemptions are left out.'],
    ...overrides,
  };
}

function rule(
  days: number | null,
  firstVerdicts: number,
  misses: number,
  missRate: number | null,
  missRateAtMost: number | null,
  medianDaysToSafe: number | null,
): Backtest['rules'][number] {
  const name = days === null ? 'policy' : 'no-use';
  return { rule: name, days, firstVerdicts, misses, missRate, missRateAtMost, medianDaysToSafe };
}

export function hostileBacktest(text: string): Backtest {
  const [miss] = sampleBacktest().misses;
  const systems = [text, `${text}2`];
  return sampleBacktest({
    misses: [{ ...miss!, key: text, label: text, display: text, owner: text, sentence: text, systems }],
    notes: [text],
  });
}
