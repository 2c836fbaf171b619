import { expect, test } from 'vitest';
import { siblingsAmong } from '../../src/handoff/siblings.ts';
import type { Progress } from '../../src/handoff/steps.ts';
import type { InventoryEntry } from '../../src/model.ts';

const entry = (id: string, createdAt = 1): InventoryEntry => ({
  id,
  label: undefined,
  owner: 'shop',
  createdAt,
  expiresAt: undefined,
  status: 'active',
  successor: undefined,
  source: undefined,
  lastUsedAt: undefined,
  display: undefined,
  match: { by: 'id', keys: [id] },
  metadata: {},
  file: 'keys.csv',
  row: 1,
});

const stopped = (of: InventoryEntry): Progress => ({
  entry: of,
  shownAs: [],
  status: 'disabled',
  since: 1,
  pending: undefined,
  calls: [],
});

const siblingOfA = (b: InventoryEntry, known: InventoryEntry): string | undefined =>
  siblingsAmong(() => [entry('a'), b], new Map([['b', stopped(known)]]))(entry('a'), 'owner');

test('a key that we stopped is no sibling', () => {
  expect(siblingOfA(entry('b'), entry('b'))).toBeUndefined();
});

test('one that was made anew under the id of a key that we stopped is one', () => {
  expect(siblingOfA(entry('b', 2), entry('b'))).toBe('b');
});
