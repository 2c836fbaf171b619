import { count } from '../count.ts';
import { isoDay } from './calendar.ts';
import type { CallerFacts } from './facts.ts';
import type { Policy } from './policy.ts';
import { holeMargin, silenceAfterMove } from './rhythm.ts';
import type { CallerRhythm, Demand, DemandCode } from './rhythm.ts';
import { aYear, days } from './wording.ts';

/** How long a caller has been silent. One that still tries and is refused is not silent: nothing gets through. */
export function silenceText({ rhythm }: CallerFacts, demand: Demand | undefined): string {
  return `${demand?.code === 'refused-recently' ? 'no use for' : 'silent'} ${days(rhythm.silent)}`;
}

/** Why a caller must be silent for so long: `longest pause 31 days (monthly job), needs 93`. */
export function reasonText({ rhythm }: CallerFacts, demand: Demand, policy: Policy): string {
  return REASONS[demand.code](rhythm, demand.days, policy);
}

type Reason = (rhythm: CallerRhythm, required: number, policy: Policy) => string;

const REASONS: Readonly<Record<DemandCode, Reason>> = {
  rhythm: (rhythm, required, policy) =>
    `${pauseText(rhythm)}${KIND_WORDS[rhythm.kind] ?? ''}, needs ${count(required)}${marginText(rhythm, required, policy)}`,
  'too-few-uses': (rhythm, required) =>
    `used on only ${days(rhythm.useDays)}, so it could be a yearly job and needs ${count(required)}`,
  'young-caller': (rhythm, required) =>
    `in use for only ${days(rhythm.span)}, so it needs ${count(required)} to make ${aYear(rhythm.span + required)}`,
  'refused-recently': (rhythm, required) =>
    `still tried on ${isoDay(rhythm.lastRefusedDay ?? 0)} and was refused, needs ${count(required)}`,
};

/** The days before the first call count as a pause, but are none between two calls. */
export function pauseText({ longest, longestBetween }: CallerRhythm): string {
  return longest > longestBetween ? `first called only after ${days(longest)}` : `longest pause ${days(longest)}`;
}

function marginText(rhythm: CallerRhythm, required: number, policy: Policy): string {
  if (rhythm.hasMoved && required === silenceAfterMove(rhythm, policy)) return ' after its move';
  return holeMargin(rhythm, policy) > 0 ? ' since there is a hole in the logs' : '';
}

const KIND_WORDS: Readonly<Record<string, string>> = {
  continuous: ' (continuous use)',
  daily: ' (daily use)',
  weekly: ' (weekly job)',
  monthly: ' (monthly job)',
  quarterly: ' (quarterly job)',
  yearly: ' (yearly job)',
  irregular: ' (irregular use)',
};
