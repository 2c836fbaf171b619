import type { Catalog, Typed } from './commands/command-line.ts';
import type { CommandName } from './commands/command-list.ts';
import { readInventories } from './commands/inventory-options.ts';
import type { InventoryOption } from './commands/inventory-options.ts';
import { readFailOn, readOutputs } from './commands/outputs.ts';
import type { FlagName } from './commands/flags.ts';
import { formatModules, formatProblem, readFormat } from './commands/log-formats.ts';
import type { Alarm, ConfigFile, Output } from './commands/outputs.ts';
import { readPairs } from './commands/pairs.ts';
import { isRawSecret } from './commands/raw-secret.ts';
import { isOn, lastText, readSettings } from './commands/settings.ts';
import type { Environment, Settings } from './commands/settings.ts';
import { readSuccessors } from './commands/successors.ts';
import type { SuccessorOption } from './commands/successors.ts';
import { passwordsOf, tableAddress, tableAddresses } from './config/table-address.ts';
import type { FormatSource } from './extensions.ts';
import type { Config, ExemptionConfig, HandoffConfig, S3Config, SourceConfig, SystemRule } from './config/config.ts';
import { LastcallError } from './errors.ts';
import { inventoryColumnProblem, usageFieldProblem } from './config/field-names.ts';
import { parseInstant } from './instant.ts';
import type { Decision } from './handoff/steps.ts';
import type { EpochMs } from './model.ts';
import { checkPolicy, checkStricter } from './verdicts/policy.ts';
import type { Policy } from './verdicts/policy.ts';
import type { StricterPolicy } from './verdicts/stricter-policy.ts';

export type { Alarm, Environment, InventoryOption, Output };

/** Everything that a run was asked for, checked and frozen. */
export interface Options {
  readonly command: CommandName;
  /** As typed, else the paths of the configured sources. */
  readonly logs: readonly string[];
  /** The key of `explain`, `check` and `handoff decide`. */
  readonly key: string | undefined;
  /** The plan of `plan verify` and `handoff`. */
  readonly planFile: string | undefined;
  readonly decision: Decision | undefined;
  readonly config: string | undefined;
  readonly db: string;
  /** The secret itself, when the environment holds it; then `secretFile` is not read. */
  readonly secret: string | undefined;
  readonly secretFile: string;
  readonly inventories: readonly InventoryOption[];
  /** Log formats of the user's. */
  readonly formats: readonly FormatSource[];
  /** `auto` or the name of a format. */
  readonly logFormat: string;
  readonly logFormatString: string | undefined;
  readonly source: string | undefined;
  /** Usage field -> path, column or capture. */
  readonly fields: Readonly<Record<string, string>>;
  readonly records: string | undefined;
  /** Threads that read large logs; undefined: as many as the machine has use for. */
  readonly workers: number;
  /** What log times without an offset are in; undefined: UTC. */
  readonly timezone: string | undefined;
  readonly asOf: EpochMs;
  readonly now: EpochMs;
  /** The clock stands still: LASTCALL_NOW is set. */
  readonly isClockFixed: boolean;
  /** Days between two judgements of `backtest`. */
  readonly everyDays: number;
  readonly olderThanDays: number;
  readonly outputs: readonly Output[];
  readonly failOn: readonly Alarm[];
  /** The audit to compare with: the newest up to a scan, up to a time, or the one before. */
  readonly since: { readonly scan: number } | { readonly at: EpochMs } | 'last' | undefined;
  readonly quiet: boolean;
  readonly progress: boolean;
  readonly verbose: boolean;
  readonly color: boolean;
  readonly columns: number;
  readonly isTerminal: boolean;
  readonly includeSessions: boolean;
  readonly inventoryIds: boolean;
  /** Inventories are right although they list far fewer keys than before. */
  readonly accept: boolean;
  readonly sign: boolean;
  /** Why the circuit breaker of `plan` is overruled. */
  readonly force: string | undefined;
  readonly publicKey: string | undefined;
  readonly execute: boolean;
  readonly yes: boolean;
  readonly handoff: HandoffConfig;
  readonly sources: readonly SourceConfig[];
  /** Of sources that are tables, by name; from the environment. */
  readonly passwords: Readonly<Record<string, string>>;
  /** How object stores are reached; what is undefined, the SDK finds itself. */
  readonly s3: S3Config;
  /** What among the logs is none: patterns of paths. */
  readonly exclude: readonly string[];
  readonly systems: readonly SystemRule[];
  readonly policy: Policy;
  readonly stricter: readonly StricterPolicy[];
  readonly exemptions: readonly ExemptionConfig[];
  readonly successors: readonly SuccessorOption[];
}

