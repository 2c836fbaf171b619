import Table from 'cli-table3';
import type { Detection } from '../ingest/detect-format.ts';
import { percent } from './figures.ts';
import { inert, inertJson } from './inert.ts';
import type { View } from './reporter.ts';
import { truncate, wrap } from './text-width.ts';

/** For `lastcall formats detect`: what was recognised, each usage field with an example, and what could be mapped. */
export function* renderDetections(detections: readonly Detection[], view: View): Iterable<string> {
  for (const [index, detection] of detections.entries()) {
    if (index > 0) yield '\n';
    yield* renderDetection(detection, view);
  }
}

/** Of very many fields, so many lines. */
const FIELD_LINES = 6;

/** As JSON, one document. */
export function* renderDetectionsJson(detections: readonly Detection[]): Iterable<string> {
  yield inertJson(`${JSON.stringify({ schema: 'lastcall.detection/1', logs: detections }, null, 2)}\n`);
}

function* renderDetection(detection: Detection, view: View): Iterable<string> {
  const { file, compression, format, title, problem, framing, limits } = detection;
  const packed = compression === 'none' ? '' : `, ${compression}`;
  if (format === undefined) yield `${inert(file)}: ${inert(problem ?? 'not recognised')}${packed}\n`;
  else {
    yield `${inert(file)}: ${format}, ${framing}${packed}\n`;
    yield `${title ?? ''}. ${looked(detection)}\n`;
    if (problem !== undefined) yield `It cannot be read so: ${inert(problem)}\n`;
    if (limits !== undefined) yield `${limits}\n`;
    yield `${fieldTable(detection, view)}\n`;
  }
  yield* renderSuggestions(detection);
  if (detection.available.length > 0) {
    yield* wrap(`Fields there: ${inert(detection.available.join(', '))}`, view.columns, FIELD_LINES).map(
      (line) => `${line}\n`,
    );
  }
}

/** `98 of the first 100 records are calls (2 not-a-request)` */
function looked({ records, skipped }: Detection): string {
  const reasons = Object.entries(skipped);
  const all = records + reasons.reduce((sum, [, count]) => sum + count, 0);
  const others = reasons.map(([reason, count]) => `${count} ${reason}`).join(', ');
  return `${records} of the first ${all} records are calls${others === '' ? '' : ` (${others})`}`;
}

function fieldTable({ fields }: Detection, view: View): string {
  const table = new Table({
    head: ['field', 'empty in', 'example', 'from'],
    style: { head: [], border: [] },
    chars: NO_LINES,
  });
  const room = Math.max(12, Math.floor((view.columns - 40) / 2));
  for (const { field, path, share, example } of fields) {
    table.push([field, percent(1 - share), truncate(inert(example ?? ''), room), truncate(inert(path), room)]);
  }
  return table.toString();
}

/** Lines between the rows would make it twice as long. */
const NO_LINES = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' };

function* renderSuggestions({ suggestions, pattern, format, keyPaths }: Detection): Iterable<string> {
  yield* renderKeyPaths(keyPaths);
  if (pattern !== undefined) {
    yield `${percent(pattern.share)} of its first lines fit this pattern, a start for your own:\n`;
    yield `  --log-format ${quoted(`pattern:${pattern.pattern}`)}\n`;
  }
  if (suggestions.length === 0) return;
  yield format === undefined ? 'What its values look like:\n' : 'Not read, but it may be:\n';
  for (const { field, path, share, by } of suggestions) {
    yield `  --field ${quoted(`${field}=${path}`)}   in ${percent(share)} of the records, by its ${by}\n`;
  }
}

/** The only way to have them read is a line of the configuration. */
function* renderKeyPaths(keyPaths: Detection['keyPaths']): Iterable<string> {
  if (keyPaths === undefined) return;
  yield 'What stands in its paths looks like keys, which are not read there. If they are, add to its source in lastcall.yaml:\n';
  yield `  ${inert(keyPaths.setting)}\n`;
  for (const { template, share, example } of keyPaths.places) {
    yield `  ${percent(share)} of the calls have one at ${inert(template)}, e.g. ${inert(example)}\n`;
  }
}

/** For a shell of POSIX. */
function quoted(text: string): string {
  const shown = inert(text);
  return /^[\w=.@-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", String.raw`'\''`)}'`;
}
