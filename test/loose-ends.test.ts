import { expect, test } from 'vitest';
import { looseEnds } from '../src/loose-ends.ts';
import { AS_OF, key, noonOf } from './verdicts/history.ts';

const EVIDENCE = [key([], { label: 'Break glass' }, { key: 'break-glass' }), key([])];

function exempting(name: string, untilAt: number) {
  const exemptions = [{ key: name, reason: 'drill', untilAt }];
  const problems = looseEnds({ evidence: EVIDENCE }, { config: 'c.yaml', exemptions, asOf: AS_OF });
  return problems.map(({ file, message, hint }) => `${file}: ${message}. ${hint}`);
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
    `c.yaml: the exemption of "${name}" names no key of an inventory or the logs. ${hint}`,
  ]);
});

test('an exemption that has ended is told', () => {
  expect(exempting('break-glass', noonOf(3))).toEqual([
    'c.yaml: the exemption of "break-glass" ended on 2026-12-17. Remove it, or give it a new end.',
  ]);
});
