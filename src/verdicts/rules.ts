import { isoDay } from './calendar.ts';
import type { CallerFacts } from './facts.ts';
import type { Policy } from './policy.ts';
import { holeMargin } from './rhythm.ts';
import type { CallerRhythm } from './rhythm.ts';
import { aYear, days, plural } from './wording.ts';

/** The rules that led to the silence required of one caller, in order, as sentences with their numbers. */
export function rulesOf(caller: CallerFacts, policy: Policy): readonly string[] {
  const { rhythm } = caller;
  return [
    ...(rhythm.lastDay === undefined
      ? ['Every call was refused: nothing depends on the key yet.']
      : usesOf(rhythm, rhythm.lastDay)),
    ...(rhythm.lastDay === undefined ? [] : [pausesOf(rhythm), rhythmRule(rhythm, policy)]),
    ...otherDemands(rhythm, policy),
    ...moveOf(caller, policy),
    conclusionOf(caller),
  ];
}

function usesOf(rhythm: CallerRhythm, lastDay: number): readonly string[] {
  const uncovered = rhythm.silentDays - rhythm.silent;
  const less = uncovered === 0 ? '' : `, of which ${days(uncovered)} without complete logs do not count`;
  return [
    `Used on ${days(rhythm.useDays)} in ${plural(rhythm.runs, 'run')}, over ${days(rhythm.span)}.`,
    `Last used on ${isoDay(lastDay)}: silent for ${days(rhythm.silentDays)} since, today apart${less}.`,
  ];
}

function pausesOf({ longestBetween, lead, longest }: CallerRhythm): string {
  const between = `The longest pause between days of use was ${days(longestBetween)}.`;
  return lead === longest && lead > longestBetween
    ? `${between} The first call came ${days(lead)} after it could have been seen; that counts as a pause.`
    : between;
}

function rhythmRule(rhythm: CallerRhythm, policy: Policy): string {
  const margin = holeMargin(rhythm, policy);
  const hole =
    margin === 0
      ? ''
      : `, and ${days(margin)} more, since a rare call may lie in the ${days(rhythm.holes)} without logs`;
  return `Its rhythm requires ${policy.pauseFactor} x ${days(rhythm.longest)}, at least ${days(policy.floorDays)}${hole}.`;
}

function otherDemands(
  { demands, useDays, runs, span, lastRefusedDay }: CallerRhythm,
  policy: Policy,
): readonly string[] {
  return demands.flatMap((demand) => {
    switch (demand.code) {
      case 'rhythm':
        return [];
      case 'too-few-uses':
        return [
          `Few uses (${plural(runs, 'run')}, ${days(useDays)}): a yearly job must have had its chance, ${days(demand.days)}.`,
        ];
      case 'young-caller':
        return [
          `In use for ${days(span)}, less than ${policy.steadyDays}: the rest of ${aYear(span + demand.days)} is required, ${days(demand.days)}.`,
        ];
      case 'refused-recently':
        return [`Still tried on ${isoDay(lastRefusedDay ?? 0)} and was refused: ${days(demand.days)} are required.`];
      default:
        return demand.code satisfies never;
    }
  });
}

function moveOf({ substitute, isNamed, rhythm }: CallerFacts, policy: Policy): readonly string[] {
  if (substitute?.hasMoved !== true) return [];
  const what = substitute.isDeclared ? ', its declared successor,' : ', which is not declared as its successor,';
  const move = `took up ${substitute.key}${what} on ${isoDay(substitute.since)} and works on with it`;
  if (!isNamed) return [`It seems that it ${move}, but its name is derived, so that proves nothing.`];
  return [
    `It ${move}: ${policy.movedPauseFactor} x ${days(rhythm.longest)} are enough, at least ${days(policy.movedFloorDays)}.`,
  ];
}

function conclusionOf({ rhythm, isCleared, clearedOn, state }: CallerFacts): string {
  const numbers = `Required: ${days(rhythm.required)} of silence; found: ${rhythm.silent}`;
  if (isCleared) return `${numbers}. Long enough.`;
  const active = state === 'active' ? ' It is in use.' : '';
  return `${numbers}.${active} Long enough on ${isoDay(clearedOn)} if it does not call and the logs are complete.`;
}
