import type {
  Blocker,
  Explanation,
  FindingKind,
  KeyReport,
  Report,
  SessionReport,
  SourceReport,
  Summary,
  SystemReport,
} from '../../src/model.ts';
import { FINDING_WORDS, wordsOf } from '../../src/reporters/vocabulary.ts';

/** A report as a small company would get it: every verdict, most findings, gaps, sessions. The summary is counted. */
export function sampleReport(overrides: Partial<Report> = {}): Report {
  const keys = overrides.keys ?? SAMPLE_KEYS;
  const sources = overrides.sources ?? SAMPLE_SOURCES;
  return {
    schema: 'lastcall.report/1',
    tool: { name: 'lastcall', version: '0.1.0' },
    generatedAt: '2026-12-01T09:00:02.114Z',
    asOf: '2026-12-01T09:00:00.000Z',
    database: { id: 'db_5f0e7d', scan: 412 },
    summary: countSummary([...keys], sources),
    sources,
    sessions: SAMPLE_SESSIONS,
    keys,
    ...overrides,
  };
}

export function countSummary(keys: readonly KeyReport[], sources: readonly SourceReport[]): Summary {
  const findings: Partial<Record<FindingKind, number>> = {};
  for (const finding of wordsOf(FINDING_WORDS)) {
    const having = keys.filter((key) => key.findings.includes(finding)).length;
    if (having > 0) findings[finding] = having;
  }
  const withVerdict = (verdict: string) => keys.filter((key) => key.verdict === verdict).length;
  return {
    keys: keys.length,
    safe: withVerdict('safe'),
    inUse: withVerdict('in-use'),
    waiting: withVerdict('waiting'),
    unknown: withVerdict('unknown'),
    findings,
    records: sources.reduce((sum, { records }) => sum + records, 0),
    quarantined: sources.reduce((sum, { quarantined }) => sum + quarantined, 0),
  };
}

/** A key that is safe unless told otherwise. */
export function sampleKey(overrides: Partial<KeyReport> = {}): KeyReport {
  return {
    key: 'k_4f1a22b0c3d4e5f60718',
    label: null,
    display: 'sk_demo_...4242',
    owner: null,
    createdAt: '2024-02-11T08:30:00.000Z',
    status: 'active',
    verdict: 'safe',
    reason: 'no-blocker',
    sentence: 'never called in 401 covered days since 2025-10-26: safe',
    safeOn: null,
    blockers: [],
    findings: [],
    exemption: null,
    firstSeenAt: null,
    lastUsedAt: null,
    lastRefusedAt: null,
    requests: 0,
    refused: 0,
    systems: [],
    substitution: null,
    ...overrides,
  };
}

/** A system that is active unless told otherwise. */
export function sampleSystem(overrides: Partial<SystemReport> = {}): SystemReport {
  return {
    system: 'billing',
    state: 'active',
    movedTo: null,
    firstSeenAt: '2025-03-04T00:12:09.000Z',
    lastUsedAt: '2026-11-30T23:58:41.250Z',
    requests: 48_211,
    refused: 0,
    silentDays: 0,
    silentCoveredDays: 0,
    rhythm: { kind: 'continuous', longestPauseDays: 1, requiredSilenceDays: 30 },
    safeOn: '2026-12-31',
    attribution: 'rule',
    ...overrides,
  };
}

export function sampleSource(overrides: Partial<SourceReport> = {}): SourceReport {
  return {
    source: 'gateway-eu',
    format: 'nginx-combined',
    state: 'active',
    firstAt: '2025-01-14T00:00:03.000Z',
    lastAt: '2026-12-01T08:59:58.000Z',
    records: 41_877_204,
    quarantined: 0,
    skipped: 118,
    bytes: 9_812_440_117,
    account: { counted: 9_770_552_303, quarantined: 0, skipped: 10_492, structure: 41_877_322, pending: 0 },
    coveredDays: 668,
    gaps: [{ from: '2026-11-17', to: '2026-12-01', reason: 'late-window' }],
    ...overrides,
  };
}

