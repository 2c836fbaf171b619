import { setTimeout } from 'node:timers/promises';
import { hideKnown } from '../attribution/raw-secret.ts';
import { writeTransaction } from '../engines/sqlite/database.ts';
import { appendHandoff, brokenHandoff, type NewLine, readHandoffs } from '../engines/sqlite/handoff-ledger.ts';
import type { Store, WritableStore } from '../engines/sqlite/store.ts';
import { type ExitCode, LastcallError, worseExit } from '../errors.ts';
import { checkFile } from '../extensions.ts';
import { fillAction } from '../handoff/action.ts';
import { driverProblem, type DriverSettings, runDriver } from '../handoff/driver.ts';
import { type Checked, type Hands, handOver, type KeyResult } from '../handoff/hand-over.ts';
import { historyOf } from '../handoff/history.ts';
import type { Missed } from '../handoff/late-calls.ts';
import type { Permit, Plan } from '../handoff/permit.ts';
import type { HandoffResult } from '../handoff/results.ts';
import { runCommand } from '../handoff/run-command.ts';
import { createSealer, type Sealer } from '../handoff/seal.ts';
import { siblingsAmong } from '../handoff/siblings.ts';
import { progressOf, usedNonces } from '../handoff/steps.ts';
import { undecidedOf } from '../handoff/undecided.ts';
import { verifyPermit } from '../handoff/verify.ts';
import type { Problem } from '../ingest/problem.ts';
import { openFingerprinter, openSecret } from './installation-secret.ts';
import type { EpochMs } from '../model.ts';
import { didYouMean } from '../near-miss.ts';
import { refuseUnread } from './nothing-read.ts';
import type { Options } from '../options.ts';
import { type Outside, viewOf, writeAs } from '../outside.ts';
import { openPlan, refuseNotTaken } from './permits.ts';
import { missedOf, recordMissed, toldOf } from './missed.ts';
import { withStock } from '../report/report.ts';
import {
  renderHandoff,
  renderHandoffJson,
  renderHistory,
  renderHistoryJson,
  renderWarning,
} from '../reporters/handoff.ts';
import { inert } from '../reporters/inert.ts';
import { isoInstant } from '../verdicts/calendar.ts';

// The commands that do something to keys, and what is told of them afterwards.

/** `lastcall handoff`. `readAgain` reads what is new: it is called before each key. */
export async function handOff(
  store: WritableStore,
  readAgain: () => Promise<unknown>,
  notTaken: readonly Problem[],
  options: Options,
  outside: Outside,
): Promise<ExitCode> {
  refuseUnconfigured(options);
  refuseUnread(store, options);
  refuseNotTaken(notTaken);
  await checkDrivers(store, options, outside);
  const sealer = createSealer(openSecret(options));
  refuseBroken(store, sealer);
  const now = clockOf(options, outside);
  const plan = openPlan(store, sealer, now(), options, outside.version);
  const missed = recordMissed(store, options);
  const hands = handsOf(plan, store, sealer, readAgain, options, outside, now);
  const keys = await handOver(plan, hands);
  const result = resultOf(plan, keys, missed, store, options, outside);
  await writeAs(
    options,
    outside,
    (view) => renderHandoff(result, view),
    () => renderHandoffJson(result),
  );
  return exitCodeOf(keys, plan);
}

/** `lastcall handoff history` */
export async function showHistory(store: Store, options: Options, outside: Outside): Promise<ExitCode> {
  const sealer = createSealer(openSecret(options));
  const entries = readHandoffs(store.db);
  const missed = withStock(store, options, [], (stock) => missedOf(stock, entries));
  const tool = { name: 'lastcall', version: outside.version } as const;
  const brokenAt = brokenHandoff(store.db, sealer.chain) ?? null;
  const history = historyOf(entries, missed.map(toldOf), brokenAt, tool);
  await writeAs(
    options,
    outside,
    (view) => renderHistory(history, view),
    () => renderHistoryJson(history),
  );
  return brokenAt === null ? 0 : 6;
}