/** What the resolution of options has to know of the machine. */
export interface Host {
  /** Undefined: there is no such file. */
  readonly readFile: (path: string) => string | undefined;
  /** Needed where `configFileOf` names a file that is there. */
  readonly parseConfig: ((text: string, file: string) => Config) | undefined;
  readonly now: EpochMs;
  readonly home: string;
  /** That this process may use. */
  readonly cores: number;
  /** Of standard output. */
  readonly isTerminal: boolean;
  readonly columns: number | undefined;
  /** Of standard error, where progress is shown. */
  readonly isErrorTerminal: boolean;
}

/** Default < configuration < environment < flag, checked and frozen. What it needs of the machine comes from `host`. */
export function resolveOptions(typed: Typed, environment: Environment, host: Host, catalog: Catalog): Options {
  const { command } = typed;
  const settings = readSettings(typed.flags, environment);
  const configured = command === 'init' ? undefined : readConfig(settings, host);
  const config = configured?.config;
  const now = readNow(environment, host);
  const quiet = isOn(settings, 'quiet') ?? false;
  return deepFreeze({
    command,
    logs: readLogs(typed, config),
    key: readKey(typed),
    planFile: readPlanFile(typed),
    decision: readDecision(typed),
    config: command === 'init' ? lastText(settings, 'config') : configured?.file,
    db: lastText(settings, 'db') ?? config?.db ?? 'lastcall.db',
    ...readSecret(settings, config, environment, host),
    inventories: readInventories(
      readInventoryPaths(typed, settings),
      config?.inventories ?? [],
      readPairs(settings.get('keyField'), inventoryColumnProblem),
    ),
    exclude: [...(settings.get('exclude')?.texts ?? []), ...(config?.exclude ?? [])],
    formats: formatModules(typed, environment, config),
    logFormat: readFormat(settings, catalog),
    logFormatString: lastText(settings, 'logFormatString'),
    source: lastText(settings, 'source'),
    fields: readPairs(settings.get('field'), usageFieldProblem),
    records: lastText(settings, 'records'),
    workers: readWorkers(settings, host),
    timezone: config?.timezone,
    asOf: isAsOfNow(typed) ? now : readAsOf(settings, now),
    now,
    isClockFixed: (environment['LASTCALL_NOW']?.trim() ?? '') !== '',
    everyDays: readDays(settings, 'every', 7),
    olderThanDays: readDays(settings, 'olderThan', 90),
    outputs: readOutputs(command, settings, configured, catalog),
    failOn: readFailOn(settings, configured),
    since: readSince(settings, now),
    quiet,
    progress: (isOn(settings, 'progress') ?? host.isErrorTerminal) && !quiet,
    verbose: isOn(settings, 'verbose') ?? false,
    color: host.isTerminal && (environment['NO_COLOR'] ?? '') === '' && environment['TERM'] !== 'dumb',
    columns: host.isTerminal ? (host.columns ?? 80) : 120,
    isTerminal: host.isTerminal,
    includeSessions: isOn(settings, 'includeSessions') ?? false,
    inventoryIds: isOn(settings, 'inventoryIds') ?? false,
    accept: isOn(settings, 'accept') ?? false,
    sign: isOn(settings, 'sign') ?? false,
    force: lastText(settings, 'force'),
    publicKey: lastText(settings, 'publicKey'),
    execute: isOn(settings, 'execute') ?? false,
    yes: isOn(settings, 'yes') ?? false,
    handoff: config?.handoff ?? UNCONFIGURED_HANDOFF,
    sources: readSources(configured, catalog),
    passwords: passwordsOf(config?.sources ?? [], environment),
    s3: config?.s3 ?? {},
    systems: config?.systems ?? [],
    ...readPolicies(configured),
    exemptions: config?.exemptions ?? [],
    successors: readSuccessors(
      settings.get('successor'),
      config?.successors ?? {},
      `${configured?.file}: successors`,
      command === 'explain' ? readKey(typed) : undefined,
    ),
  });
}

/** What a configuration says that says nothing of it. */
export const UNCONFIGURED_HANDOFF: HandoffConfig = {
  expiryMs: 86_400_000,
  quietDays: 7,
  maxNewlySafeShare: 0.25,
  timeoutMs: 60_000,
  environment: [],
  providers: [],
};

