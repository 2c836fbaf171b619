import type { ExitCode } from '../errors.ts';

/** What may follow `lastcall`. */
export type CommandName =
  | 'init'
  | 'scan'
  | 'ingest'
  | 'report'
  | 'status'
  | 'explain'
  | 'check'
  | 'plan'
  | 'plan verify'
  | 'plan public-key'
  | 'handoff'
  | 'handoff history'
  | 'handoff decide'
  | 'coverage'
  | 'backtest'
  | 'doctor'
  | 'parse'
  | 'sql'
  | 'prune'
  | 'keys import'
  | 'keys list'
  | 'formats'
  | 'formats detect';

export interface CommandEntry {
  readonly name: CommandName;
  /** As shown in the help; empty when the command takes none. */
  readonly operands: string;
  readonly title: string;
  readonly examples: readonly [string, ...string[]];
}

/** Every command, as data: help text, README tables and the command line are made from this list. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'init',
    operands: '<path...>',
    title: 'Look at logs and lists of keys, say what is understood, and write a commented lastcall.yaml.',
    examples: ['lastcall init logs/ keys.csv', 'lastcall init /var/log/nginx --config /etc/lastcall/lastcall.yaml'],
  },
  {
    name: 'scan',
    operands: '[log...]',
    title: 'Read what is new, judge every key, report. The nightly job.',
    examples: [
      'lastcall scan',
      "lastcall scan 'logs/*.gz' --keys keys.csv",
      'lastcall scan logs/ -o table -o json=report.json',
      'lastcall scan s3://acme-logs/AWSLogs/ --keys access-keys.json',
    ],
  },
  {
    name: 'ingest',
    operands: '[log...]',
    title: 'Read what is new and store it, without a report.',
    examples: ['lastcall ingest logs/2026-01-31.jsonl.gz', 'zcat access.log.1.gz | lastcall ingest - --source gateway'],
  },
  {
    name: 'report',
    operands: '',
    title: 'Judge every key and report from what is stored.',
    examples: [
      'lastcall report',
      'lastcall report --fail-on shadow,zombie',
      'lastcall report --as-of 2026-01-31 -o json',
    ],
  },
  {
    name: 'status',
    operands: '',
    title:
      'Show on one screen what the last scan found, how old it is, and what to do next. What lastcall alone shows on a terminal, where there is a lastcall.yaml.',
    examples: ['lastcall status', 'lastcall status -o json'],
  },
  {
    name: 'explain',
    operands: '<key>',
    title: 'Show the evidence behind one verdict: systems, rhythm, coverage, what would change it.',
    examples: [
      'lastcall explain billing-2024',
      'lastcall explain billing-2024 --successor billing-2026',
      'lastcall explain k_0123456789abcdef0123',
    ],
  },
  {
    name: 'check',
    operands: '<key>',
    title: 'The gate before a deletion: read what is new, exit code 0 only if the key is safe now.',
    examples: ['lastcall check billing-2024 && ./delete-key billing-2024'],
  },
  {
    name: 'plan',
    operands: '',
    title: 'Say which keys can be handed over, and write a permit for each: sealed, and good for a day.',
    examples: ['lastcall plan', 'lastcall plan -o plan.json', 'lastcall plan --sign -o table -o json=plan.json'],
  },
  {
    name: 'plan verify',
    operands: '<file>',
    title: 'Read what is new and say whether the permits of a plan are still good, and what has changed.',
    examples: ['lastcall plan verify plan.json', 'lastcall plan verify plan.json --public-key lastcall.pem'],
  },
  {
    name: 'plan public-key',
    operands: '',
    title: 'Print the key with which a signed plan is verified elsewhere.',
    examples: ['lastcall plan public-key > lastcall.pem'],
  },
  {
    name: 'handoff',
    operands: '<plan>',
    title:
      'Look at each key of a plan again, ask, and run the configured command. A dry run unless --execute is given.',
    examples: ['lastcall handoff plan.json', 'lastcall handoff plan.json --execute -o table -o json=done.json'],
  },
  {
    name: 'handoff history',
    operands: '',
    title: 'Show what was handed over, when, and who called with it since.',
    examples: ['lastcall handoff history'],
  },
  {
    name: 'handoff decide',
    operands: '<key> <done|not-done|enabled>',
    title: 'Say what came of a step of which nobody knew, or that a disabled key is in force again.',
    examples: ['lastcall handoff decide billing-2024 not-done'],
  },
  {
    name: 'coverage',
    operands: '',
    title: 'List the sources, the days for which their logs are complete, and the gaps.',
    examples: ['lastcall coverage'],
  },
  {
    name: 'backtest',
    operands: '',
    title: 'Replay the stored history: what the policy would have called safe, and which of it was used later.',
    examples: ['lastcall backtest', 'lastcall backtest --every 1 -o json'],
  },
  {
    name: 'doctor',
    operands: '',
    title:
      'Examine the database, the secret, the last run, the sources and the configuration; say how to mend what is wrong.',
    examples: ['lastcall doctor', 'lastcall doctor -o json'],
  },
  {
    name: 'parse',
    operands: '<log...>',
    title: 'Print each record as it is understood, redacted, one JSON line a record. Stores nothing.',
    examples: ['lastcall parse access.log | head', 'lastcall parse app.jsonl --field time=ts --field key=auth.api_key'],
  },
  {
    name: 'sql',
    operands: '[source...]',
    title: 'Print what is asked of tables in ClickHouse, to be read or run by hand first. Reads no row.',
    examples: ['lastcall sql', 'lastcall sql gateway | clickhouse-client --multiquery'],
  },
  {
    name: 'prune',
    operands: '',
    title: 'Remove from the database what no verdict needs: the ids of events that are long past.',
    examples: ['lastcall prune', 'lastcall prune --older-than 30'],
  },
  {
    name: 'keys import',
    operands: '<file...>',
    title: 'Read inventories: the lists of issued keys.',
    examples: [
      'lastcall keys import keys.csv',
      'lastcall keys import keys.csv --key-field id=key_id --key-field created=made_on',
    ],
  },
  { name: 'keys list', operands: '', title: 'List the keys of the inventories.', examples: ['lastcall keys list'] },
  { name: 'formats', operands: '', title: 'List the log formats.', examples: ['lastcall formats'] },
  {
    name: 'formats detect',
    operands: '<file>',
    title: 'Say which format a log has, what is found in it, and what could be mapped.',
    examples: ['lastcall formats detect access.log', 'lastcall formats detect access.log -o json'],
  },
];

/** What each exit code means; when several apply, the worst wins: 5, 4, 2, 6, 3, 1, 0. */
export const EXIT_CODES: readonly { readonly code: ExitCode; readonly title: string }[] = [
  { code: 0, title: 'done, nothing to say; check: the key is safe' },
  { code: 1, title: 'findings at or over --fail-on; check: the key is not safe; handoff: a step was not done' },
  { code: 2, title: 'wrong usage or configuration, refused before work' },
  { code: 3, title: 'done, but the evidence is incomplete: some input was not fully read' },
  { code: 4, title: 'another run holds the database' },
  { code: 5, title: 'storage failure, rolled back to the last commit' },
  { code: 6, title: 'plan refused: stale, tampered, or the world moved on' },
];