/** Two callers of one key over two years: a monthly job and a service that moved away. */
export function sampleExplanation(overrides: Partial<Explanation> = {}): Explanation {
  const key = SAMPLE_KEYS.find(({ verdict }) => verdict === 'waiting') ?? sampleKey();
  return {
    schema: 'lastcall.explanation/1',
    tool: { name: 'lastcall', version: '0.1.0' },
    asOf: '2026-12-01T09:00:00.000Z',
    key,
    from: '2025-01-14',
    to: '2026-12-01',
    callers: [
      {
        system: 'billing',
        attribution: 'rule',
        sources: ['gateway-eu'],
        days: monthly('2025-02-01', 21).map((day) => ({ day, requests: 310, refused: 0 })),
        places: [{ source: 'gateway-eu', place: 'headers["x-api-key"]', seen: true }],
        rules: [
          'last use 2026-10-01, 61 days ago; 59 of them covered',
          'longest pause 31 days; 3 of them are needed: 93 days',
          'a hole in the logs since the last use may hide one call: one more pause, 124 days',
        ],
      },
      {
        system: 'export',
        attribution: 'rule',
        sources: ['gateway-eu'],
        days: [
          ...daily('2025-06-01', 340).map((day) => ({ day, requests: 1440, refused: 0 })),
          ...daily('2026-09-20', 9).map((day) => ({ day, requests: 12, refused: 12 })),
        ],
        places: [],
        rules: ['moved to k_9c1e77aa01b2c3d4e5f6 on 2026-05-07; 21 days are needed'],
      },
    ],
    watch: null,
    gaps: [
      { source: 'gateway-eu', from: '2026-03-02', to: '2026-03-15', reason: 'no-records' },
      { source: 'gateway-eu', from: '2026-11-17', to: '2026-12-01', reason: 'late-window' },
    ],
    substitution: ['successor: k_9c1e77aa01b2c3d4e5f6', 'moved: export', 'remaining: billing'],
    migration: [
      {
        system: 'billing',
        standing: 'remaining',
        since: null,
        lastUsedOn: '2026-11-01',
        safeOn: '2027-02-03',
        places: [
          { source: 'gateway-eu', place: 'headers["x-api-key"]', seen: true },
          { source: 'gateway-us', place: 'the header x-api-key', seen: false },
        ],
      },
      { system: 'export', standing: 'moved', since: '2026-09-03', lastUsedOn: '2026-09-02', safeOn: null, places: [] },
    ],
    stricterPolicy: [],
    whatWouldChangeIt: [
      'a call by billing or export: in use again',
      'no call until 2027-02-03: safe',
      'the missing logs of 2026-03-02 to 2026-03-15: safe up to 31 days earlier',
    ],
    ...overrides,
  };
}

/** Consecutive days from `first`. */
export function daily(first: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => dayAt(Date.parse(first) + index * 86_400_000));
}

function monthly(first: string, count: number): string[] {
  const start = new Date(first);
  return Array.from({ length: count }, (_, index) =>
    dayAt(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + index)),
  );
}

