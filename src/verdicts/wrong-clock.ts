import type { EpochMs, Fault, SourceActivity, SourceDay } from '../model.ts';
import { DAY_MS, isoInstant } from './calendar.ts';
import type { Policy } from './policy.ts';

const HOUR_MS = DAY_MS / 24;
/** Records beside which those of a time yet to come are looked at. */
const LOOK_BACK_MS = 400 * DAY_MS;

/**
 * Adds what shows that the clock of this machine is wrong, or that of a source: silence up to now cannot be told from
 * silence up to another time. `runs`: when the newest runs began.
 */
export function withClockFaults(
  activity: SourceActivity,
  runs: readonly EpochMs[],
  now: EpochMs,
  policy: Policy,
): SourceActivity {
  const faults = [...laterRun(runs, now), ...recordsYetToCome(activity, now, policy)];
  return faults.length === 0 ? activity : { ...activity, faults: [...activity.faults, ...faults] };
}

/** The clock went back, or it was ahead before: which of the two shows when it has been right for another run. */
function laterRun(runs: readonly EpochMs[], now: EpochMs): readonly Fault[] {
  const last = Math.max(...runs);
  if (!(last > now + HOUR_MS)) return [];
  return [clockFault(`it is ${isoInstant(now)} by the clock of this machine, and a run began at ${isoInstant(last)}`)];
}

/** A few stray stamps are no clock: as many as may be unreadable are let pass, and count as use at their time. */
function recordsYetToCome({ days }: SourceActivity, now: EpochMs, policy: Policy): readonly Fault[] {
  const count = { past: 0, ahead: 0, lastAt: now };
  for (const day of days) if ((day.day + 1) * DAY_MS > now - LOOK_BACK_MS) countHours(day, now, count);
  const { past, ahead, lastAt } = count;
  if (ahead === 0 || ahead / (past + ahead) <= policy.quarantineShare) return [];
  return [
    clockFault(
      `it is ${isoInstant(now)} by the clock of this machine, and ${ahead} records are later, up to ${isoInstant(lastAt)}`,
    ),
  ];
}

/** A day of difference is left to time zones, and to runs that take long. */
function countHours(
  { day, records, hours = [records] }: SourceDay,
  now: EpochMs,
  count: { past: number; ahead: number; lastAt: EpochMs },
): void {
  for (const [hour, found] of hours.entries()) {
    const at = day * DAY_MS + hour * HOUR_MS;
    if (found === 0) continue;
    if (at < now + DAY_MS) count.past += found;
    else {
      count.ahead += found;
      count.lastAt = Math.max(count.lastAt, at);
    }
  }
}

function clockFault(detail: string): Fault {
  return { reason: 'clock', detail, fromAt: undefined, toAt: undefined };
}
