import type { FilledAction } from '../../src/handoff/action.ts';
import type { Warning } from '../../src/handoff/hand-over.ts';
import { historyOf } from '../../src/handoff/history.ts';
import type { HandoffResult, MissedKey, PlanSummary, Verification } from '../../src/handoff/results.ts';
import type { LedgerBody, LedgerEntry } from '../../src/handoff/steps.ts';
import { configText } from '../../src/init/config-text.ts';
import type { Survey } from '../../src/init/survey.ts';
import type { Detection } from '../../src/ingest/detect-format.ts';
import type { Glance, InventoryEntry, KeyReport, Usage } from '../../src/model.ts';
import { renderCoverage } from '../../src/reporters/coverage.ts';
import { renderDetections, renderDetectionsJson } from '../../src/reporters/detection.ts';
import { renderDoctor, renderDoctorJson } from '../../src/reporters/doctor.ts';
import * as handoff from '../../src/reporters/handoff.ts';
import { renderInventories, renderInventoriesJson } from '../../src/reporters/inventories.ts';
import { renderStatus, renderStatusJson } from '../../src/reporters/status.ts';
import { renderSurvey } from '../../src/reporters/survey.ts';
import { hostileReport } from './hostile.ts';

const VIEW = { columns: 100, color: false };
const AT = '2026-11-03T02:10:00.000Z';
const NOW = Date.parse(AT);
const TOOL = { name: 'lastcall', version: '0.1.0' } as const;

/** What the commands write for people that are no reporters, with the text wherever a text from outside may stand. */
export function hostileScreens(text: string): string {
  const report = hostileReport(text);
  const inventory = { file: text, importedAt: NOW, partial: text, entries: [{ entry: entryOf(text), listedSince: 0 }] };
  return [
    ...renderStatus(statusOf(text, [...report.keys]), VIEW),
    ...renderDoctor([{ name: 'inputs', text, code: 3, hint: text }], VIEW),
    ...renderCoverage(report, VIEW),
    ...renderInventories([inventory], VIEW),
    ...renderDetections([detectionOf(text), { ...detectionOf(text), format: undefined }], VIEW),
    ...renderSurvey(surveyOf(text), VIEW),
    configText(surveyOf(text), '/srv', NOW),
    ...handoff.renderPlanSummary(summaryOf(text), VIEW),
    ...handoff.renderVerification(verificationOf(text), VIEW),
    ...handoff.renderVerification({ ...verificationOf(text), problems: [{ code: 'expired', text }] }, VIEW),
    ...[...report.keys].flatMap((key) => warnings(text, key)),
    ...handoff.renderHandoff(resultOf(text), VIEW),
    ...handoff.renderHistory(historyOf(ledgerOf(text), [missedOf(text)], 3, TOOL), VIEW),
  ].join('');
}

/** What they write for programs. */
export function hostileJson(text: string): readonly string[] {
  const report = hostileReport(text);
  const inventory = { file: text, importedAt: NOW, partial: text, entries: [{ entry: entryOf(text), listedSince: 0 }] };
  return [
    renderStatusJson(statusOf(text, [...report.keys]), '0.1.0'),
    renderDoctorJson([{ name: 'inputs', text, code: 3, hint: text }], 3, '0.1.0'),
    renderInventoriesJson([inventory]),
    renderDetectionsJson([detectionOf(text)]),
    handoff.renderVerificationJson(verificationOf(text)),
    handoff.renderHandoffJson(resultOf(text)),
    handoff.renderHistoryJson(historyOf(ledgerOf(text), [missedOf(text)], 3, TOOL)),
  ].map((pieces) => [...pieces].join(''));
}

/** What `lastcall init` found, everything called by the text. */
export function surveyOf(text: string): Survey {
  const usage = { at: NOW, keys: [], system: { name: text, attribution: 'field' }, outcome: 'accepted', action: text };
  const source = {
    name: text,
    pattern: text,
    format: 'json',
    formatStrings: [text, text],
    logs: [],
    fields: { time: text },
    detection: detectionOf(text),
    calls: [usage as unknown as Usage],
    damaged: [{ file: text, why: text }],
  };
  return {
    sources: [source],
    leftOut: [{ source, why: text }],
    inventories: [
      {
        file: text,
        newest: text,
        format: 'csv',
        partial: text,
        remedy: text,
        entries: [entryOf(`break-glass ${text}`), entryOf(text)],
        seen: 0,
      },
    ],
    strangers: [{ file: text, why: text, asList: text }],
  };
}

