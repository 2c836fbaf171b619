import type { KeyResult, Warning } from '../handoff/hand-over.ts';
import type {
  HandoffHistory,
  HandoffResult,
  MissedKey,
  PlanSummary,
  Undecided,
  Verification,
} from '../handoff/results.ts';
import { barred, bullet } from './columns.ts';
import { plural } from './figures.ts';
import { inert, inertJson } from './inert.ts';
import { type JsonSchema, arrange } from './json-schema.ts';
import { handoffSchema, handoffsSchema, verificationSchema } from './handoff-schemas.ts';
import { byLastCall, dayOfInstant } from './key-names.ts';
import type { View } from './reporter.ts';
import { type Paint, painter, type Style } from './style.ts';
import { viewWidth, wrap } from './text-width.ts';

const MANY_LINES = 12;

/** For `lastcall plan`: the keys that may go, and the safe ones that may not yet. */
export function* renderPlanSummary({ keys, leftOut, issued, isDoubted }: PlanSummary, view: View): Iterable<string> {
  const until = issued === undefined ? '' : `, until ${minute(issued.expiresAt)}`;
  const lines = keys.map((one) => `${one.step} ${named(one)}, last used ${dayOfInstant(one.lastUsedAt, 'never')}`);
  yield* section(`${plural(keys.length, 'key')} can be handed over${until}`, lines, view, 'safe');
  yield* section(
    'Safe, but not to be handed over now',
    leftOut.map((one) => `${named(one)}: ${one.why}`),
    view,
  );
  if (keys.length + leftOut.length === 0)
    yield 'No key that is still there is safe now. Why not, and from when on: lastcall report\n';
  if (issued === undefined && keys.length > 0 && !isDoubted)
    yield '\nNo permit was issued. To issue them: lastcall plan -o json=plan.json\n';
}

/** For `lastcall plan verify`. */
export function* renderVerification(result: Verification, view: View): Iterable<string> {
  const { isValid, problems, permits, expiresAt } = result;
  const good = permits.filter((permit) => permit.isValid);
  const until = expiresAt === null ? '' : `, until ${minute(expiresAt)}`;
  if (isValid) yield `The plan is good: ${plural(permits.length, 'permit')}${until}\n`;
  else if (problems.length > 0)
    yield* section(
      'The plan is refused',
      problems.map(({ text }) => text),
      view,
      'unknown',
    );
  if (isValid || problems.length > 0) return;
  const bad = permits.filter((permit) => !permit.isValid);
  yield* section(
    `${plural(bad.length, 'permit')} of ${permits.length} refused`,
    bad.map((permit) => `${named(permit)}: ${permit.changes.map(({ text }) => text).join('; ')}`),
    view,
    'unknown',
  );
  yield* section(
    'Still good',
    good.map((permit) => `${permit.step} ${named(permit)}`),
    view,
    'safe',
  );
}

/** What is shown before a key is handed over. */
export function renderWarning({ permit, report, action, undo }: Warning, view: View): string {
  const paint = painter(view.color);
  const width = viewWidth(view.columns) - 2;
  const effect =
    permit.step === 'disable'
      ? 'Whoever still calls with it is refused from then on.'
      : 'It is gone for good: no call with it will ever be accepted again.';
  const facts = [
    `${report.display}, owner ${report.owner ?? 'not known'}, created ${dayOfInstant(report.createdAt, 'at an unknown date')}`,
    report.sentence,
    ...byLastCall(report).map(
      (system) => `${system.system}: last call ${dayOfInstant(system.lastUsedAt, 'never')}${movedText(system)}`,
    ),
    `${effect}${howText(action)}`,
    ...(permit.step === 'disable' ? [undoText(undo)] : []),
  ];
  const lines = facts.flatMap((fact) => wrap(inert(fact), width, MANY_LINES));
  return `\n${paint(`${permit.step.toUpperCase()} ${named(permit)}`, 'strong')}\n${[...barred(lines, paint, 'waiting')].join('')}`;
}

/** For `lastcall handoff`. */
export function* renderHandoff(result: HandoffResult, view: View): Iterable<string> {
  const { keys, undecided, missed, isExecuted } = result;
  yield* section(
    'Nobody knows whether this happened',
    undecided.map((one) => `${undecidedText(one)}: look, then lastcall handoff decide`),
    view,
    'unknown',
  );
  yield* section('Missed', missed.map(missedText), view, 'in-use');
  const lines = keys.map((one) => `${one.step} ${named(one)}: ${resultText(one)}`);
  const isDone = keys.some(({ result: one }) => one === 'done');
  const title = isDone ? 'Handed over' : isExecuted ? 'No key was handed over' : 'Dry run: nothing was done';
  yield* section(title, lines, view, isDone ? 'safe' : 'waiting');
  if (!isExecuted && keys.some(({ result: one }) => one === 'ready')) yield '\nTo do it: add --execute\n';
}

