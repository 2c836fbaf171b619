import { count } from '../count.ts';
import { isoDay } from './calendar.ts';
import { watchedOn } from './facts.ts';
import type { CallerFacts, KeyFacts, Watch } from './facts.ts';
import type { Policy } from './policy.ts';
import { holeMargin, silenceAfterMove, silenceForRhythm } from './rhythm.ts';
import type { CallerRhythm } from './rhythm.ts';
import { watchStartText } from './watch-texts.ts';
import { aYear, days, plural } from './wording.ts';

/** The rules that led to the silence required of one caller, in order, as sentences with their numbers. */
export function rulesOf(caller: CallerFacts, policy: Policy): readonly string[] {
  const { rhythm } = caller;
  return [
    ...(rhythm.lastDay === undefined
      ? [
          'Every call was refused: nothing depends on the key yet.',
          `It could have been used for ${days(rhythm.silentDays)}, today apart${uncoveredOf(rhythm)}.`,
        ]
      : usesOf(rhythm, rhythm.lastDay)),
    ...(rhythm.lastDay === undefined ? [] : [pausesOf(rhythm), rhythmRule(rhythm, policy)]),
    ...otherDemands(rhythm, policy),
    ...moveOf(caller, policy),
    conclusionOf(caller),
  ];
}

/** The same for a key that nobody ever used, or not since it was made. */
export function rulesOfWatch(watch: Watch, facts: KeyFacts): readonly string[] {
  if (watch.startsWith === 'nothing')
    return ['Of some source that could have shown it no log was read: nobody watched.'];
  const { watchDays } = facts.world.policy;
  const numbers = `Required: ${days(watchDays)} without a use, so that a yearly job has had its chance; found: ${count(watch.silent)}`;
  return [
    `${facts.totals.lastUsedAt === undefined ? 'Never used' : 'Not used since it was made'}; ${watchStartText(watch, facts)}: watched for ${days(watch.silentDays)} since, today apart${uncoveredOf(watch)}.`,
    watch.silent >= watchDays
      ? `${numbers}. Long enough.`
      : `${numbers}. Long enough on ${isoDay(watchedOn(watch, facts.today, watchDays))} if nobody calls and the logs are complete.`,
  ];
}

function usesOf(rhythm: CallerRhythm, lastDay: number): readonly string[] {
  const spread =
    rhythm.useDays === 1
      ? ''
      : ` in ${plural(rhythm.runs, 'run')}; its last use came ${days(rhythm.span)} after its first`;
  return [
    `Used on ${days(rhythm.useDays)}${spread}.`,
    `Last used on ${isoDay(lastDay)}: silent for ${days(rhythm.silentDays)} since, today apart${uncoveredOf(rhythm)}.`,
  ];
}

function uncoveredOf({ silentDays, silent }: Pick<Watch, 'silentDays' | 'silent'>): string {
  if (silent === silentDays) return '';
  const verb = silentDays - silent === 1 ? 'does' : 'do';
  return `, of which ${days(silentDays - silent)} without complete logs ${verb} not count`;
}

function pausesOf({ useDays, longestBetween, longest }: CallerRhythm): string {
  const between =
    useDays === 1
      ? 'Used only once, it has shown no pause yet.'
      : `The longest pause between days of use was ${days(longestBetween)}.`;
  return longest > longestBetween
    ? `${between} The first call came ${days(longest)} after it could have been seen; that counts as a pause.`
    : between;
}

function rhythmRule(rhythm: CallerRhythm, policy: Policy): string {
  const margin = holeMargin(rhythm, policy);
  const hole =
    margin === 0
      ? ''
      : `, and ${days(margin)} more, since a rare call may lie in the ${days(rhythm.holes)} without logs`;
  const sum = `${policy.pauseFactor} x ${days(rhythm.longest)}, at least ${days(policy.floorDays)}${hole}`;
  return `Its rhythm requires ${days(silenceForRhythm(rhythm, policy))}: ${sum}.`;
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
  const enough = silenceAfterMove(rhythm, policy);
  const sum = `${policy.movedPauseFactor} x ${days(rhythm.longest)}, at least ${days(policy.movedFloorDays)}`;
  const isLess = rhythm.demands.some(({ code, days: least }) => code === 'rhythm' && least === enough);
  return [`It ${move}, which requires ${isLess ? '' : 'no less, '}${days(enough)}: ${sum}.`];
}

function conclusionOf({ rhythm, isCleared, clearedOn, state }: CallerFacts): string {
  const what = rhythm.lastDay === undefined ? 'without a use' : 'of silence';
  const numbers = `Required: ${days(rhythm.required)} ${what}; found: ${count(rhythm.silent)}`;
  if (isCleared) return `${numbers}. Long enough.`;
  const active = state === 'active' ? ' It is in use.' : '';
  return `${numbers}.${active} Long enough on ${isoDay(clearedOn)} if it does not call and the logs are complete.`;
}
