import { delimiter } from 'node:path';
import type { CommandName } from './command-list.ts';

/** One flag, as data: the command line, the environment, the help and the precedence tests are made from this list. */
export interface Flag {
  /** As in `Options`; also the attribute name that commander derives from the long flag. */
  readonly name: FlagName;
  /** As typed: `--as-of`, `--no-progress`. */
  readonly long: string;
  readonly short?: string;
  /** What the value is called in the help. Absent: an on/off flag. */
  readonly value?: string;
  /** What separates several values in the environment. Absent: the flag has one value. */
  readonly separator?: string | RegExp;
  readonly title: string;
  readonly commands: 'all' | readonly CommandName[];
}

export type FlagName =
  | 'config'
  | 'db'
  | 'secretFile'
  | 'keys'
  | 'keyField'
  | 'successor'
  | 'logFormat'
  | 'logFormatString'
  | 'source'
  | 'field'
  | 'exclude'
  | 'records'
  | 'workers'
  | 'asOf'
  | 'every'
  | 'olderThan'
  | 'output'
  | 'json'
  | 'failOn'
  | 'since'
  | 'includeSessions'
  | 'inventoryIds'
  | 'accept'
  | 'sign'
  | 'force'
  | 'publicKey'
  | 'execute'
  | 'yes'
  | 'quiet'
  | 'progress'
  | 'verbose';

const READING = ['scan', 'ingest', 'parse'] as const;
const REPORTING = ['scan', 'report'] as const;
const JUDGING = ['scan', 'report', 'explain', 'check', 'backtest'] as const;
/** They judge too, and only as of now. */
const PERMITTING = ['plan', 'plan verify', 'handoff'] as const;