/** For `lastcall handoff history`. */
export function* renderHistory({ keys, lines, brokenAt }: HandoffHistory, view: View): Iterable<string> {
  if (lines.length === 0) yield 'No key was ever handed over.\n';
  if (brokenAt !== null)
    yield `The ledger was changed: line ${brokenAt} does not follow from those before it. Trust none from there on.\n`;
  yield* section(
    'Keys',
    keys.map((one) => `${named(one)}: ${progressText(one)}${callsText(one.calls)}`),
    view,
  );
  yield* section(
    'Ledger',
    lines.map(
      ({ seq, at, kind, key, text }) => `${seq}  ${minute(at)}  ${kind}${key === null ? '' : `  ${key}`}  ${text}`,
    ),
    view,
  );
}

export function renderVerificationJson(value: Verification): Iterable<string> {
  return [stringify(value, verificationSchema)];
}

export function renderHandoffJson(value: HandoffResult): Iterable<string> {
  return [stringify(value, handoffSchema)];
}

export function renderHistoryJson(value: HandoffHistory): Iterable<string> {
  return [stringify(value, handoffsSchema)];
}

/** `Billing (old) (gw-billing-2024) was disabled at 2026-11-03 02:10 UTC`, or not: nobody knows. */
export function undecidedText(one: Undecided): string {
  return `${named(one)} was ${one.step}d at ${minute(one.since)}`;
}

/** `Billing (old) (gw-billing-2024) was disabled at ..., and billing was refused at ...` */
export function missedText(one: MissedKey): string {
  return `${named(one)} was ${one.status} at ${minute(one.since)}${callsText(one.calls)}`;
}

function progressText({ status, since, undecided }: HandoffHistory['keys'][number]): string {
  const doubt = undecided === null ? [] : [`nobody knows whether it was ${undecided}d`];
  const done = status === 'untouched' && undecided !== null ? [] : [status];
  return [...done.map((text) => (since === null ? text : `${text} since ${minute(since)}`)), ...doubt].join(', and ');
}

function callsText(calls: MissedKey['calls']): string {
  return calls
    .map(({ system, at, isRefused }) => `; ${system} ${isRefused ? 'was refused' : 'called'} at ${minute(at)}`)
    .join('');
}

function resultText({ result, changes, detail }: Pick<KeyResult, 'result' | 'changes' | 'detail'>): string {
  const why = [...changes.map(({ text }) => text), ...(detail === null ? [] : [detail])].join('; ');
  return why === '' ? result : `${result}: ${why}`;
}

function howText(action: Warning['action']): string {
  return action.by === 'hand' ? ' It is done by hand.' : ` It runs: ${runText(action)}`;
}

function runText(action: Exclude<Warning['action'], { readonly by: 'hand' }>): string {
  return action.by === 'driver' ? `the driver ${action.module}` : action.command.join(' ');
}

function movedText({ movedTo }: { readonly movedTo: string | null }): string {
  return movedTo === null ? '' : `, moved to ${movedTo}`;
}

function undoText(undo: Warning['undo']): string {
  if (undo === undefined || undo.by === 'nobody') return 'How to take it back is not configured (handoff.undo).';
  return `To take it back: ${undo.by === 'hand' ? undo.steps.join('; ') : runText(undo)}`;
}

function named({ key, label }: { readonly key: string; readonly label: string | null }): string {
  return label === null || label.trim() === '' ? inert(key) : `${inert(label)} (${inert(key)})`;
}

/** `2026-11-03 02:10 UTC` */
function minute(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;
}

function* section(title: string, items: readonly string[], view: View, style: Style = 'faint'): Iterable<string> {
  if (items.length === 0 && !title.startsWith('0 ')) return;
  const paint: Paint = painter(view.color);
  const width = viewWidth(view.columns);
  yield `${paint(title, 'strong')}\n`;
  yield* barred(
    items.flatMap((item) => bullet(inert(item), width - 2, MANY_LINES)),
    paint,
    style,
  );
}

function stringify(value: unknown, schema: JsonSchema): string {
  return `${inertJson(JSON.stringify(arrange(value, schema), null, 2))}\n`;
}