/** Where the configuration is, if there is one. */
export function configFileOf({ flags }: Pick<Typed, 'flags'>, environment: Environment): string {
  return lastText(readSettings(flags, environment), 'config') ?? 'lastcall.yaml';
}

function readConfig(settings: Settings, host: Host): ConfigFile | undefined {
  const named = lastText(settings, 'config');
  const file = named ?? 'lastcall.yaml';
  const text = host.readFile(file);
  if (text !== undefined) {
    if (host.parseConfig === undefined) throw new Error(`${file} is there, and nothing to read it with`);
    return { file, config: host.parseConfig(text, file) };
  }
  if (named !== undefined) {
    throw new LastcallError('config', `${file}: there is no such file`, {
      hint: `Check the path, or write one: lastcall init <path...> --config ${file}`,
    });
  }
  return undefined;
}

function readLogs({ command, operands }: Typed, config: Config | undefined): readonly string[] {
  const paths = config?.sources.flatMap(({ name, paths: own, table }) => (table ? [tableAddress(name)] : own)) ?? [];
  // Standard input cannot be read again and again.
  if (READ_FIRST.includes(command)) return paths.filter((path) => path !== '-');
  if (TAKES_OTHERS.includes(command)) return [];
  refuseEmpty(operands, command === 'sql' ? 'a source' : 'a log');
  if (command === 'sql') return tableAddresses(operands, config?.sources ?? []);
  const isReading = command === 'scan' || command === 'ingest';
  if (!isReading || operands.length > 0) return operands;
  if (paths.length > 0) return paths;
  throw new LastcallError('usage', `lastcall ${command} has no log to read`, {
    hint: 'Name logs, or add sources to lastcall.yaml.',
  });
}

/** What they say or do must hold now: they read what is new in the configured sources first. */
const READ_FIRST: readonly CommandName[] = ['check', 'plan', 'plan verify', 'handoff'];
/** What is typed after them is no log. */
const TAKES_OTHERS: readonly CommandName[] = ['keys import', 'explain', 'handoff decide'];

/** A gate is of now, whatever LASTCALL_AS_OF says. Who types another time for `check` wants to know what it said then. */
function isAsOfNow({ command, flags }: Typed): boolean {
  return READ_FIRST.includes(command) && flags.asOf === undefined;
}

function readPlanFile({ command, operands }: Typed): string | undefined {
  if (command !== 'plan verify' && command !== 'handoff') return undefined;
  refuseEmpty(operands, 'the plan');
  return operands[0];
}

const DECISIONS: readonly string[] = Object.keys({
  done: true,
  'not-done': true,
  enabled: true,
} satisfies Record<Decision, true>);

function readDecision({ command, operands }: Typed): Decision | undefined {
  if (command !== 'handoff decide') return undefined;
  const typed = operands[1] ?? '';
  if (DECISIONS.includes(typed)) return typed as Decision;
  throw new LastcallError('usage', `"${typed}" is no decision`, { hint: `Decisions are ${DECISIONS.join(', ')}.` });
}

// Other users of the machine see arguments, and shells keep them.
function readKey({ command, operands }: Typed): string | undefined {
  if (command !== 'explain' && command !== 'check' && command !== 'handoff decide') return undefined;
  refuseEmpty(operands, 'the key');
  const key = operands[0] ?? '';
  if (!isRawSecret(key)) return key;
  throw new LastcallError('usage', `lastcall ${command} takes the id of a key, and this looks like the key itself`, {
    hint: 'Others can see arguments. Name the key as `lastcall report` does: by its id or its k_ fingerprint.',
  });
}

// An empty shell variable must not turn into "everything" or "nothing".
function refuseEmpty(operands: readonly string[], what: string): void {
  if (operands.some((operand) => operand.trim() === '')) throw new LastcallError('usage', `${what} has an empty name`);
}

function readSecret(
  settings: Settings,
  config: Config | undefined,
  environment: Environment,
  host: Host,
): Pick<Options, 'secret' | 'secretFile'> {
  const file = settings.get('secretFile');
  const secret = environment['LASTCALL_SECRET'];
  if (secret?.trim() === '') {
    throw new LastcallError('usage', 'LASTCALL_SECRET is empty', { hint: 'Unset it, or set it to the secret.' });
  }
  if (secret !== undefined && file !== undefined && !file.isTyped) {
    throw new LastcallError('usage', 'LASTCALL_SECRET and LASTCALL_SECRET_FILE are both set', { hint: 'Unset one.' });
  }
  const folder = environment['XDG_CONFIG_HOME']?.startsWith('/')
    ? environment['XDG_CONFIG_HOME']
    : `${host.home}/.config`;
  return {
    secret: file?.isTyped ? undefined : secret,
    secretFile: file?.texts.at(-1) ?? config?.secretFile ?? `${folder}/lastcall/secret`,
  };
}

