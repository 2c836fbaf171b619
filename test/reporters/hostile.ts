import type { Explanation, KeyReport, Report, SourceReport, SystemReport } from '../../src/model.ts';
import { sampleExplanation, sampleKey, sampleReport, sampleSource, sampleSystem } from './sample-report.ts';

export { HOSTILE_STRINGS } from './hostile-strings.ts';

/** A report with the text in every field that may hold text from outside. */
export function hostileReport(text: string): Report {
  const key = hostileKey(text);
  return sampleReport({
    database: { id: text, scan: 1 },
    sources: [
      { ...hostileSource(text), state: 'silent' },
      { ...hostileSource(text), gaps: [{ from: '2026-07-04', to: '2026-07-05', reason: 'unread-input' }] },
    ],
    sessions: [{ issuer: text, credentials: 3, requests: 9, lastUsedAt: null }],
    keys: [
      { ...key, verdict: 'safe', reason: 'no-blocker', blockers: [] },
      { ...key, verdict: 'in-use' },
      { ...key, verdict: 'waiting', label: null },
      { ...key, verdict: 'unknown', owner: null },
    ],
  });
}

/** The same for an explanation. */
export function hostileExplanation(text: string): Explanation {
  return sampleExplanation({
    key: hostileKey(text),
    callers: [
      {
        system: text,
        attribution: 'rule',
        sources: [text],
        days: [{ day: '2026-10-01', requests: 3, refused: 1 }],
        places: [{ source: text, place: text, seen: true }],
        rules: [text],
      },
    ],
    watch: { sources: [text], rules: [text] },
    gaps: [{ source: text, from: '2026-03-02', to: '2026-03-15', reason: 'no-records' }],
    substitution: [text],
    migration: [
      {
        system: text,
        standing: 'straddling',
        since: '2026-03-02',
        lastUsedOn: '2026-10-01',
        safeOn: '2026-12-01',
        places: [{ source: text, place: text, seen: false }],
      },
    ],
    stricterPolicy: [text],
    whatWouldChangeIt: [text],
  });
}

function hostileKey(text: string): KeyReport {
  return sampleKey({
    key: text,
    label: text,
    display: text,
    owner: text,
    verdict: 'in-use',
    reason: 'recent-use',
    sentence: `1 system used it; ${text}: silent 3 days`,
    safeOn: '2027-02-03',
    blockers: [
      { code: 'recent-use', text, until: '2027-02-03' },
      { code: 'coverage-gap', text, until: null },
    ],
    findings: ['shadow', 'zombie', 'straddling', 'revived', 'silent-source', 'provider-disagrees', 'exemption-ended'],
    exemption: { reason: text, until: '2027-01-31' },
    lastUsedAt: '2026-11-30T00:00:00.000Z',
    requests: 7,
    systems: [hostileSystem(text), { ...hostileSystem(text), state: 'moved', movedTo: text, attribution: 'overflow' }],
    substitution: { successor: text, moved: [text], straddling: [text], remaining: [text] },
    trace: {
      listed: { file: text, row: 7 },
      sources: [text],
      callers: [
        { sources: [text], used: [20_700, 3, 2, 1], refused: [] },
        { sources: [text], used: [], refused: [20_710, 1] },
      ],
    },
  });
}

function hostileSystem(text: string): SystemReport {
  return sampleSystem({ system: text, rhythm: { kind: text, longestPauseDays: 1, requiredSilenceDays: 30 } });
}

function hostileSource(text: string): SourceReport {
  return sampleSource({ source: text, format: text, quarantined: 2 });
}
