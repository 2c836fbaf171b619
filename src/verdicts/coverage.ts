import type { DayNumber, EpochMs, Fault, Gap, GapReason, SourceActivity, SourceCoverage } from '../model.ts';
import { DAY_MS, dayOf } from './calendar.ts';
import { inferHoles } from './holes.ts';
import type { InferredDays } from './holes.ts';
import type { Policy } from './policy.ts';

/**
 * For which days a source is known to be complete: inferred from what arrived, less what was declared, left unread or
 * unreadable. The day of `asOf` is not over and is never counted, covered or not.
 *
 * How "the newest 14 days may still be late" is read: a newest day that looks complete is covered (else no steady caller
 * could be cleared in less than 44 days, and 36 were measured); one that looks incomplete is `late-window`, which is not
 * covered but no hole either. A declared delivery lag replaces this: within the lag no day is covered however it looks.
 */
export function inferCoverage(activity: SourceActivity, asOf: EpochMs, policy: Policy): SourceCoverage {
  return coverageOf(activity, inferHoles(activity, dayOf(asOf), policy), asOf, policy);
}

/** The same where it is known already which days look incomplete. Writes what is declared into them. */
export function coverageOf(
  activity: SourceActivity,
  seen: InferredDays | undefined,
  asOf: EpochMs,
  policy: Policy,
): SourceCoverage {
  const today = dayOf(asOf);
  const retired = retirementOf(activity, today);
  const lastDay = retired?.contradictedOn === undefined ? retired?.on : undefined;
  const inferred = seen ?? (lastDay === undefined ? undefined : neverSeen(lastDay, today));
  const gaps = inferred === undefined ? [] : gapsOf(activity, inferred, lastDay, asOf, policy);
  const counted = inferred === undefined ? 0 : Math.max(0, today - inferred.firstDay);
  const sampling = activity.declared.sampling;
  const faults = faultsOf(activity);
  return {
    source: activity.source,
    firstDay: inferred?.firstDay,
    lastDay: seen?.lastDay,
    gaps,
    coveredDays: counted - gaps.reduce((sum, gap) => sum + gap.to - gap.from + 1, 0),
    // A share that is no number from 0 to 1 is no promise of completeness.
    sampled: sampling !== undefined && !(sampling >= 1),
    silent: seen !== undefined && lastDay === undefined && isSilent(activity, seen, gaps, policy),
    faults,
    quarantineShare: share(activity.quarantined, activity.records),
    keyKinds: activity.declared.carriesKeys === false ? undefined : activity.keyKinds,
    ...(retired === undefined ? {} : { retired }),
  };
}

/** A declaration that its own records contradict counts for nothing: either it is wrong or the clock of the source. */
function retirementOf({ days, declared }: SourceActivity, today: DayNumber): SourceCoverage['retired'] {
  const on = declared.retiredOn;
  if (on === undefined || on >= today) return undefined;
  const after = days.find((each) => each.day > on && each.day <= today && each.records + each.quarantined > 0);
  return { on, contradictedOn: after?.day };
}

/** A source that never sent a record can vouch for the days after its last one only. */
function neverSeen(lastDay: DayNumber, today: DayNumber): InferredDays {
  const firstDay = lastDay + 1;
  return { firstDay, lastDay, hasRhythm: false, reasons: Array.from({ length: today - firstDay }) };
}

/** An outage that was declared and input that was left unread explain why nothing came: only other days count. */
function isSilent(
  activity: SourceActivity,
  { hasRhythm, lastDay }: InferredDays,
  gaps: readonly Gap[],
  policy: Policy,
): boolean {
  const patience = Math.max(policy.recentDays, Math.ceil(activity.declared.deliveryLagDays ?? 0));
  const unexplained = gaps.filter(({ reason }) => reason === 'no-records' || reason === 'late-window');
  const days = unexplained.reduce((sum, { from, to }) => sum + Math.max(0, to - Math.max(from, lastDay + 1) + 1), 0);
  return hasRhythm && days > patience;
}