function readInventoryPaths({ command, operands }: Typed, settings: Settings): readonly string[] | undefined {
  if (command !== 'keys import') return settings.get('keys')?.texts;
  refuseEmpty(operands, 'an inventory');
  return operands;
}

function readSources(configured: ConfigFile | undefined, catalog: Catalog): readonly SourceConfig[] {
  for (const { name, format } of configured?.config.sources ?? []) {
    const problem = formatProblem(format, catalog);
    if (problem === undefined) continue;
    throw new LastcallError('config', `${configured?.file}: source "${name}": ${problem.message}`, {
      hint: problem.hint,
    });
  }
  return configured?.config.sources ?? [];
}

function readPolicies(configured: ConfigFile | undefined): Pick<Options, 'policy' | 'stricter'> {
  try {
    const policy = checkPolicy(configured?.config.policy.constants ?? {});
    const stricter = (configured?.config.policy.stricter ?? []).map(({ match, constants }, index) => ({
      match,
      constants: checkStricter(constants, policy, `policy.stricter[${index}]`),
    }));
    return { policy, stricter };
  } catch (error) {
    if (!(error instanceof LastcallError)) throw error;
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    throw new LastcallError(error.code, `${configured?.file}: ${error.message}`, { ...hint, cause: error });
  }
}

// A day stands for its end, so that it counts whole. Today has not ended: it stands for now.
function readAsOf(settings: Settings, now: EpochMs): EpochMs {
  const setting = settings.get('asOf');
  if (setting === undefined) return now;
  const text = setting.texts.at(-1) ?? '';
  const stretch = parseInstant(text);
  if (stretch === undefined) throw noInstant(setting.origin, text);
  return stretch.fromAt <= now && now <= stretch.toAt ? now : stretch.toAt;
}

function readSince(settings: Settings, now: EpochMs): Options['since'] {
  const setting = settings.get('since');
  if (setting === undefined) return undefined;
  const text = setting.texts.at(-1)?.trim() ?? '';
  if (text === 'last') return 'last';
  if (/^\d{1,9}$/.test(text)) return { scan: Number(text) };
  const stretch = parseInstant(text);
  if (stretch !== undefined && stretch.fromAt > now)
    throw new LastcallError('usage', `${setting.origin}: "${text}" is still to come`);
  if (stretch !== undefined) return { at: stretch.toAt };
  throw new LastcallError('usage', `${setting.origin}: "${text}" is neither a scan nor a date`, {
    hint: 'Write the number of a scan, 2026-01-31, or last.',
  });
}

function readDays(settings: Settings, name: FlagName, byDefault: number): number {
  const setting = settings.get(name);
  const text = setting?.texts.at(-1)?.trim() ?? String(byDefault);
  const days = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (days > 0) return days;
  throw new LastcallError('usage', `${setting?.origin}: "${text}" is no number of days`, { hint: 'Write 1 or more.' });
}

/** A third would take more memory than a run may. */
const MOST_WORKERS_UNASKED = 2;

function readWorkers(settings: Settings, { cores }: Host): number {
  const setting = settings.get('workers');
  if (setting === undefined) return Math.min(cores, MOST_WORKERS_UNASKED);
  const text = setting.texts.at(-1)?.trim() ?? '';
  if (/^[1-9]\d?$/.test(text)) return Number(text);
  throw new LastcallError('usage', `${setting.origin}: "${text}" is no number of threads`, { hint: 'Write 1 to 99.' });
}

function readNow(environment: Environment, host: Host): EpochMs {
  const text = environment['LASTCALL_NOW']?.trim() ?? '';
  if (text === '') return host.now;
  const stretch = parseInstant(text);
  if (stretch === undefined) throw noInstant('LASTCALL_NOW', text);
  return stretch.toAt;
}

function noInstant(origin: string, text: string): LastcallError {
  return new LastcallError('usage', `${origin}: "${text}" is no date or instant`, {
    hint: 'Write 2026-01-31 or 2026-01-31T12:00Z.',
  });
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const member of Object.values(value)) deepFreeze(member);
  return Object.freeze(value);
}
