import Table from 'cli-table3';
import type { Format } from '../formats/format.ts';
import type { Detection } from '../ingest/detect-format.ts';
import { inert } from './inert.ts';
import type { View } from './reporter.ts';
import { truncate } from './text-width.ts';

/** For `lastcall formats`. */
export function* renderFormats(formats: readonly Format[], view: View): Iterable<string> {
  const width = Math.max(...formats.map(({ name }) => name.length));
  for (const { name, title, limits } of formats) {
    yield `${name.padEnd(width)}  ${truncate(title, view.columns - width - 2)}\n`;
    if (limits !== undefined) yield `${' '.repeat(width)}  ${limits}\n`;
  }
}

/** For `lastcall formats detect`: what was recognised, each usage field with an example, and what else is there. */
export function* renderDetection(detection: Detection, view: View): Iterable<string> {
  const { file, compression, format, problem, framing, limits, records } = detection;
  const packed = compression === 'none' ? '' : `, ${compression}`;
  if (format === undefined) {
    yield `${inert(file)}: ${inert(problem ?? 'not recognised')}${packed}\n`;
    return;
  }
  yield `${inert(file)}: ${format}, ${framing}${packed}; ${records} records looked at\n`;
  if (limits !== undefined) yield `${limits}\n`;
  yield `${fieldTable(detection, view)}\n`;
  yield `Fields there: ${inert(detection.available.slice(0, 60).join(', '))}\n`;
}

function fieldTable({ fields }: Detection, view: View): string {
  const table = new Table({ head: ['field', 'found in', 'example', 'from'], style: { head: [], border: [] } });
  const room = Math.max(12, Math.floor((view.columns - 40) / 2));
  for (const { field, path, share, example } of fields) {
    table.push([
      field,
      `${Math.round(share * 100)} %`,
      truncate(inert(example ?? ''), room),
      truncate(inert(path), room),
    ]);
  }
  return table.toString();
}