function gapsOf(
  activity: SourceActivity,
  inferred: InferredDays,
  retiredOn: DayNumber | undefined,
  asOf: EpochMs,
  policy: Policy,
): readonly Gap[] {
  const { firstDay, reasons } = inferred;
  // A day may be quiet: where the provider vouches for it, silence is none of ours.
  for (const day of activity.provenDays ?? [])
    if (day >= firstDay && day - firstDay < reasons.length) reasons[day - firstDay] = undefined;
  markLate(inferred, activity.declared.deliveryLagDays, asOf, policy);
  if (retiredOn !== undefined) reasons.fill(undefined, Math.max(0, retiredOn + 1 - firstDay));
  // What was declared or found while reading says more than what was inferred, and is written over it.
  for (const { from, to, reason } of knownGaps(activity, firstDay, dayOf(asOf), policy)) {
    if (to >= firstDay) reasons.fill(reason, Math.max(0, from - firstDay), Math.max(0, to - firstDay + 1));
  }
  return joinDays(firstDay, reasons);
}

function markLate(
  { firstDay, reasons }: InferredDays,
  lagDays: number | undefined,
  asOf: EpochMs,
  policy: Policy,
): void {
  const today = dayOf(asOf);
  for (const [index, reason] of reasons.entries()) {
    const day = firstDay + index;
    const isLate =
      lagDays === undefined
        ? reason !== undefined && day >= today - policy.lateWindowDays
        : (day + 1 + lagDays) * DAY_MS > asOf;
    if (isLate) reasons[index] = 'late-window';
  }
}

function knownGaps(activity: SourceActivity, first: DayNumber, today: DayNumber, policy: Policy): readonly Gap[] {
  const outages = activity.declared.outages.map(({ from, to }): Gap => ({ from, to, reason: 'declared-outage' }));
  const faults = faultsOf(activity).flatMap((fault) => faultGap(fault, first, today));
  return [...outages, ...quarantineGaps(activity, first, today, policy), ...faults];
}

/** What is declared of the share that is logged says more than a field of the records. */
function faultsOf({ faults, declared }: SourceActivity): readonly Fault[] {
  return declared.sampling === undefined ? faults : faults.filter(({ reason }) => reason !== 'sampled');
}

/** A clock that is wrong hides no day: it is a blocker by itself. */
function faultGap({ reason, fromAt, toAt }: Fault, first: DayNumber, today: DayNumber): readonly Gap[] {
  if (reason === 'clock') return [];
  // The record before it may bear a stamp of a time yet to come, and the one behind it an old one: these bound nothing.
  const from = fromAt === undefined || dayOf(fromAt) > today ? first : dayOf(fromAt);
  return [{ from, to: toAt === undefined || dayOf(toAt) < from ? today : dayOf(toAt), reason }];
}

function quarantineGaps(activity: SourceActivity, first: DayNumber, today: DayNumber, policy: Policy): readonly Gap[] {
  // On days yet to come lie those behind a record with such a stamp.
  const dated = activity.days.reduce((sum, { day, quarantined }) => sum + (day > today ? 0 : quarantined), 0);
  const undated = activity.quarantined - dated;
  // Unreadable records without a date may have been of any day.
  if (share(undated, activity.records) > policy.quarantineShare)
    return [{ from: first, to: today, reason: 'quarantine' }];
  return activity.days
    .filter((day) => share(day.quarantined, day.records) > policy.quarantineShare)
    .map(({ day }): Gap => ({ from: day, to: day, reason: 'quarantine' }));
}

function share(quarantined: number, records: number): number {
  return quarantined <= 0 ? 0 : quarantined / (records + quarantined);
}

function joinDays(firstDay: DayNumber, reasons: readonly (GapReason | undefined)[]): readonly Gap[] {
  const gaps: Gap[] = [];
  for (let index = 0; index < reasons.length; index++) {
    const reason = reasons[index];
    if (reason === undefined) continue;
    const from = index;
    while (reasons[index + 1] === reason) index++;
    gaps.push({ from: firstDay + from, to: firstDay + index, reason });
  }
  return gaps;
}