/** `lastcall handoff decide` */
export async function decide(store: WritableStore, options: Options, outside: Outside): Promise<ExitCode> {
  const { key = '', decision = 'not-done' } = options;
  const progress = progressOf(readHandoffs(store.db));
  const known = progress.get(key);
  if (known === undefined) {
    throw new LastcallError('usage', `No key "${key}" was handed over`, {
      hint: didYouMean(key, [...progress.keys()]) ?? 'lastcall handoff history lists them.',
    });
  }
  const isOpen = decision === 'enabled' ? known.status !== undefined : known.pending !== undefined;
  if (!isOpen) {
    const text = decision === 'enabled' ? 'is neither disabled nor deleted' : 'has no step that waits for a decision';
    throw new LastcallError('usage', `"${key}" ${text}`, { hint: 'See lastcall handoff history.' });
  }
  append(store, createSealer(openSecret(options)), {
    kind: 'decision', at: options.now, plan: '', nonce: null, key, body: { decision },
  }); // prettier-ignore
  outside.tell(`lastcall: ${inert(key)}: ${decision}\n`);
  return 0;
}

/** The time of the run, and what has passed since: somebody may take an hour to confirm. */
function clockOf(options: Options, { clock }: Outside): () => EpochMs {
  const startedAt = clock();
  return () => (options.isClockFixed ? options.now : Math.round(options.now + clock() - startedAt));
}

function refuseUnconfigured({ handoff, config = 'lastcall.yaml' }: Options): void {
  if (handoff.providers.length > 0) return;
  throw new LastcallError('config', `${config}: no command is configured to disable keys`, {
    hint: 'Set handoff.disable and handoff.delete; recipes are in src/handoff/README.md.',
  });
}

/** What was done to a key decides what may be done next. */
function refuseBroken(store: Store, sealer: Sealer): void {
  const broken = brokenHandoff(store.db, sealer.chain);
  if (broken === undefined) return;
  throw new LastcallError(
    'plan',
    `The ledger of hand-offs was changed: line ${broken} does not follow from those before it`,
    {
      hint: 'Nothing was done. See lastcall handoff history, and restore a backup of the database.',
    },
  );
}

function handsOf(
  plan: Plan,
  store: WritableStore,
  sealer: Sealer,
  readAgain: () => Promise<unknown>,
  options: Options,
  outside: Outside,
  now: () => EpochMs,
): Hands {
  const view = viewOf(undefined, { ...options, color: false });
  return {
    isExecuted: options.execute,
    isConfirmed: options.yes,
    verify: async (permit) => {
      await readAgain();
      return check(permit, store, { ...options, asOf: now(), now: now() });
    },
    show: (warning) => outside.tell(renderWarning(warning, view)),
    tell: (text) => outside.tell(`${inert(text)}\n`),
    ask: (question) => whileOthersMayWrite(store, sealer, outside, () => outside.ask(question)),
    record: ({ key, nonce }, line) =>
      append(store, sealer, {
        ...line,
        at: now(),
        plan: plan.plan.plan,
        nonce: line.kind === 'intent' ? nonce : null,
        key,
      }),
    run: (action, step) =>
      action.by === 'driver'
        ? runDriver(action, step, commandSettings(store, options, outside))
        : runCommand(action.command, commandSettings(store, options, outside)),
    now,
    isInterrupted: outside.isInterrupted,
  };
}

const RETRY_MS = 500;

/** Somebody may take an hour to answer, and a nightly run must not find the database locked. */
async function whileOthersMayWrite<Answer>(
  store: WritableStore,
  sealer: Sealer,
  outside: Outside,
  wait: () => Promise<Answer>,
): Promise<Answer> {
  store.pause();
  const answer = await wait();
  for (let tries = 0; !mayWriteAgain(store, outside); tries++) {
    if (tries === 0) outside.tell('Another run holds the database. This one goes on when it is done.\n');
    await setTimeout(RETRY_MS);
  }
  refuseBroken(store, sealer);
  return answer;
}

