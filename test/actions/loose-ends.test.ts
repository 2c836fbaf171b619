import { expect, test } from 'vitest';
import { looseEnds } from '../../src/actions/loose-ends.ts';
import type { World } from '../../src/verdicts/world.ts';
import { AS_OF, TODAY, key, logs, noonOf, world, worldOf } from '../verdicts/history.ts';

const KEYS = [key([], { label: 'Break glass' }, { key: 'break-glass' }), key([])];
const EVIDENCE = {
  of: (id: string) => KEYS.find((one) => one.key === id),
  find: (name: string) => KEYS.filter(({ entry }) => entry?.label === name),
  someIds: () => KEYS.map((one) => one.key),
};

function told(known: World, exemptions: readonly { key: string; reason: string; untilAt: number }[] = []) {
  const problems = looseEnds(
    { evidence: EVIDENCE, world: known },
    { config: 'c.yaml', exemptions, successors: [], asOf: AS_OF },
  );
  return problems.map(({ file, message, hint }) => `${file}: ${message}. ${hint}`);
}

function exempting(name: string, untilAt: number) {
  return told(world([]), [{ key: name, reason: 'drill', untilAt }]);
}

test('an exemption in force of a known key is no loose end', () => {
  expect(exempting('break-glass', AS_OF)).toEqual([]);
});

test.each([
  ['break-glas', 'Did you mean "break-glass"?'],
  ['Break glass', 'Did you mean "break-glass"?'],
  ['something-else', 'Name a key by its id, as lastcall report does.'],
])('the exemption of an unknown key, "%s", is told with what was meant', (name, hint) => {
  expect(exempting(name, AS_OF)).toEqual([
    `c.yaml: exemptions: no key of an inventory or the logs has the id "${name}". ${hint}`,
  ]);
});

test('an exemption that has ended is told', () => {
  expect(exempting('break-glass', noonOf(3))).toEqual([
    'c.yaml: exemptions: the exemption of "break-glass" ended on 2026-12-17. Remove it, or give it a new end.',
  ]);
});

test('a retired source that still sends records is told', () => {
  const of = (contradictedOn: number | undefined) =>
    told(world([logs(100, [], { retired: { on: TODAY - 30, contradictedOn } })]));
  expect(of(undefined)).toEqual([]);
  expect(of(TODAY - 20)).toEqual([
    'c.yaml: sources: "gateway" is declared retired on 2026-11-20, but has records of 2026-11-30. Correct that day, or the clock of the source. Until then its silence proves nothing.',
  ]);
});

test('a successor of or to an unknown key is told, and one that leads back', () => {
  const successors = [
    { key: 'break-glas', successor: 'key-1', origin: '--successor' },
    { key: 'key-1', successor: 'break-glass', origin: 'c.yaml' },
    { key: 'break-glass', successor: 'key-1', origin: 'c.yaml' },
  ];
  const known = worldOf(KEYS, [], { successors: new Map(successors.map((each) => [each.key, each.successor])) });
  const settings = { config: undefined, exemptions: [], successors, asOf: AS_OF };
  expect(
    looseEnds({ evidence: EVIDENCE, world: known }, settings).map(({ file, message }) => `${file}: ${message}`),
  ).toEqual([
    '--successor: no key of an inventory or the logs has the id "break-glas"',
    'c.yaml: the successors of "key-1" lead back to it',
    'c.yaml: the successors of "break-glass" lead back to it',
  ]);
});

test('a key that was written where its id belongs is not repeated', () => {
  const secret = 'acme_live_EXAMPLE0a1B2c3D4e5F6g7H8i9J0kLmN';
  expect(exempting(secret, AS_OF)[0]).toContain('has the id "acme_live_...kLmN"');
});