export const FLAGS: readonly Flag[] = [
  {
    name: 'keys',
    long: '--keys',
    value: '<inventory>',
    separator: delimiter,
    title: 'a list of issued keys, CSV or JSON (repeatable)',
    commands: [...JUDGING, ...PERMITTING, 'ingest', 'parse'],
  },
  {
    name: 'keyField',
    long: '--key-field',
    value: '<column>=<name>',
    separator: '\n',
    title: 'what an inventory column is called in the file, e.g. id=key_id (repeatable)',
    commands: [...JUDGING, ...PERMITTING, 'ingest', 'parse', 'keys import'],
  },
  {
    name: 'successor',
    long: '--successor',
    value: '<key>=<successor>',
    separator: '\n',
    title: 'the key that replaces a key, both by their ids (repeatable); for explain, the successor is enough',
    commands: [...JUDGING, ...PERMITTING],
  },
  {
    name: 'logFormat',
    long: '--log-format',
    value: '<name>',
    title: 'the log format by name, or pattern:<regular expression with named groups> (default: auto)',
    commands: READING,
  },
  {
    name: 'logFormatString',
    long: '--log-format-string',
    value: '<string>',
    title: "the log format of nginx, Apache, HAProxy, Envoy or API Gateway, as it stands in the server's configuration",
    commands: READING,
  },
  {
    name: 'source',
    long: '--source',
    value: '<name>',
    title: 'the source that these logs belong to',
    commands: READING,
  },
  {
    name: 'field',
    long: '--field',
    value: '<usage field>=<path>',
    separator: '\n',
    title: 'where a usage field sits in the records, e.g. key=auth.api_key (repeatable)',
    commands: READING,
  },
  {
    name: 'exclude',
    long: '--exclude',
    value: '<pattern>',
    separator: delimiter,
    title:
      'a file, directory or glob among the logs that is none (repeatable); what stood in the way because of it is let go',
    commands: ['scan', 'ingest'],
  },
  {
    name: 'records',
    long: '--records',
    value: '<path>',
    title: "where the records sit in JSON documents, e.g. 'Records[*]'",
    commands: READING,
  },
  {
    name: 'workers',
    long: '--workers',
    value: '<count>',
    title: 'threads that read large plain logs (default: 2, or 1 where there is one core; each takes some 50 MB)',
    commands: ['scan', 'ingest'],
  },
  {
    name: 'asOf',
    long: '--as-of',
    value: '<instant>',
    title: 'the clock for verdicts (default: now); a date means the end of that day, UTC',
    commands: [...JUDGING, 'coverage', 'doctor'],
  },
  {
    name: 'every',
    long: '--every',
    value: '<days>',
    title: 'how many days lie between two judgements (default: 7)',
    commands: ['backtest'],
  },
  {
    name: 'olderThan',
    long: '--older-than',
    value: '<days>',
    title: 'how old an event must be for its id to be forgotten (default: 90)',
    commands: ['prune'],
  },
  {
    name: 'output',
    long: '--output',
    short: '-o',
    value: '<reporter>[=<file>]',
    separator: ',',
    title: 'how to report, and to which file (repeatable; default: table)',
    commands: [
      ...JUDGING,
      ...PERMITTING,
      'status',
      'handoff history',
      'coverage',
      'doctor',
      'keys list',
      'formats detect',
    ],
  },
  {
    name: 'json',
    long: '--json',
    title: 'the same as -o json',
    commands: ['check', 'explain', ...PERMITTING, 'handoff history'],
  },
  {
    name: 'failOn',
    long: '--fail-on',
    value: '<verdict|finding,...>',
    separator: ',',
    title: 'exit with code 1 when a key has one of these; none turns it off',
    commands: REPORTING,
  },
  {
    name: 'since',
    long: '--since',
    value: '<scan|date>',
    title: 'report only what has changed since that scan or date; last: since the scan before. Empty if nothing has',
    commands: REPORTING,
  },
  {
    name: 'includeSessions',
    long: '--include-sessions',
    title: 'list session credentials as keys',
    commands: REPORTING,
  },
  {
    name: 'inventoryIds',
    long: '--inventory-ids',
    title: 'name keys by the ids of the inventories',
    commands: ['parse'],
  },
  {
    name: 'accept',
    long: '--accept',
    title: 'take inventories as they are, also where they list far fewer keys than when they were last read',
    commands: ['scan', 'ingest', 'keys import'],
  },
  {
    name: 'sign',
    long: '--sign',
    title: 'sign the plan too (Ed25519), for tools that run elsewhere',
    commands: ['plan'],
  },
  {
    name: 'force',
    long: '--force',
    value: '<reason>',
    title: 'plan although an implausible share of the keys became safe at once; the reason is recorded',
    commands: ['plan'],
  },
  {
    name: 'publicKey',
    long: '--public-key',
    value: '<file>',
    title: 'verify the signatures only, without database and secret',
    commands: ['plan verify'],
  },
  {
    name: 'execute',
    long: '--execute',
    title: 'run the commands; without it nothing is done',
    commands: ['handoff'],
  },
  {
    name: 'yes',
    long: '--yes',
    title: 'do not ask: for the label of each key, or before writing the configuration',
    commands: ['handoff', 'init'],
  },
  {
    name: 'config',
    long: '--config',
    value: '<file>',
    title: 'the configuration (default: lastcall.yaml, if there is one)',
    commands: 'all',
  },
  { name: 'db', long: '--db', value: '<file>', title: 'the database (default: lastcall.db)', commands: 'all' },
  {
    name: 'secretFile',
    long: '--secret-file',
    value: '<file>',
    title:
      'the secret under which keys are fingerprinted (default: lastcall/secret in the configuration folder of the user)',
    commands: 'all',
  },
  { name: 'quiet', long: '--quiet', title: 'print results and errors only', commands: 'all' },
  { name: 'progress', long: '--no-progress', title: 'do not show progress', commands: 'all' },
  { name: 'verbose', long: '--verbose', title: 'print more about what was read and decided', commands: 'all' },
];

/** The environment variable of a flag: `LASTCALL_AS_OF` for `--as-of`. */
export function environmentName(flag: Flag): string {
  return `LASTCALL_${flag.long.slice(2).replaceAll('-', '_').toUpperCase()}`;
}

/** The flag that turns an on/off flag back: `--progress` for `--no-progress`, `--no-quiet` for `--quiet`. */
export function oppositeFlag(flag: Flag): string {
  return flag.long.startsWith('--no-') ? `--${flag.long.slice(5)}` : `--no-${flag.long.slice(2)}`;
}

/** Whether a command takes a flag. */
export function isFlagOf(flag: Flag, command: CommandName): boolean {
  return flag.commands === 'all' || flag.commands.includes(command);
}
