import { assert, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan, SealedPermit } from '../../src/handoff/permit.ts';
import { wholeOf } from '../../src/handoff/plan.ts';
import { readPlan, renderPlan } from '../../src/handoff/plan-file.ts';
import { createSealer, type Sealer } from '../../src/handoff/seal.ts';
import { inertJson } from '../../src/reporters/inert.ts';
import { DEFAULT_POLICY } from '../../src/verdicts/policy.ts';

const SEALER = createSealer('00112233445566778899aabbccddeeff'.repeat(2));
const OTHER = createSealer('ffeeddccbbaa99887766554433221100'.repeat(2));
const PLAN = planOf(['a-1', 'b-2', 'c \u202e"3'], SEALER);
const TEXT = renderPlan(PLAN, inertJson);

describe('a plan', () => {
  it('is read as it was written', () => {
    expect(readPlan(TEXT, inertJson, { sealer: SEALER })).toEqual({ plan: PLAN });
    expect(TEXT).not.toContain('\u202e');
    expect(JSON.parse(TEXT)).toEqual(PLAN);
  });

  it('may have no permit at all', () => {
    const none = planOf([], SEALER);
    expect(readPlan(renderPlan(none, inertJson), inertJson, { sealer: SEALER })).toEqual({ plan: none });
  });

  it('is refused wherever it is cut', () => {
    for (let length = 0; length < TEXT.length; length++) {
      expect(readPlan(TEXT.slice(0, length), inertJson, { sealer: SEALER }), String(length)).toHaveProperty('problem');
    }
  });

  it('is refused whichever byte is changed, taken out or put in', () => {
    const bytes = Buffer.from(TEXT);
    assert(
      property(integer({ min: 0, max: bytes.length - 1 }), integer({ min: 1, max: 255 }), (at, by) => {
        const changed = Buffer.from(bytes);
        changed[at] = changed[at]! ^ by;
        const without = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]);
        const more = Buffer.concat([bytes.subarray(0, at), Buffer.from([by]), bytes.subarray(at)]);
        for (const other of [changed, without, more]) {
          if (other.equals(bytes)) continue;
          expect(readPlan(other.toString('utf8'), inertJson, { sealer: SEALER })).toHaveProperty('problem');
        }
      }),
      { numRuns: 2000 },
    );
  });

  it.each<[string, string, (plan: Plan) => string]>([
    ['sealed by another installation', 'another installation', ({ permits }) => write(planOf(permits.map(({ key }) => key), OTHER))],
    ['with a permit taken out', 'holds 2 permits', (plan) => write({ ...plan, permits: plan.permits.slice(1) })],
    ['with a permit taken out and the count mended', 'taken out', (plan) => write(recounted(plan, plan.permits.slice(1)))],
    ['with a permit twice', 'taken out, added or moved', (plan) => write(recounted(plan, [...plan.permits, plan.permits[0]!]))],
    ['in another order', 'taken out, added or moved', (plan) => write({ ...plan, permits: plan.permits.toReversed() })],
    ['with a permit of another plan', 'taken out, added or moved', (plan) => write({ ...plan, permits: [...planOf(['a-1'], SEALER, 'other').permits, ...plan.permits.slice(1)] })],
    ['that names another key', 'permit of "z" was changed', (plan) => write(withPermit(plan, { key: 'z' }))],
    ['that lives longer', 'permit of "a-1" was changed', (plan) => write(withPermit(plan, { expiresAt: '2036-01-01T00:00:00.000Z' }))],
    ['with another header', 'taken out, added or moved', (plan) => write({ ...plan, plan: { ...plan.plan, expiresAt: '2036-01-01T00:00:00.000Z' } })],
    ['with a member twice', 'changed since it was written', () => TEXT.replace('"key":"a-1"', '"key":"z","key":"a-1"')],
    ['with another member', 'permit of "a-1" was changed', (plan) => write(withPermit(plan, { extra: true } as object))],
    ['laid out anew', 'changed since it was written', (plan) => JSON.stringify(plan, null, 2)],
    ['of a newer lastcall', 'does not know', () => TEXT.replace('lastcall.plan/1', 'lastcall.plan/2')],
    ['that is empty', 'it is empty', () => ' \n'],
    ['that is no plan', 'no plan of lastcall', () => '{"keys":[]}'],
    ['that is a list', 'no plan of lastcall', () => '[]'],
    ['that is nested without end', 'lastcall', () => TEXT.replace('"label":null', `"label":${'['.repeat(50_000)}${']'.repeat(50_000)}`)],
  ])('%s is refused', (_, message, edit) => {
    const read = readPlan(edit(PLAN), inertJson, { sealer: SEALER });
    expect('problem' in read ? read.problem.text : 'accepted').toMatch(new RegExp(message === 'lastcall' ? 'damaged|changed' : message));
  }); // prettier-ignore
});

describe('seals', () => {
  it('are under keys of their own, and never the fingerprint`s', () => {
    expect(SEALER.seal('x')).not.toBe(OTHER.seal('x'));
    expect(SEALER.seal('x')).not.toBe(SEALER.chain('"x"'));
    expect(SEALER.isSealed('x', SEALER.seal('x'))).toBe(true);
    expect(SEALER.isSealed('x', SEALER.seal('x').slice(1))).toBe(false);
  });
});

function write(plan: Plan): string {
  return renderPlan(plan, inertJson);
}

function recounted(plan: Plan, permits: readonly SealedPermit[]): Plan {
  return { ...plan, permits, trailer: { ...plan.trailer, count: permits.length } };
}

function withPermit(plan: Plan, change: Partial<SealedPermit>): Plan {
  const [first, ...others] = plan.permits;
  return { ...plan, permits: [{ ...first!, ...change }, ...others] };
}

function planOf(keys: readonly string[], sealer: Sealer, plan = 'plan'): Plan {
  const [issuedAt, expiresAt] = ['2026-01-10T00:00:00.000Z', '2026-01-11T00:00:00.000Z'];
  const tool = { name: 'lastcall', version: '0.1.0' } as const;
  const hash = 'ab'.repeat(32);
  const permits = keys.map((key): SealedPermit => {
    const permit = {
      schema: 'lastcall.permit/1', plan, nonce: '00'.repeat(16), step: 'disable', tool, database: { id: 'db', scan: 1 }, key,
      label: null, owner: null, createdAt: null, verdict: 'safe', issuedAt, expiresAt, lastUsedAt: null, lastRefusedAt: null,
      evidence: hash, inventory: hash, policy: hash, coverage: [],
    } as const; // prettier-ignore
    return { ...permit, seal: sealer.seal(permit), signature: null };
  });
  const header = {
    plan, tool, database: { id: 'db', scan: 1, scanAt: issuedAt, ledger: 1 }, issuedAt, expiresAt, policy: DEFAULT_POLICY,
    inventories: [], forced: null, signedBy: null,
  }; // prettier-ignore
  const trailer = { count: keys.length, seal: sealer.seal(wholeOf(header, permits)), signature: null };
  return { schema: 'lastcall.plan/1', plan: header, permits, trailer };
}
