import type { ExitCode } from '../errors.ts';
import { inert, inertJson } from './inert.ts';
import type { View } from './reporter.ts';
import { painter } from './style.ts';

/** One thing that was looked at. Code 0: it is as it should be. */
export interface Check {
  readonly name: string;
  readonly text: string;
  readonly code: ExitCode;
  /** How to mend it. */
  readonly hint: string | undefined;
}

/** For `lastcall doctor`. */
export function* renderDoctor(checks: readonly Check[], { color }: View): Iterable<string> {
  const paint = painter(color);
  const width = Math.max(...checks.map(({ name }) => name.length));
  for (const { name, text, code, hint } of checks) {
    yield `${code === 0 ? paint('ok  ', 'safe') : paint('mend', 'alarm')}  ${name.padEnd(width)}  ${inert(text)}\n`;
    if (hint !== undefined) yield `${' '.repeat(width + 8)}${inert(hint)}\n`;
  }
}

export function* renderDoctorJson(checks: readonly Check[], exitCode: ExitCode, version: string): Iterable<string> {
  const shown = checks.map(({ name, text, code, hint }) => ({
    check: name,
    state: code === 0 ? 'ok' : 'mend',
    text,
    hint: hint ?? null,
    exitCode: code,
  }));
  const report = { schema: 'lastcall.doctor/1', tool: { name: 'lastcall', version }, exitCode, checks: shown };
  yield inertJson(`${JSON.stringify(report, null, 2)}\n`);
}
