import { describe, expect, it } from 'vitest';
import {
  appendHandoff,
  brokenHandoff,
  type NewLine,
  readHandoffs,
} from '../../../src/engines/sqlite/handoff-ledger.ts';
import type { WritableStore } from '../../../src/engines/sqlite/store.ts';
import { createSealer } from '../../../src/handoff/seal.ts';
import { progressOf } from '../../../src/handoff/steps.ts';
import { entryOf } from './made-inventory.ts';
import { newStore } from './made-store.ts';

const { chain } = createSealer('00112233445566778899aabbccddeeff'.repeat(2));
const AT = Date.UTC(2026, 0, 10);

const decision = (key: string, at = AT): NewLine => ({
  kind: 'decision', at, plan: '', nonce: null, key, body: { decision: 'done' },
}); // prettier-ignore

const intent = (nonce: string): NewLine => ({
  kind: 'intent', at: AT, plan: 'p', nonce, key: 'k1',
  body: { step: 'disable', entry: entryOf('k1', {}), shownAs: ['k_one'], command: ['x'], confirmedBy: 'yes' },
}); // prettier-ignore

function filled(): WritableStore {
  const store = newStore();
  for (const line of [intent('n1'), decision('k1'), decision('k2')]) appendHandoff(store.db, line, chain);
  return store;
}

describe('the hand-off ledger', () => {
  it('gives back what was added, in order', () => {
    const store = filled();
    expect(readHandoffs(store.db).map(({ seq, kind, key }) => [seq, kind, key])).toEqual([
      [1, 'intent', 'k1'],
      [2, 'decision', 'k1'],
      [3, 'decision', 'k2'],
    ]);
    expect(progressOf(readHandoffs(store.db)).get('k1')).toMatchObject({ status: 'disabled', since: AT });
    expect(brokenHandoff(store.db, chain)).toBeUndefined();
  });

  it.each([
    "UPDATE handoff_ledger SET key = 'k3'",
    'DELETE FROM handoff_ledger',
    'DELETE FROM handoff_ledger WHERE seq = 3',
    "INSERT OR REPLACE INTO handoff_ledger SELECT seq, at, kind, plan, nonce, 'k3', body, hash FROM handoff_ledger",
    'INSERT INTO handoff_ledger SELECT seq + 10, at, kind, plan, NULL, key, body, hash FROM handoff_ledger',
    "INSERT INTO handoff_ledger VALUES (3, 0, 'x', '', NULL, NULL, '{}', '') ON CONFLICT DO UPDATE SET key = 'k3'",
  ])('refuses %s', (sql) => {
    const store = filled();
    expect(() => store.db.exec(sql)).toThrow('the hand-off ledger is only ever added to');
    expect(brokenHandoff(store.db, chain)).toBeUndefined();
  });

  it('lets a permit be used once', () => {
    const store = filled();
    expect(() => appendHandoff(store.db, intent('n1'), chain)).toThrow('UNIQUE');
    expect(appendHandoff(store.db, intent('n2'), chain).seq).toBe(4);
  });

  it.each([
    ['changed', 'UPDATE handoff_ledger SET at = at + 1 WHERE seq = 2', 2],
    ['taken out', 'DELETE FROM handoff_ledger WHERE seq = 2', 3],
    ['put in by somebody without the secret', "INSERT INTO handoff_ledger VALUES (4, 0, 'plan', '', NULL, NULL, '{}', 'ab')", 4],
  ])('tells of a line that was %s behind its back', (_, sql, at) => {
    const store = filled();
    for (const trigger of ['next', 'kept', 'unchanged']) store.db.exec(`DROP TRIGGER handoff_ledger_${trigger}`);
    store.db.exec(sql);
    expect(brokenHandoff(store.db, chain)).toBe(at);
  }); // prettier-ignore
});