function mayWriteAgain(store: WritableStore, { isInterrupted }: Outside): boolean {
  try {
    store.resume();
    return true;
  } catch (error) {
    if (!(error instanceof LastcallError) || error.code !== 'locked' || isInterrupted()) throw error;
    return false;
  }
}

function check(permit: Permit, store: Store, options: Options): Checked {
  const entries = readHandoffs(store.db);
  const progress = progressOf(entries);
  return withStock(store, options, [], ({ evidence, world }) => {
    const verified = verifyPermit(permit, {
      evidence: evidence.of(permit.key),
      world,
      progress: progress.get(permit.key),
      nonces: usedNonces(entries),
      config: options.handoff,
      siblingOf: siblingsAmong(() => evidence.entries(), progress),
      now: options.now,
    });
    const { next } = verified;
    const undo = next?.step === undefined ? undefined : next.provider?.undo;
    return {
      ...verified,
      undo: undo === undefined || next?.step === undefined ? undefined : fillAction(undo, next.entry),
      shownAs: (one) => evidence.keysBehind(one),
    };
  });
}

function commandSettings(store: Store, options: Options, outside: Outside): DriverSettings {
  const environment = environmentFor(options, outside);
  const { ofKey } = openFingerprinter(options);
  return {
    timeoutMs: options.handoff.timeoutMs,
    environment,
    signalGroup: outside.signalGroup,
    nodePath: outside.nodePath,
    hideKeys: (text) =>
      withStock(store, options, [], ({ evidence }) =>
        hideKnown(text, (word) => evidence.of(word) === undefined && evidence.knows(ofKey(word).key)),
      ),
  };
}

/** A driver that cannot do its part is refused before the first key is touched. */
async function checkDrivers(store: Store, options: Options, outside: Outside): Promise<void> {
  const checked = new Set<string>();
  for (const provider of options.handoff.providers) {
    for (const step of ['disable', 'delete'] as const) {
      const action = provider[step];
      if (action?.by !== 'driver' || checked.has(`${step} ${action.module}`)) continue;
      checked.add(`${step} ${action.module}`);
      checkFile(action.module);
      const problem = await driverProblem(action.module, step, commandSettings(store, options, outside));
      if (problem !== undefined) throw new LastcallError('config', `${action.module}: ${problem}`);
    }
  }
}

const ALWAYS_GIVEN = ['PATH', 'HOME', 'USER', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TZ', 'TMPDIR', 'SystemRoot'];

/** Never the secret. */
function environmentFor({ handoff }: Options, { environment }: Outside): Readonly<Record<string, string>> {
  const names = [...ALWAYS_GIVEN, ...handoff.environment].filter((name) => !name.startsWith('LASTCALL_'));
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = environment[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function append(store: WritableStore, sealer: Sealer, line: NewLine): void {
  writeTransaction(store.db, store.file, () => appendHandoff(store.db, line, sealer.chain));
}

function resultOf(
  { plan }: Plan,
  keys: readonly KeyResult[],
  missed: readonly Missed[],
  store: Store,
  { execute }: Options,
  { version }: Outside,
): HandoffResult {
  return {
    schema: 'lastcall.handoff/1',
    tool: { name: 'lastcall', version },
    plan: plan.plan,
    isExecuted: execute,
    keys: keys.map((one) => ({ ...one, at: isoInstant(one.at) })),
    undecided: undecidedOf(readHandoffs(store.db)),
    missed: missed.map(toldOf),
  };
}

/** 6: the world moved on for some key. 1: some step was not done, or nobody knows. */
function exitCodeOf(keys: readonly KeyResult[], { permits }: Plan): ExitCode {
  const codes = keys.map(({ result }): ExitCode => {
    if (result === 'refused') return 6;
    return result === 'done' || result === 'ready' ? 0 : 1;
  });
  return codes.reduce(worseExit, keys.length < permits.length ? 1 : 0);
}
