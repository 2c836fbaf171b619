import { canonicalJson } from './canonical-json.ts';
import type { Plan, SealedPermit, Trailer } from './permit.ts';
import { wholeOf } from './plan.ts';
import type { Sealer } from './seal.ts';
import type { VerifyingKey } from './signing-key.ts';

/** A plan as it was written, or why it is none. */
export type ReadPlan = { readonly plan: Plan } | { readonly problem: PlanProblem };

export interface PlanProblem {
  readonly code: 'no-plan' | 'cut-off' | 'tampered' | 'newer';
  readonly text: string;
}

/**
 * One permit a line, each part as RFC 8785 writes it; `inertJson` escapes what may act on a terminal. A plan has one text
 * only, so that nothing can stand in it twice, or in another way than it is read.
 */
export function renderPlan({ schema, plan, permits, trailer }: Plan, inertJson: (json: string) => string): string {
  const lines = permits.map((permit) => inertJson(canonicalJson(permit))).join(',\n');
  return [
    `{"schema":${canonicalJson(schema)},`,
    `"plan":${inertJson(canonicalJson(plan))},`,
    `"permits":[${lines === '' ? '' : `\n${lines}\n`}],`,
    `"trailer":${canonicalJson(trailer)}}`,
    '',
  ].join('\n');
}

/** Reads a plan and checks that it is whole and as it was written: under the secret, or with the public key. */
export function readPlan(
  text: string,
  inertJson: (json: string) => string,
  proof: { readonly sealer: Sealer } | { readonly key: VerifyingKey },
): ReadPlan {
  if (text.trim() === '') return problem('no-plan', 'it is empty');
  const value = parse(text);
  if (value === undefined) {
    return text.startsWith('{"schema":"lastcall.plan/')
      ? problem('cut-off', 'it is cut off or damaged: its end is missing')
      : problem('no-plan', 'it is no plan of lastcall');
  }
  const plan = shapeOf(value);
  if (plan === undefined) return problem('no-plan', 'it is no plan of lastcall');
  if (plan.schema !== 'lastcall.plan/1')
    return problem('newer', `it has the schema ${String(plan.schema)}, which this lastcall does not know`);
  const { permits, trailer } = plan;
  if (trailer.count !== permits.length) {
    return problem('cut-off', `it holds ${permits.length} permits, and says that it had ${trailer.count}`);
  }
  if (!isAsWritten(plan, text, inertJson)) return problem('tampered', 'it was changed since it was written');
  return 'sealer' in proof ? checkSeals(plan, proof.sealer) : checkSignatures(plan, proof.key);
}

/** What is nested too deep to be written was not written by us. */
function isAsWritten(plan: Plan, text: string, inertJson: (json: string) => string): boolean {
  try {
    return renderPlan(plan, inertJson) === text;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function checkSeals(plan: Plan, sealer: Sealer): ReadPlan {
  const isWhole = sealer.isSealed(wholeOf(plan.plan, plan.permits), plan.trailer.seal);
  const changed = plan.permits.find((permit) => !sealer.isSealed(contentOf(permit), permit.seal));
  if (isWhole && changed === undefined) return { plan };
  if (!isWhole && plan.permits.every((permit) => !sealer.isSealed(contentOf(permit), permit.seal)))
    return problem('tampered', 'it was changed, or another installation has sealed it');
  const what =
    changed === undefined ? 'permits were taken out, added or moved' : `the permit of "${changed.key}" was changed`;
  return problem('tampered', `${what} since it was written`);
}

function checkSignatures(plan: Plan, key: VerifyingKey): ReadPlan {
  if (plan.plan.signedBy === null) return problem('tampered', 'it is not signed: make it with lastcall plan --sign');
  if (plan.plan.signedBy !== key.id) return problem('tampered', 'another key has signed it');
  const isSigned = (value: unknown, signature: string | null): boolean =>
    signature !== null && key.isSigned(value, signature);
  const changed = plan.permits.find((permit) => !isSigned(contentOf(permit), permit.signature));
  if (changed !== undefined)
    return problem('tampered', `the permit of "${changed.key}" was changed since it was written`);
  if (isSigned(wholeOf(plan.plan, plan.permits), plan.trailer.signature)) return { plan };
  return problem('tampered', 'permits were taken out, added or moved since it was written');
}

function contentOf(sealed: SealedPermit): unknown {
  const { seal: _seal, signature: _signature, ...permit } = sealed;
  return permit;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Only as much as it takes to look at the seals: what is sealed has the shape that we gave it. */
function shapeOf(value: unknown): Plan | undefined {
  if (!isObject(value) || !isObject(value['plan']) || typeof value['schema'] !== 'string') return undefined;
  const { permits, trailer } = value;
  if (!Array.isArray(permits) || !permits.every((permit) => isObject(permit) && typeof permit['seal'] === 'string'))
    return undefined;
  return isTrailer(trailer) ? (value as unknown as Plan) : undefined;
}

function isTrailer(value: unknown): value is Trailer {
  if (!isObject(value) || typeof value['count'] !== 'number' || typeof value['seal'] !== 'string') return false;
  return value['signature'] === null || typeof value['signature'] === 'string';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function problem(code: PlanProblem['code'], text: string): ReadPlan {
  return { problem: { code, text } };
}
