import type { Evidence, EpochMs, InventoryEntry, KeyReport } from '../model.ts';
import { type FilledAction, wordsOf } from './action.ts';
import type { Permit, Plan } from './permit.ts';
import type { LedgerBody, OutcomeBody, Step } from './steps.ts';
import type { Change, Verified } from './verify.ts';

/** What came of one permit. */
export interface KeyResult {
  readonly key: string;
  readonly label: string | null;
  readonly step: Step;
  /**
   * `ready`: a dry run found nothing against it. `refused`: its permit is good no more. `declined`: nobody confirmed it.
   * `unknown`: it may have happened, or not.
   */
  readonly result: 'ready' | 'refused' | 'declined' | OutcomeBody['result'];
  readonly changes: readonly Change[];
  readonly detail: string | null;
  readonly at: EpochMs;
}

/** What is to be shown before a key is handed over. */
export interface Warning {
  readonly permit: Permit;
  readonly report: KeyReport;
  readonly action: Exclude<FilledAction, { readonly by: 'nobody' }>;
  readonly undo: FilledAction | undefined;
}

/** What handing over needs of the world outside. */
export interface Hands {
  readonly isExecuted: boolean;
  /** Nobody is asked. */
  readonly isConfirmed: boolean;
  /** Reads what is new, then holds the permit against the key as it is now. */
  readonly verify: (permit: Permit) => Promise<Checked>;
  readonly show: (warning: Warning) => void;
  readonly tell: (text: string) => void;
  /** Undefined: nobody answers. */
  readonly ask: (question: string) => Promise<string | undefined>;
  readonly record: (permit: Permit, line: LedgerBody) => void;
  /** By a program or a driver. */
  readonly run: (action: Exclude<Warning['action'], { readonly by: 'hand' }>, step: Step) => Promise<OutcomeBody>;
  readonly now: () => EpochMs;
  readonly isInterrupted: () => boolean;
}

export interface Checked extends Verified {
  readonly undo: FilledAction | undefined;
  /** The keys of the logs that are this key. */
  readonly shownAs: (evidence: Evidence) => readonly string[];
}

/** Hands over the keys of a plan, one after the other. Each is looked at again just before anything is done to it. */
export async function handOver({ permits }: Plan, hands: Hands): Promise<readonly KeyResult[]> {
  const results: KeyResult[] = [];
  for (const permit of permits) {
    if (hands.isInterrupted()) break;
    results.push(await handOverOne(permit, wordFor(permit, permits), hands));
  }
  if (results.some(({ result }) => result !== 'refused')) hands.tell('');
  return results;
}

/** What is to be typed to confirm: the label, unless another key has it too. */
interface Word {
  readonly text: string;
  readonly isLabel: boolean;
}

function wordFor({ key, label }: Permit, permits: readonly Permit[]): Word {
  const text = label?.trim() ?? '';
  const isLabel = text !== '' && permits.filter((other) => other.label?.trim() === text).length === 1;
  return { text: isLabel ? text : key, isLabel };
}

async function handOverOne(permit: Permit, word: Word, hands: Hands): Promise<KeyResult> {
  const result = resultOf(permit, hands);
  const first = ready(await hands.verify(permit));
  if (!first.isReady) return result('refused', null, first.changes);
  hands.show({ permit, ...first });
  if (!hands.isExecuted) return result('ready');
  const refusal = await confirm(permit, first.action, word, hands);
  if (refusal !== undefined) return result('declined', refusal);
  // Whoever confirms may take an hour.
  const again = ready(await hands.verify(permit));
  if (!again.isReady) return result('refused', null, again.changes);
  if (hands.isInterrupted()) return result('declined', 'stopped before anything was done');
  const { action, entry, shownAs } = again;
  const confirmedBy = hands.isConfirmed ? 'yes' : 'label';
  hands.record(permit, {
    kind: 'intent',
    body: { step: permit.step, entry, shownAs, command: wordsOf(action), confirmedBy },
  });
  const outcome = action.by === 'hand' ? await byHand(action.steps, hands) : await hands.run(action, permit.step);
  hands.record(permit, { kind: 'outcome', body: outcome });
  return result(outcome.result, outcome.detail);
}

interface Ready {
  readonly isReady: true;
  readonly report: KeyReport;
  readonly entry: InventoryEntry;
  readonly action: Warning['action'];
  readonly undo: FilledAction | undefined;
  readonly shownAs: readonly string[];
}

function ready({
  changes,
  facts,
  report,
  next,
  undo,
  shownAs,
}: Checked): Ready | { isReady: false; changes: readonly Change[] } {
  if (changes.length > 0 || facts === undefined || report === undefined || next?.step === undefined) {
    return { isReady: false, changes };
  }
  const { action, entry } = next;
  if (action === undefined || action.by === 'nobody') {
    const text = action?.problem ?? 'no hand-off is configured for it';
    return { isReady: false, changes: [{ code: 'other-step', text }] };
  }
  return { isReady: true, report, entry, action, undo, shownAs: shownAs(facts.evidence) };
}

/** Undefined: confirmed. Else why not. */
async function confirm(
  { step }: Permit,
  action: Warning['action'],
  word: Word,
  hands: Hands,
): Promise<string | undefined> {
  if (hands.isConfirmed) return action.by === 'hand' ? 'it is done by hand, so somebody has to be asked' : undefined;
  const answer = await hands.ask(
    `Type ${word.isLabel ? 'the label' : 'the id'} of the key to ${step} it, or nothing to skip it: `,
  );
  if (answer === undefined) return 'nobody answered';
  if (answer.trim() === '') return 'skipped';
  return answer.trim() === word.text ? undefined : 'another name was typed';
}

async function byHand(steps: readonly string[], { tell, ask }: Hands): Promise<OutcomeBody> {
  for (const [index, step] of steps.entries()) tell(`  ${index + 1}. ${step}`);
  const answer = (await ask('Type "done" when it is done, "not done" if it is not: '))?.trim().toLowerCase();
  if (answer === 'done') return { result: 'done', detail: 'by hand' };
  if (answer === 'not done') return { result: 'failed', detail: 'by hand: not done' };
  return { result: 'unknown', detail: 'by hand: nobody said whether it is done' };
}

function resultOf({ key, label, step }: Permit, { now }: Hands) {
  return (result: KeyResult['result'], detail: string | null = null, changes: readonly Change[] = []): KeyResult => ({
    key,
    label,
    step,
    result,
    changes,
    detail,
    at: now(),
  });
}
