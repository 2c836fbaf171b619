import type { Backtest, Explanation, Report } from '../model.ts';
import { backtestSchema } from './backtest-schema.ts';
import { inertJson } from './inert.ts';
import { arrange } from './json-schema.ts';
import { explanationSchema, reportSchema } from './report-schema.ts';
import type { Reporter } from './reporter.ts';

/** `lastcall.report/1`: two spaces of indentation, members in the order of the schema, one piece per key. */
export const json: Reporter = {
  name: 'json',
  title: 'everything, schema lastcall.report/1; the lossless form for programs',
  render: (report) => renderJson(report),
};

/** `lastcall.explanation/1`, for `lastcall explain -o json`. */
export function renderExplanationJson(explanation: Explanation): Iterable<string> {
  return [`${stringify(arrange(explanation, explanationSchema))}\n`];
}

/** `lastcall.backtest/1`, for `lastcall backtest -o json`. */
export function renderBacktestJson(backtest: Backtest): Iterable<string> {
  return [`${stringify(arrange(backtest, backtestSchema))}\n`];
}

function* renderJson(report: Report): Iterable<string> {
  const { properties } = reportSchema;
  const frame = stringify(arrange({ ...report, keys: [] }, reportSchema));
  if (report.keys.length === 0) {
    yield `${frame}\n`;
    return;
  }
  yield frame.slice(0, -'[]\n}'.length);
  let before = '[';
  for (const key of report.keys) {
    yield before + indent(`\n${stringify(arrange(key, properties?.['keys']?.items))}`, 4);
    before = ',';
  }
  yield '\n  ]\n}\n';
}

function stringify(value: unknown): string {
  return inertJson(JSON.stringify(value, null, 2));
}

/** Line feeds stand only between tokens: those in strings are escaped. */
function indent(text: string, spaces: number): string {
  return text.replaceAll('\n', `\n${' '.repeat(spaces)}`);
}
