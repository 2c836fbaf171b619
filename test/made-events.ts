import { bytesOf, digestOf, EventDays } from '../src/tally/event-digests.ts';

/** Events by their ids, each with its day. */
export function eventsOf(ids: Iterable<readonly [id: string, day: number]>): EventDays {
  const events = new EventDays();
  for (const [id, day] of ids) events.set(digestOf(id), day);
  return events;
}

/** What is in it, in an order that does not depend on how it came there. */
export function listed(events: EventDays): string[] {
  const all: string[] = [];
  events.forEach((event, day) => all.push(`${bytesOf(event).toString('hex')} ${day}`));
  return all.toSorted();
}
