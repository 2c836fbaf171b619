import type { KeyReport, KeyReports, Report } from '../model.ts';

/** Where the text goes: what a reporter may know of the terminal. Files and pipes get `color: false`, `columns: 120`. */
export interface View {
  readonly columns: number;
  readonly color: boolean;
}

/** A pure function from a report to text, in pieces so that a large report needs no large string. */
export interface Reporter {
  /** It shows the days of use, or where a key is listed: the keys of its report come with their trace. */
  readonly needsTrace?: true;
  readonly render: (report: Report, view: View) => Iterable<string>;
  /** Of our own reporters, those that say one thing of each key: then it can be made while keys are judged. */
  readonly row?: (key: KeyReport) => string;
  /** For `--since`: what has changed, of a report that says so. Absent: it has no such form. */
  readonly renderChanges?: (report: Report, view: View) => Iterable<string>;
}

/** What a reporter says of each key, as it was made before or is made now. */
export function* rowsOf(keys: KeyReports, name: string, row: (key: KeyReport) => string): Iterable<string> {
  const made = keys.rows?.(name);
  if (made !== undefined) yield* made;
  else for (const key of keys) yield row(key);
}
