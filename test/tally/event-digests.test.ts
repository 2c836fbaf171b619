import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf, digestOf, EventDays, uuidAt, uuidOf } from '../../src/tally/event-digests.ts';
import { listed } from '../made-events.ts';

const UUID = '00000000-0000-4000-8000-0000000000ab';
const hex = (id: string): string => bytesOf(digestOf(id)).toString('hex');

describe('the digest of an event id', () => {
  it('is the UUID itself, and where it stands in a log the same', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.nat(9), (id, before) => {
        const bytes = Buffer.from(`${'-'.repeat(before)}${id}"`);
        const found = uuidAt(bytes, before, id.length);
        expect(found && uuidOf(found)).toBe(id);
        expect([hex(id), uuidOf(digestOf(id))]).toEqual([id.replaceAll('-', ''), id]);
      }),
      { seed: 1 },
    );
  });

  it.each([UUID.toUpperCase(), UUID.replaceAll('-', ''), `${UUID} `, UUID.replace('a', 'g'), UUID.replace('b', '\u0130'), UUID.replace('b', '\ud800'), UUID.replace('-', '0'), 'evt-1', ''])(
    'is a hash of any other text: %j',
    (id) => {
      const bytes = Buffer.from(id);
      expect(uuidAt(bytes, 0, bytes.length)).toBeUndefined();
      expect(new Set([hex(id), hex(UUID), hex(`${id}x`)]).size).toBe(3);
    },
  ); // prettier-ignore
});

describe('events by day', () => {
  it('are those of a map, however they are added and merged', () => {
    const ids = fc.oneof(fc.nat(40).map(String), fc.uuid(), fc.nat(300).map((n) => UUID.slice(0, -3) + String(n).padStart(3, '0')));
    const lists = fc.array(fc.array(fc.tuple(ids, fc.integer({ min: -3, max: 20_000 })), { maxLength: 200 }), { maxLength: 6 });
    const law = fc.property(lists, (all) => {
      const [known, days] = [new Map<string, string>(), new EventDays()];
      for (const list of all) {
        const some = new EventDays();
        for (const [id, day] of list) {
          some.set(digestOf(id), day);
          known.set(hex(id), `${hex(id)} ${day}`);
        }
        days.merge(some);
      }
      expect(days.size).toBe(known.size);
      expect(listed(days)).toEqual([...known.values()].toSorted());
      for (const [id] of all.flat()) expect(days.has(digestOf(id))).toBe(true);
      expect(days.has(digestOf('never'))).toBe(false);
    });
    fc.assert(law, { seed: 2 });
  }); // prettier-ignore
});
