import { digestOf, type EventDigest, uuidOf } from '../tally/event-digests.ts';
import type { CountedCall } from './call-scan.ts';
import type { ReadingPlan } from './reading-plan.ts';

/** Whether the records of a log have ids by which one that is delivered twice counts once. */
export function dropsRepeats({ format, fields }: Pick<ReadingPlan, 'format' | 'fields'>): boolean {
  return format.redelivers === true || fields.eventId !== undefined;
}

/**
 * By what an event is known. An id that a provider gives is unique; one that a format knows is so within its source. What
 * a user mapped, or a column is called, may be something else: the type of an event, a number that begins anew, the trace
 * of several calls. It stands for one event only together with the instant and the keys, which are the same when a record
 * is delivered again.
 */
export function eventsOf(
  plan: Pick<ReadingPlan, 'format' | 'fields'>,
): (call: Pick<CountedCall, 'at' | 'callers' | 'eventId'>) => EventDigest | undefined {
  if (!dropsRepeats(plan)) return () => undefined;
  const { eventsPerKey = false } = plan.format;
  const isUnique = hasUniqueIds(plan);
  const isDoubtful = plan.format.hasNamesOfUsers === true || isMapped(plan);
  return ({ at, callers: { source, keys }, eventId }) => {
    if (eventId === undefined) return undefined;
    if (isUnique) return typeof eventId === 'string' ? digestOf(eventId) : eventId;
    const key = eventsPerKey ? `\0${keys[0]?.key ?? ''}` : '';
    const call = isDoubtful ? `\0${at}\0${keys.map((one) => one.key).join('\0')}` : key;
    return digestOf(`${source}\0${typeof eventId === 'string' ? eventId : uuidOf(eventId)}${call}`);
  };
}

/** Whether the provider gives the ids of events. */
export function hasUniqueIds(plan: Pick<ReadingPlan, 'format' | 'fields'>): boolean {
  return plan.format.redelivers === true && !isMapped(plan);
}

function isMapped({ format, fields }: Pick<ReadingPlan, 'format' | 'fields'>): boolean {
  return format.fields.eventId !== fields.eventId;
}
