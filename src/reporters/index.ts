import { LastcallError } from '../errors.ts';
import type { Reporter } from './reporter.ts';

/** A reporter that `-o` can name. It is loaded when it is asked for: most runs use one of them. */
export interface ReporterEntry {
  readonly name: string;
  /** One line for `--help`. */
  readonly title: string;
  /** It has a form for `--since`. */
  readonly saysChanges?: true;
  readonly load: () => Promise<Reporter>;
}

/** Every output that `-o` can name. Add a reporter here. */
export const reporters: readonly ReporterEntry[] = [
  {
    name: 'table',
    title: 'for the terminal: what can be deleted, what is in use and by whom, what is unknown and why',
    saysChanges: true,
    load: async () => (await import('./table.ts')).table,
  },
  {
    name: 'html',
    title: 'a page to look at and to pass on: every key with its days of use, to be searched; one file',
    saysChanges: true,
    load: async () => (await import('./html.ts')).html,
  },
  {
    name: 'json',
    title: 'everything, schema lastcall.report/1; the lossless form for programs',
    saysChanges: true,
    load: async () => (await import('./json.ts')).json,
  },
  {
    name: 'csv',
    title: 'one row per key, for spreadsheets',
    load: async () => (await import('./csv.ts')).csv,
  },
  {
    name: 'markdown',
    title: 'tables for tickets and pull requests',
    saysChanges: true,
    load: async () => (await import('./markdown.ts')).markdown,
  },
  {
    name: 'sarif',
    title: 'SARIF 2.1.0 for code scanning: safe keys and findings, at their rows of the inventories',
    load: async () => (await import('./sarif.ts')).sarif,
  },
  {
    name: 'ocsf',
    title: 'OCSF detection findings for a SIEM, one JSON line each: safe keys and findings',
    load: async () => (await import('./ocsf.ts')).ocsf,
  },
  {
    name: 'prometheus',
    title: "gauges for Prometheus, a file for the node exporter's textfile collector",
    load: async () => (await import('./prometheus.ts')).prometheus,
  },
];

/** The reporter of this name. */
export async function loadReporter(name: string): Promise<Reporter> {
  const entry = reporters.find((known) => known.name === name);
  if (entry !== undefined) return entry.load();
  throw new LastcallError('usage', `There is no reporter "${name}"`, {
    hint: `There are ${reporters.map((known) => known.name).join(', ')}, and modules of your own, such as ./mine.mjs.`,
  });
}
