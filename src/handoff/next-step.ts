import type { HandoffConfig, HandoffProvider } from '../config/config.ts';
import type { InventoryEntry, KeyReport } from '../model.ts';
import { dayOf, isoDay, isoInstant } from '../verdicts/calendar.ts';
import { coveredDaysOf } from '../verdicts/covered-days.ts';
import { columnOf } from '../verdicts/entry-columns.ts';
import { callsSince, type KeyFacts, type LateCall } from '../verdicts/facts.ts';
import { type FilledAction, fillAction, providerOf } from './action.ts';
import type { SiblingOf } from './siblings.ts';
import { isSameKey, type Progress, type Step } from './steps.ts';

/** What may be done to a safe key next, or why nothing may. */
export type NextStep =
  | {
      readonly step: Step;
      readonly entry: InventoryEntry;
      readonly provider: HandoffProvider | undefined;
      /** Undefined: nothing is configured, and somebody else acts on the permit. */
      readonly action: FilledAction | undefined;
    }
  | { readonly step: undefined; readonly why: string };

/** Only for keys without any blocker, that an inventory lists, and one step at a time. */
export function nextStep(
  facts: KeyFacts,
  report: KeyReport,
  known: Progress | undefined,
  { providers, quietDays }: Pick<HandoffConfig, 'providers' | 'quietDays'>,
  siblingOf: SiblingOf,
): NextStep {
  const { entry } = facts.evidence;
  if (report.verdict !== 'safe' || report.blockers.length > 0 || report.exemption !== null) return no(report.sentence);
  if (entry === undefined || report.status === 'unlisted')
    return no('it is in no inventory, so nobody can be told to delete it');
  if (!entry.id.isWellFormed()) return no('its id cannot be written');
  const progress = known !== undefined && isSameKey(known.entry, entry) ? known : undefined;
  if (progress?.pending !== undefined) return no(pendingText(progress.pending));
  if (progress?.status === 'deleted') return no('it was deleted by a hand-off');
  if (entry.status === 'deleted') return no('it is deleted, says its inventory');
  const provider = providerOf(entry, providers);
  if (provider === undefined && providers.length > 0) return no('no hand-off is configured for it');
  if (progress?.status !== 'disabled') {
    const shared = sharedText(entry, provider?.onlyKeyOf, siblingOf);
    return shared === undefined ? act('disable', entry, provider) : no(shared);
  }
  const quiet = quietText(facts, progress, quietDays);
  if (quiet !== undefined) return no(quiet);
  if (provider !== undefined && provider.delete === undefined)
    return no('it is disabled, and no way to delete it is configured');
  return act('delete', entry, provider);
}

/** `billing was refused at 2026-11-03T02:10:00.000Z` */
export function callText({ system, at, isRefused }: LateCall): string {
  return `${system} ${isRefused ? 'was refused' : 'called'} at ${isoInstant(at)}`;
}

function act(step: Step, entry: InventoryEntry, provider: HandoffProvider | undefined): NextStep {
  const configured = provider?.[step];
  const action = configured === undefined ? undefined : fillAction(configured, entry);
  return action?.by === 'nobody' ? no(action.problem) : { step, entry, provider, action };
}

/** Some ways to disable a key stop all keys of its owner. */
function sharedText(entry: InventoryEntry, column: string | undefined, siblingOf: SiblingOf): string | undefined {
  if (column === undefined) return undefined;
  if (columnOf(entry, column) === undefined) return `the inventory does not say its ${column}`;
  const sibling = siblingOf(entry, column);
  return sibling === undefined
    ? undefined
    : `${sibling} has the same ${column}, and would be stopped too: wait until it is gone, or remove this key by hand`;
}

function pendingText({ step, at }: NonNullable<Progress['pending']>): string {
  return `nobody knows whether it was ${step}d on ${isoInstant(at)}: look, then lastcall handoff decide`;
}

function quietText(facts: KeyFacts, { since = 0, calls }: Progress, quietDays: number): string | undefined {
  const late = [...callsSince(facts, since), ...calls][0];
  if (late !== undefined) return `disabled on ${isoDay(dayOf(since))}, and missed: ${callText(late)}`;
  const quiet = coveredDaysOf(facts.world, facts.sources).coveredSince(dayOf(since));
  return quiet >= quietDays
    ? undefined
    : `disabled on ${isoDay(dayOf(since))}: ${quiet} of ${quietDays} quiet days with complete logs have passed`;
}

function no(why: string): NextStep {
  return { step: undefined, why };
}
