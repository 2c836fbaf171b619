import { duration, plural, size } from './figures.ts';
import { inert } from './inert.ts';
import { displayWidth, truncate } from './text-width.ts';

export interface Progress {
  readonly bytesRead: number;
  /** Undefined for a pipe. */
  readonly bytesTotal: number | undefined;
  readonly records: number;
  readonly elapsedMs: number;
  readonly file: string;
}

/** Before this much time a rate is a guess. */
const SETTLED_MS = 500;
const SHORTEST_FILE = 8;

/** One line for a running read, no wider than `columns`: percent, bytes, rate, time left, records, file. */
export function progressLine(progress: Progress, columns: number): string {
  let line = '';
  for (const part of figures(progress)) {
    const longer = line === '' ? part : `${line}  ${part}`;
    if (displayWidth(longer) > columns) return truncate(line === '' ? part : line, columns);
    line = longer;
  }
  const left = columns - displayWidth(line) - 2;
  return left < SHORTEST_FILE ? line : `${line}  ${truncate(inert(progress.file), left)}`.trimEnd();
}

function* figures({ bytesRead, bytesTotal, records, elapsedMs }: Progress): Iterable<string> {
  const rate = elapsedMs >= SETTLED_MS ? bytesRead / (elapsedMs / 1000) : 0;
  const isTotalKnown = bytesTotal !== undefined && bytesTotal > 0;
  if (isTotalKnown) yield `${Math.min(100, Math.floor((100 * bytesRead) / bytesTotal))} %`.padStart(5);
  yield isTotalKnown ? `${size(bytesRead)} of ${size(bytesTotal)}` : size(bytesRead);
  if (rate > 0) yield `${size(rate)}/s`;
  if (rate > 0 && isTotalKnown && bytesRead < bytesTotal)
    yield `${duration(Math.ceil((bytesTotal - bytesRead) / rate))} left`;
  yield plural(records, 'record');
}
