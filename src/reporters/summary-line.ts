import { count, duration, plural, size } from './figures.ts';

/** What one run read. `skipped` does not contain the duplicates. */
export interface ReadTotals {
  readonly records: number;
  readonly duplicates: number;
  readonly skipped: number;
  readonly quarantined: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly files: number;
  /** Logs that were given, read or known already. */
  readonly given: number;
  /** What was recognised: format by number of files. */
  readonly formats: ReadonlyMap<string, number>;
}

/** `30,477 records of 3 files (6,496 duplicates skipped, 2 quarantined), 41 MB in 1.2 s` */
export function summaryLine(totals: ReadTotals): string {
  if (totals.files === 0) return `no new records in ${plural(totals.given, 'file')}`;
  const asides = [
    totals.duplicates > 0 ? `${plural(totals.duplicates, 'duplicate')} skipped` : '',
    totals.skipped > 0 ? `${count(totals.skipped)} ${totals.duplicates > 0 ? 'others ' : ''}skipped` : '',
    totals.quarantined > 0 ? `${count(totals.quarantined)} quarantined` : '',
  ].filter((aside) => aside !== '');
  const files = totals.files > 1 ? ` of ${plural(totals.files, 'file')}` : '';
  const aside = asides.length > 0 ? ` (${asides.join(', ')})` : '';
  const taken = [...totals.formats.keys()].toSorted().join(', ');
  return `${plural(totals.records, 'record')}${files}${aside}, ${size(totals.bytes)} in ${duration(totals.seconds)}, read as ${taken}`;
}
