import { randomBytes, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { writeTransaction } from '../engines/sqlite/database.ts';
import { appendHandoff, readHandoffs } from '../engines/sqlite/handoff-ledger.ts';
import { inventoryFiles } from '../engines/sqlite/inventories.ts';
import type { Store, WritableStore } from '../engines/sqlite/store.ts';
import {
  firstJudgedAt,
  lastWrittenAt,
  readLastScan,
  safeTimes,
  scanEndedAt,
} from '../engines/sqlite/verdict-history.ts';
import { type ExitCode, LastcallError, worseExit } from '../errors.ts';
import type { Plan, PlanHeader } from '../handoff/permit.ts';
import { type Bunch, isImplausible, issuePlan, largestBunch, type Selection, selectKeys } from '../handoff/plan.ts';
import { type PlanProblem, readPlan, renderPlan } from '../handoff/plan-file.ts';
import type { PlanSummary, Verification } from '../handoff/results.ts';
import { createSealer, type Sealer } from '../handoff/seal.ts';
import { loadSigningKey, readPublicKey } from '../handoff/signing-key.ts';
import { siblingsAmong } from '../handoff/siblings.ts';
import { progressOf, usedNonces } from '../handoff/steps.ts';
import { type Change, clockChanges, planChanges, type Present, timeChanges, verifyPermit } from '../handoff/verify.ts';
import type { Problem } from '../ingest/problem.ts';
import { openSecret } from './installation-secret.ts';
import type { EpochMs } from '../model.ts';
import { nothingRead, refuseUnread } from './nothing-read.ts';
import type { Options } from '../options.ts';
import { type Outside, viewOf, writeAs } from '../outside.ts';
import { type Stock, withStock } from '../report/report.ts';
import { renderPlanSummary, renderVerification, renderVerificationJson } from '../reporters/handoff.ts';
import { inertJson } from '../reporters/inert.ts';
import { dayOf, isoDay, isoInstant, isoInstantOrNull } from '../verdicts/calendar.ts';
import type { World } from '../verdicts/world.ts';

// The commands around permits. What is new was read before.

/** `lastcall plan`. Permits are issued when they are written somewhere: as JSON. */
export async function writePlan(
  store: WritableStore,
  notTaken: readonly Problem[],
  options: Options,
  outside: Outside,
): Promise<ExitCode> {
  const { now, handoff } = options;
  for (const { text } of clockChanges({ now, latestAt: lastWrittenAt(store.db) })) throw refused(text);
  warnOf(refuseUnread(store, options), outside);
  refuseNotTaken(notTaken);
  const ledger = readHandoffs(store.db);
  const selection = withStock(store, options, [], ({ evidence, world }) => {
    refuseIncomplete(world);
    return selectKeys(evidence, world, progressOf(ledger), handoff);
  });
  const doubt = doubtAbout(selection, store, options);
  const isIssued = options.outputs.some(({ reporter }) => reporter === 'json');
  if (doubt !== undefined && options.force === undefined && isIssued) throw doubt;
  const plan = isIssued
    ? issue(selection, doubt === undefined ? null : options.force!, store, options, outside)
    : undefined;
  const summary = summaryOf(selection, plan, doubt !== undefined && options.force === undefined);
  for (const { reporter, file } of options.outputs) {
    const isPlan = reporter === 'json' && plan !== undefined;
    await outside.write(
      file,
      isPlan ? [renderPlan(plan, inertJson)] : renderPlanSummary(summary, viewOf(file, options)),
    );
  }
  if (isIssued && !options.outputs.some(({ reporter }) => reporter === 'table'))
    for (const line of renderPlanSummary(summary, viewOf(undefined, { ...options, color: false }))) outside.tell(line);
  if (doubt !== undefined && options.force === undefined) throw doubt;
  return 0;
}

/** `lastcall plan verify` with the secret and the database at hand. */
export async function verifyPlan(store: Store, options: Options, outside: Outside): Promise<ExitCode> {
  const read = readPlan(planText(options), inertJson, { sealer: createSealer(openSecret(options)) });
  if ('problem' in read) return tellVerified(verificationOf(undefined, [read.problem], [], outside), options, outside);
  const { plan } = read;
  const problems = planChanges(plan, presentOf(store, options.now, outside.version));
  const permits = problems.length > 0 ? [] : verifyAll(plan, store, options);
  const unread = nothingRead(store, options);
  warnOf(unread, outside);
  const code = await tellVerified(verificationOf(plan, problems, permits, outside), options, outside);
  return worseExit(code, unread?.isIncomplete === true ? 3 : 0);
}

/** `lastcall plan verify --public-key`: where neither the secret nor the database is. */
export async function verifySignatures(options: Options, outside: Outside): Promise<ExitCode> {
  const file = options.publicKey ?? '';
  const read = readPlan(planText(options), inertJson, { key: readPublicKey(textOf(file, 'public key'), file) });
  if ('problem' in read) return tellVerified(verificationOf(undefined, [read.problem], [], outside), options, outside);
  const { plan } = read;
  const problems = timeChanges(plan.plan, options.now);
  const isValid = problems.length === 0;
  const permits = plan.permits.map(({ key, label, step }) => ({ key, label, step, isValid, changes: [] }));
  const code = await tellVerified(verificationOf(plan, problems, permits, outside), options, outside);
  if (isValid)
    outside.tell('These are the signatures and the time. Calls since then are known where the database is.\n');
  return code;
}

/** `lastcall plan public-key` */
export async function showPublicKey(options: Options, outside: Outside): Promise<ExitCode> {
  await outside.write(undefined, [loadSigningKey(signingKeyFile(options)).publicKey]);
  return 0;
}

/** Reads a plan that is still good as a whole, or throws `plan`. */
export function openPlan(store: Store, sealer: Sealer, now: EpochMs, options: Options, version: string): Plan {
  const read = readPlan(planText(options), inertJson, { sealer });
  if ('problem' in read) throw refused(read.problem.text);
  const [change, ...others] = planChanges(read.plan, presentOf(store, now, version));
  if (change !== undefined) throw refused(change.text, others);
  return read.plan;
}

function warnOf(problem: Problem | undefined, { warn }: Outside): void {
  if (problem !== undefined) warn(problem);
}

function refused(text: string, others: readonly Change[] = []): LastcallError {
  return new LastcallError('plan', `The plan is refused: ${text}`, {
    details: others.map((other) => other.text),
    hint: 'Nothing was done. Make a new plan: lastcall plan -o json=plan.json',
  });
}

function presentOf(store: Store, now: EpochMs, version: string): Present {
  return {
    now,
    version,
    databaseId: store.id,
    scanAt: (scan) => scanEndedAt(store.db, scan),
    latestAt: lastWrittenAt(store.db),
    ledger: readHandoffs(store.db),
  };
}

/** A key may have been made anew under its id, and only the list that was not taken says so. */
export function refuseNotTaken([list]: readonly Problem[]): void {
  if (list === undefined) return;
  throw new LastcallError('incomplete', `Refused: ${list.file}: ${list.message}`, { hint: list.hint ?? '' });
}

/** What was not read may hold the call that a permit says nobody made. */
function refuseIncomplete({ coverage }: World): void {
  const faults = [...coverage.values()].flatMap((source) => source.faults);
  const open = faults.filter(({ reason, toAt }) => reason === 'unread-input' && toAt === undefined);
  if (open.length === 0) return;
  throw new LastcallError('incomplete', 'No plan: some input was not fully read', {
    details: [...new Set(open.map(({ detail }) => detail))].slice(0, 10),
    hint: 'Read it whole, then plan again. What it is, and what to do: lastcall doctor',
  });
}

function doubtAbout(selection: Selection, store: Store, { now, handoff }: Options): LastcallError | undefined {
  const [times, plannedAt] = [safeTimes(store.db), plannedTimes(store)];
  const bunch = largestBunch(selection, (key) => {
    const known = times.get(key);
    // Whoever planned it since it was not safe for the last time has looked at it.
    const isLookedAt = (plannedAt.get(key) ?? -1) >= (known?.unsafeAt ?? 0);
    return isLookedAt ? undefined : (known?.since ?? now);
  });
  if (bunch === undefined || !isImplausible(bunch.count, selection, handoff)) return undefined;
  const share = Math.round(handoff.maxNewlySafeShare * 100);
  const text = `${bunch.count} of ${selection.listed} keys ${atOnce(bunch, firstJudgedAt(store.db))}, more than ${share} %`;
  return new LastcallError('plan', `No plan: ${text}. That is what a lost log or a wrong field map looks like, too`, {
    hint: 'Look at lastcall report and lastcall coverage. If it is right: lastcall plan -o json=plan.json --force "<why it is right>"',
  });
}

/** When each key was last in a plan. */
function plannedTimes({ db }: Store): ReadonlyMap<string, EpochMs> {
  return new Map(
    readHandoffs(db).flatMap((line) =>
      line.kind === 'plan' ? line.body.keys.map((key): [string, EpochMs] => [key, line.at]) : [],
    ),
  );
}

function atOnce({ from, to }: Bunch, firstAt: EpochMs | undefined): string {
  if (firstAt === undefined || from <= firstAt) return 'were safe when they were first judged';
  const [first, last] = [from, to].map((at) => isoDay(dayOf(at)));
  return `became safe ${first === last ? `on ${first}` : `from ${first} to ${last}`}`;
}

function issue(
  { chosen }: Selection,
  forced: string | null,
  store: WritableStore,
  options: Options,
  { version }: Outside,
): Plan {
  const { now, handoff } = options;
  const signing = options.sign ? loadSigningKey(signingKeyFile(options)) : undefined;
  const sealer = createSealer(openSecret(options));
  const [plan, expiresAt] = [randomUUID(), now + handoff.expiryMs];
  const keys = chosen.map(({ report }) => report.key);
  return writeTransaction(store.db, store.file, () => {
    const body = { count: keys.length, expiresAt, forced, keys };
    const line = appendHandoff(store.db, { kind: 'plan', at: now, plan, nonce: null, key: null, body }, sealer.chain);
    const header: PlanHeader = {
      plan,
      tool: { name: 'lastcall', version },
      database: { id: store.id, ...lastScanOf(store), ledger: line.seq },
      issuedAt: isoInstant(now),
      expiresAt: isoInstant(expiresAt),
      policy: options.policy,
      inventories: inventoryFiles(store.db).map(({ file, sha256 }) => ({
        file: path.basename(file).toWellFormed(),
        sha256,
      })),
      forced: forced?.toWellFormed() ?? null,
      signedBy: signing?.id ?? null,
    };
    return issuePlan(chosen, { header, issuedAt: now, expiresAt, nonce: newNonce, sealer, signing });
  });
}

function newNonce(): string {
  return randomBytes(16).toString('hex');
}

function lastScanOf({ db }: Store): Pick<PlanHeader['database'], 'scan' | 'scanAt'> {
  const scan = readLastScan(db);
  return { scan, scanAt: isoInstantOrNull(scanEndedAt(db, scan)) };
}

function summaryOf({ chosen, leftOut }: Selection, plan: Plan | undefined, isDoubted: boolean): PlanSummary {
  const keys = chosen.map(({ report: { key, label, lastUsedAt }, next: { step } }) => ({
    key,
    label,
    step,
    lastUsedAt,
  }));
  return { keys, leftOut, issued: plan?.plan, isDoubted };
}

function verifyAll(plan: Plan, store: Store, options: Options): Verification['permits'] {
  const ledger = readHandoffs(store.db);
  const [progress, nonces] = [progressOf(ledger), usedNonces(ledger)];
  return withStock(store, options, [], ({ evidence, world }: Stock) => {
    const siblingOf = siblingsAmong(() => evidence.entries(), progress);
    return plan.permits.map((permit) => {
      const { changes } = verifyPermit(permit, {
        evidence: evidence.of(permit.key),
        world,
        progress: progress.get(permit.key),
        nonces,
        config: options.handoff,
        siblingOf,
        now: options.now,
      });
      const { key, label, step } = permit;
      return { key, label, step, isValid: changes.length === 0, changes };
    });
  });
}

function verificationOf(
  plan: Plan | undefined,
  problems: readonly (Change | PlanProblem | { readonly code: string; readonly text: string })[],
  permits: Verification['permits'],
  { version }: Outside,
): Verification {
  return {
    schema: 'lastcall.verification/1',
    tool: { name: 'lastcall', version },
    plan: plan?.plan.plan ?? null,
    expiresAt: plan?.plan.expiresAt ?? null,
    isValid: problems.length === 0 && permits.every(({ isValid }) => isValid),
    problems,
    permits,
  };
}

async function tellVerified(result: Verification, options: Options, outside: Outside): Promise<ExitCode> {
  await writeAs(
    options,
    outside,
    (view) => renderVerification(result, view),
    () => renderVerificationJson(result),
  );
  return result.isValid ? 0 : 6;
}

function planText({ planFile = '' }: Options): string {
  return textOf(planFile, 'plan');
}

function textOf(file: string, what: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    const code = (error as { code?: string }).code ?? 'error';
    throw new LastcallError('usage', `The ${what} "${file}" cannot be read (${code})`, { cause: error });
  }
}

/** The private key lies beside the secret, and is kept as it is. */
function signingKeyFile({ secretFile }: Options): string {
  return path.join(path.dirname(secretFile), 'lastcall-signing-key.pem');
}
