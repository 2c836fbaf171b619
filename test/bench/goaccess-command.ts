import path from 'node:path';
import type { LogFiles, LogKind } from './log-files.ts';
import type { Command } from './process-run.ts';

const FORMATS: Readonly<Partial<Record<LogKind, readonly string[]>>> = {
  combined: ['--log-format=COMBINED'],
  plain: [
    '--log-format={"timestamp":"%dT%t.%^","client":{"ip":"%h"},"headers":{"user-agent":"%u"},"request":{"method":"%m","path":"%U"},"status":"%s"}',
    '--date-format=%Y-%m-%d',
    '--time-format=%T',
  ],
};

/** GoAccess reads one plain file; its report has the log by address, agent, path and so on. */
export function goaccessCommand({ kind, files }: LogFiles, folder: string): Command | undefined {
  const format = FORMATS[kind];
  if (format === undefined) return undefined;
  return { argv: ['goaccess', ...files, ...format, '--no-progress', '-o', path.join(folder, 'report.json')] };
}
