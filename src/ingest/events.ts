import { digestOf, type EventDigest, uuidOf } from '../event-digests.ts';
import type { CountedCall } from './call-scan.ts';
import type { ReadingPlan } from './reading-plan.ts';

/** Whether the records of a log have ids by which one that is delivered twice counts once. */
export function dropsRepeats({ format, fields }: Pick<ReadingPlan, 'format' | 'fields'>): boolean {
  return format.redelivers === true || fields.eventId !== undefined;
}

/** By what an event is known. An id that a provider gives is unique; one that the user mapped is so within its source. */
export function eventsOf(
  plan: Pick<ReadingPlan, 'format' | 'fields'>,
): (call: Pick<CountedCall, 'callers' | 'eventId'>) => EventDigest | undefined {
  if (!dropsRepeats(plan)) return () => undefined;
  const { redelivers: isUnique = false, eventsPerKey = false } = plan.format;
  return ({ callers: { source, keys }, eventId }) => {
    if (eventId === undefined) return undefined;
    if (isUnique) return typeof eventId === 'string' ? digestOf(eventId) : eventId;
    const key = eventsPerKey ? `\0${keys[0]?.key ?? ''}` : '';
    return digestOf(`${source}\0${typeof eventId === 'string' ? eventId : uuidOf(eventId)}${key}`);
  };
}
