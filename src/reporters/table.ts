import type { Report } from '../model.ts';
import { tableChanges } from './changes.ts';
import { groupKeys } from './key-groups.ts';
import type { Reporter, View } from './reporter.ts';
import { painter } from './style.ts';
import { tableFacts } from './table-facts.ts';
import { tableKeys } from './table-keys.ts';
import { tableSummary } from './table-summary.ts';
import { viewWidth } from './text-width.ts';

/** For people at a terminal: the answers first, then the keys by verdict, what is odd, what was read, what to do next. */
export const table: Reporter = {
  render: (report, view) => renderTable(report, view),
  renderChanges: (report, view) => tableChanges(report, view),
};

function* renderTable(report: Report, view: View): Iterable<string> {
  const width = viewWidth(view.columns);
  const paint = painter(view.color);
  const groups = groupKeys(report.keys);
  yield* tableSummary(report, groups, width, paint);
  yield* tableKeys(groups, width, paint);
  yield* tableFacts(report, groups, width, paint);
}
