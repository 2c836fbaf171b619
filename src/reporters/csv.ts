import type { KeyReport, Report } from '../model.ts';
import { inert } from './inert.ts';
import { type Reporter, rowsOf } from './reporter.ts';

/** One row per key (RFC 4180). Text is quoted and can be no formula; words, counts and dates of our own stand bare. */
export const csv: Reporter = {
  render: (report) => renderCsv(report),
  row: rowOf,
};

/** What every row says, in the spelling of the JSON report. */
const COLUMNS: Readonly<Record<string, (key: KeyReport) => string>> = {
  key: (key) => quote(key.key),
  label: (key) => quote(key.label),
  display: (key) => quote(key.display),
  owner: (key) => quote(key.owner),
  status: (key) => key.status,
  verdict: (key) => key.verdict,
  reason: (key) => key.reason,
  safeOn: (key) => key.safeOn ?? '',
  blockers: (key) => key.blockers.map(({ code }) => code).join(';'),
  findings: (key) => key.findings.join(';'),
  firstSeenAt: (key) => key.firstSeenAt ?? '',
  lastUsedAt: (key) => key.lastUsedAt ?? '',
  lastRefusedAt: (key) => key.lastRefusedAt ?? '',
  requests: (key) => String(key.requests),
  refused: (key) => String(key.refused),
  systems: (key) => quote(key.systems.map(({ system }) => system).join('; ')),
  sentence: (key) => quote(key.sentence),
  exemption: (key) => quote(key.exemption?.reason ?? null),
  exemptUntil: (key) => key.exemption?.until ?? '',
};

function* renderCsv(report: Report): Iterable<string> {
  yield `${Object.keys(COLUMNS).join(',')}\r\n`;
  yield* rowsOf(report.keys, 'csv', rowOf);
}

function rowOf(key: KeyReport): string {
  return `${CELLS.map((cell) => cell(key)).join(',')}\r\n`;
}

const CELLS = Object.values(COLUMNS);

/** Most text: ASCII in which nothing can act, end the cell, or begin a formula at its start or after a separator. */
const PLAIN =
  /^(?:[\w!$%&'()*./<>?^~{}[\]\\][\w !$%&'()*./:<>?^~{}[\]\\=+@-]*(?:[;,|] ?[\w!$%&'()*./<>?^~{}[\]\\][\w !$%&'()*./:<>?^~{}[\]\\=+@-]*)*)?$/;

/**
 * Where a spreadsheet could begin a cell with a formula: at the start, and, for one that takes another separator or
 * mistakes a quote, after it. TAB and CR count with the signs: some spreadsheets cut them off.
 */
const FORMULA = /(^|[;,"|])(?=\s*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])/g;

function quote(text: string | null): string {
  if (text === null) return '""';
  if (PLAIN.test(text)) return `"${text}"`;
  const shown = inert(text.replace(FORMULA, "$1'"));
  return `"${shown.includes('"') ? shown.replaceAll('"', '""') : shown}"`;
}
