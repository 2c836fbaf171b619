import type { Format } from '../formats/format.ts';
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