function dayAt(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

function blocker(code: Blocker['code'], text: string, until: string | null = null): Blocker {
  return { code, text, until };
}

export const SAMPLE_SOURCES: readonly SourceReport[] = [
  sampleSource({
    source: 'aws',
    format: 'cloudtrail',
    records: 1_204_332,
    quarantined: 2,
    skipped: 240_118,
    bytes: 1_412_000_551,
    coveredDays: 355,
    firstAt: '2025-12-01T00:00:00.000Z',
    gaps: [
      { from: '2026-07-04', to: '2026-07-04', reason: 'unread-input' },
      { from: '2026-11-22', to: '2026-12-01', reason: 'late-window' },
    ],
  }),
  sampleSource({
    gaps: [
      { from: '2026-03-02', to: '2026-03-15', reason: 'no-records' },
      { from: '2026-06-09', to: '2026-06-09', reason: 'few-records' },
      { from: '2026-11-17', to: '2026-12-01', reason: 'late-window' },
    ],
    coveredDays: 657,
  }),
  sampleSource({ source: 'gateway-us', format: 'envoy-json', records: 8_110_201, bytes: 3_300_129_002 }),
];

const SAMPLE_SESSIONS: readonly SessionReport[] = [
  {
    issuer: 'arn:aws:iam::111122223333:role/deploy',
    credentials: 1_204,
    requests: 30_118,
    lastUsedAt: '2026-12-01T08:02:11.000Z',
  },
  {
    issuer: 'arn:aws:iam::111122223333:role/backup',
    credentials: 366,
    requests: 8_420,
    lastUsedAt: '2026-11-30T02:00:40.000Z',
  },
];

export const SAMPLE_KEYS: readonly KeyReport[] = [
  sampleKey({
    label: 'partner sandbox 2024',
    owner: 'partnerships',
    sentence: 'never called in 668 covered days since 2025-01-14: safe',
  }),
  sampleKey({
    key: 'k_9b03d1f7e2a4418c6d50',
    label: 'checkout (old)',
    display: 'sk_demo_...91ab',
    owner: 'payments',
    sentence:
      'checkout moved to k_c27e on 2026-08-14 and has called with it on 103 days since; silent 109 days, longest pause 2 days, needs 21: safe',
    firstSeenAt: '2025-01-14T00:03:00.000Z',
    lastUsedAt: '2026-08-14T10:22:31.000Z',
    requests: 9_310_442,
    systems: [
      sampleSystem({
        system: 'checkout',
        state: 'moved',
        movedTo: 'k_c27e0f4b1d6a8890aa21',
        lastUsedAt: '2026-08-14T10:22:31.000Z',
        requests: 9_310_442,
      }),
    ],
    substitution: { successor: 'k_c27e0f4b1d6a8890aa21', moved: ['checkout'], straddling: [], remaining: [] },
  }),
  sampleKey({
    key: 'AKIADEMO000000000042',
    label: 'ci-deploy',
    display: 'AKIA...0042',
    owner: 'platform',
    verdict: 'in-use',
    reason: 'recent-use',
    sentence: 'terraform called it today; it calls daily',
    safeOn: '2026-12-31',
    blockers: [blocker('recent-use', 'terraform called it today', '2026-12-31')],
    lastUsedAt: '2026-12-01T04:12:00.000Z',
    requests: 201_118,
    systems: [
      sampleSystem({
        system: 'terraform',
        lastUsedAt: '2026-12-01T04:12:00.000Z',
        requests: 201_118,
        rhythm: { kind: 'daily', longestPauseDays: 3, requiredSilenceDays: 30 },
      }),
    ],
  }),
  sampleKey({
    key: 'k_18d2ab44790c3e5f6172',
    display: 'sk_demo_...77f0',
    status: 'unlisted',
    createdAt: null,
    verdict: 'in-use',
    reason: 'recent-use',
    findings: ['shadow'],
    sentence: 'curl/8.5 from 10.4.0.0/16 called it yesterday; it stands in no inventory',
    safeOn: '2027-11-30',
    blockers: [
      blocker('recent-use', 'curl/8.5 from 10.4.0.0/16 called it yesterday', '2027-11-30'),
      blocker('no-created-at', 'its creation date is not known'),
    ],
    lastUsedAt: '2026-11-30T17:40:00.000Z',
    requests: 318,
    systems: [
      sampleSystem({
        system: 'curl/8.5 from 10.4.0.0/16',
        attribution: 'derived',
        lastUsedAt: '2026-11-30T17:40:00.000Z',
        requests: 318,
        rhythm: null,
      }),
    ],
  }),
  sampleKey({
    key: 'k_c27e0f4b1d6a8890aa21',
    label: 'checkout live',
    display: 'sk_demo_...03de',
    owner: 'payments',
    verdict: 'in-use',
    reason: 'recent-use',
    sentence: '6 systems use it; checkout called it today, and so did fraud-scoring and refunds',
    safeOn: '2027-01-05',
    blockers: [blocker('recent-use', 'checkout called it today', '2026-12-31')],
    findings: ['straddling'],
    substitution: { successor: 'k_06ec5b1f20d94a7788ce', moved: [], straddling: ['monthly-report'], remaining: [] },
    lastUsedAt: '2026-12-01T08:59:58.000Z',
    requests: 7_420_113,
    refused: 14,
    systems: [
      sampleSystem({ system: 'checkout', lastUsedAt: '2026-12-01T08:59:58.000Z', requests: 6_000_412 }),
      sampleSystem({ system: 'fraud-scoring', lastUsedAt: '2026-12-01T08:59:51.000Z', requests: 1_399_002 }),
      sampleSystem({ system: 'refunds', lastUsedAt: '2026-12-01T07:31:00.000Z', requests: 20_100 }),
      sampleSystem({ system: 'monthly-report', lastUsedAt: '2026-11-01T03:00:00.000Z', requests: 19 }),
      sampleSystem({ system: 'support-console', lastUsedAt: '2026-11-24T12:10:44.000Z', requests: 580 }),
      sampleSystem({
        system: 'python-requests/2.31 from 172.20.0.0/16',
        lastUsedAt: null,
        attribution: 'derived',
        requests: 14,
        refused: 14,
      }),
    ],
  }),
  sampleKey({
    key: '7d9a1f60-2b1c-4b8e-9f3e-5c2d7a0b1e44',
    label: '請求書サービス',
    display: 'pk_demo_...8c11',
    owner: '経理部',
    verdict: 'in-use',
    reason: 'refused-recently',
    status: 'disabled',
    findings: ['zombie'],
    sentence: 'invoice-sync still calls it and is refused; it was disabled by its provider',
    safeOn: '2027-03-01',
    blockers: [blocker('refused-recently', 'invoice-sync was refused yesterday', '2027-03-01')],
    lastUsedAt: '2026-11-29T22:00:00.000Z',
    lastRefusedAt: '2026-11-30T22:00:00.000Z',
    requests: 5_110,
    refused: 44,
    systems: [
      sampleSystem({ system: 'invoice-sync', lastUsedAt: '2026-11-29T22:00:00.000Z', requests: 5_110, refused: 44 }),
    ],
  }),
  sampleKey({
    key: 'k_06ec5b1f20d94a7788ce',
    label: 'billing live',
    display: 'sk_demo_...5e0c',
    owner: 'payments',
    verdict: 'waiting',
    reason: 'rhythm',
    sentence:
      'billing: silent 59 days (61 less 2 without complete logs); longest pause 31 days (monthly job), needs 124: safe on 2027-02-03 if nothing calls',
    safeOn: '2027-02-03',
    blockers: [
      blocker('rhythm', 'billing is a monthly job: 59 of 124 silent days have passed', '2027-02-03'),
      blocker('late-window', 'records of the last 14 days may still come', '2026-12-15'),
    ],
    firstSeenAt: '2025-02-01T03:00:00.000Z',
    lastUsedAt: '2026-10-01T03:00:02.000Z',
    lastRefusedAt: '2026-09-28T10:00:00.000Z',
    requests: 496_218,
    refused: 108,
    systems: [
      sampleSystem({
        state: 'quiet',
        lastUsedAt: '2026-10-01T03:00:02.000Z',
        requests: 6_510,
        silentDays: 61,
        silentCoveredDays: 59,
        rhythm: { kind: 'monthly', longestPauseDays: 31, requiredSilenceDays: 124 },
        safeOn: '2027-02-03',
      }),
      sampleSystem({
        system: 'export',
        state: 'moved',
        movedTo: 'k_9c1e77aa01b2c3d4e5f6',
        lastUsedAt: '2026-05-06T23:59:00.000Z',
        requests: 489_708,
        refused: 108,
        silentDays: 209,
        silentCoveredDays: 193,
        safeOn: null,
      }),
    ],
    substitution: { successor: 'k_9c1e77aa01b2c3d4e5f6', moved: ['export'], straddling: [], remaining: ['billing'] },
  }),
  sampleKey({
    key: 'k_e7710a9cfb2d4c3b8a95',
    label: 'mobile app 5.x',
    display: 'sk_demo_...b1b1',
    owner: 'apps',
    verdict: 'waiting',
    reason: 'too-new',
    createdAt: '2026-10-20T09:00:00.000Z',
    sentence: 'created 42 days ago and never called: safe on 2027-10-20 if nothing calls',
    safeOn: '2027-10-20',
    blockers: [blocker('too-new', 'created 42 days ago', '2027-10-20')],
  }),
  sampleKey({
    key: 'AKIADEMO000000000077',
    label: 'backup-writer',
    display: 'AKIA...0077',
    owner: 'platform',
    verdict: 'unknown',
    reason: 'provider-disagrees',
    findings: ['provider-disagrees'],
    sentence: 'the provider saw a use on 2026-11-20, these logs saw none since 2026-04-02: a source is missing',
    blockers: [
      blocker('provider-disagrees', 'the provider saw a use on 2026-11-20, later than these logs'),
      blocker('coverage-gap', 'logs of aws are missing for 2026-07-04'),
    ],
    lastUsedAt: '2026-04-02T02:00:00.000Z',
    requests: 112,
    systems: [
      sampleSystem({ system: 'backup', state: 'quiet', lastUsedAt: '2026-04-02T02:00:00.000Z', requests: 112 }),
    ],
  }),
  sampleKey({
    key: 'k_b7f2c09d8e1a4f35a6bd',
    label: 'break-glass',
    display: 'sk_demo_...0000',
    owner: 'security',
    verdict: 'unknown',
    reason: 'exempt',
    exemption: { reason: 'for emergencies; reviewed each January', until: '2027-01-31' },
    sentence: 'exempt until 2027-01-31 (for emergencies; reviewed each January); never called in 668 covered days',
    blockers: [blocker('exempt', 'for emergencies; reviewed each January', '2027-01-31')],
  }),
];