function statusOf(text: string, keys: readonly KeyReport[]): Parameters<typeof renderStatus>[0] {
  const source = { source: text, state: 'silent', lastAt: AT, coveredDays: 3, openDays: 2 } as const;
  const glance: Glance = {
    scan: 1,
    asOf: AT,
    summary: { ...hostileReport(text).summary, safe: keys.length },
    disabled: 0,
    deleted: 0,
    safe: keys,
    nearly: { days: 30, keys: keys.length, soonest: keys },
    unknown: { 'coverage-gap': 1 },
    sources: { count: 2, silent: 1, worst: [source] },
  };
  return {
    db: text,
    now: NOW,
    isStored: true,
    hasSources: true,
    glance,
    staleness: undefined,
    lastRun: { number: 1, startedAt: NOW, version: text, state: 'died' },
    faults: { count: 3, first: [{ path: text, detail: text }] },
    leftOut: [text],
    undecided: [{ key: text, label: text, step: 'disable', since: AT }],
  };
}

function detectionOf(text: string): Detection {
  return {
    file: text,
    compression: 'none',
    format: 'json',
    title: 'JSON',
    problem: text,
    framing: 'lines',
    shape: undefined,
    isText: false,
    limits: undefined,
    records: 1,
    skipped: { 'no-time': 1 },
    fields: [{ field: 'action', path: text, share: 1, example: text }],
    available: [text, text],
    suggestions: [{ field: 'key', path: text, share: 1, by: 'name' }],
    pattern: { pattern: text, share: 1 },
    keyPaths: { setting: text, places: [{ template: text, share: 1, example: text }] },
  };
}

function entryOf(text: string): InventoryEntry {
  return {
    id: text,
    match: { by: 'id', keys: [text] },
    display: text,
    label: text,
    owner: text,
    createdAt: NOW,
    expiresAt: undefined,
    status: 'active',
    successor: text,
    source: text,
    lastUsedAt: undefined,
    metadata: { note: text },
    file: text,
    row: 2,
  };
}

function summaryOf(text: string): PlanSummary {
  return {
    keys: [{ key: text, label: text, step: 'disable', lastUsedAt: AT }],
    leftOut: [{ key: text, label: null, why: text }],
    issued: { plan: text, expiresAt: AT, forced: text, signedBy: null },
    isDoubted: false,
  };
}

function verificationOf(text: string): Verification {
  const permit = { key: text, label: text, step: 'delete' } as const;
  return {
    schema: 'lastcall.verification/1',
    tool: TOOL,
    plan: text,
    expiresAt: AT,
    isValid: false,
    problems: [],
    permits: [
      { ...permit, isValid: false, changes: [{ code: 'called', text }] },
      { ...permit, isValid: true, changes: [] },
    ],
  };
}

function warnings(text: string, report: KeyReport): readonly string[] {
  const permit = { key: text, label: text, step: 'disable' } as Warning['permit'];
  const ways: readonly Exclude<FilledAction, { readonly by: 'nobody' }>[] = [
    { by: 'command', command: [text, text] },
    { by: 'hand', steps: [text] },
    { by: 'driver', module: text, key: { id: text, columns: { note: text } } },
  ];
  return ways.map((action) => handoff.renderWarning({ permit, report, action, undo: action }, VIEW));
}

function resultOf(text: string): HandoffResult {
  const of = { key: text, label: text, step: 'disable' } as const;
  return {
    schema: 'lastcall.handoff/1',
    tool: TOOL,
    plan: text,
    isExecuted: true,
    keys: [{ ...of, result: 'refused', changes: [{ code: 'called', text }], detail: text, at: AT }],
    undecided: [{ ...of, since: AT }],
    missed: [missedOf(text)],
  };
}

function missedOf(text: string): MissedKey {
  return { key: text, label: text, status: 'disabled', since: AT, calls: [{ system: text, at: AT, isRefused: true }] };
}

function ledgerOf(text: string): readonly LedgerEntry[] {
  const entry = entryOf(text);
  const bodies: readonly LedgerBody[] = [
    { kind: 'plan', body: { count: 1, expiresAt: NOW, forced: text, keys: [text] } },
    { kind: 'intent', body: { step: 'disable', entry, shownAs: [text], command: [text, text], confirmedBy: 'label' } },
    { kind: 'outcome', body: { result: 'done', detail: text } },
    { kind: 'call', body: { calls: [{ system: text, at: NOW, isRefused: true }] } },
    { kind: 'decision', body: { decision: 'enabled' } },
  ];
  return bodies.map((one, seq) => ({ seq, at: NOW, plan: text, nonce: null, key: text, ...one }));
}
