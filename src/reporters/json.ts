import type { Backtest, Explanation, KeyReport, Report } from '../model.ts';
import { backtestSchema } from './backtest-schema.ts';
import { changesSchema } from './changes-schema.ts';
import { inertJson } from './inert.ts';
import { arrange, type JsonSchema } from './json-schema.ts';
import { explanationSchema, reportSchema } from './report-schema.ts';
import { type Reporter, rowsOf } from './reporter.ts';

/** `lastcall.report/1`: two spaces of indentation, members in the order of the schema, one piece per key. */
export const json: Reporter = {
  render: (report) => renderJson(report),
  row: (key) => nested(key, reportSchema),
  renderChanges: (report) => renderChangesJson(report),
};

/** `lastcall.explanation/1`, for `lastcall explain -o json`. */
export function renderExplanationJson(explanation: Explanation): Iterable<string> {
  return [`${stringify(arrange(explanation, explanationSchema))}\n`];
}

/** `lastcall.backtest/1`, for `lastcall backtest -o json`. */
export function renderBacktestJson(backtest: Backtest): Iterable<string> {
  return [`${stringify(arrange(backtest, backtestSchema))}\n`];
}

function renderJson(report: Report): Iterable<string> {
  const rows = rowsOf(report.keys, 'json', (key) => nested(key, reportSchema));
  return withKeys(report, rows, reportSchema);
}

/** `lastcall.changes/1`, with the keys of which something is new. An object also when nothing is. */
function renderChangesJson({ since, ...report }: Report): Iterable<string> {
  const { scan, asOf, keys: summary, sources } = since ?? { scan: 0, asOf: report.asOf, keys: {}, sources: [] };
  const frame = { ...report, schema: 'lastcall.changes/1', since: { scan, asOf }, summary, sources };
  return withKeys(frame, changedKeys(report.keys), changesSchema);
}

function* changedKeys(keys: Iterable<KeyReport>): Iterable<string> {
  for (const now of keys) {
    if (now.since !== undefined && now.since.changes.length > 0) yield nested({ ...now.since, now }, changesSchema);
  }
}

/** What holds keys as its last member. Each text in `keys` begins with the comma that stands before it. */
function* withKeys(frame: object, keys: Iterable<string>, schema: JsonSchema): Iterable<string> {
  const text = stringify(arrange({ ...frame, keys: [] }, schema));
  yield text.slice(0, -']\n}'.length);
  let isEmpty = true;
  for (const key of keys) {
    if (key === '') continue;
    yield isEmpty ? key.slice(1) : key;
    isEmpty = false;
  }
  yield isEmpty ? ']\n}\n' : '\n  ]\n}\n';
}

/** One of the keys, as it stands among others. */
function nested(key: object, schema: JsonSchema): string {
  // Two lists around it, so that it stands as deep as in the report.
  const text = stringify([[arrange(key, schema.properties?.['keys']?.items)]]);
  return `,${text.slice('[\n  ['.length, -'\n  ]\n]'.length)}`;
}

function stringify(value: unknown): string {
  return inertJson(JSON.stringify(value, null, 2));
}
