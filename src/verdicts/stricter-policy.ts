import { compileGlob } from '../attribution/glob.ts';
import { LastcallError } from '../errors.ts';
import type { Evidence, InventoryEntry } from '../model.ts';
import { didYouMean } from '../near-miss.ts';
import { columnOf, USUAL_COLUMNS } from './entry-columns.ts';
import { POLICY_NAMES, strictestOf } from './policy.ts';
import type { Policy } from './policy.ts';

/** Stricter constants for the keys of which every named column matches its glob. */
export interface StricterPolicy {
  /** `id`, `label`, `owner`, `source`, `successor`, `status` or any other column of the inventories: glob. */
  readonly match: Readonly<Record<string, string>>;
  readonly constants: Readonly<Partial<Policy>>;
}

/**
 * The policy of each key: of all that match it, the strictest value of each constant. Keys that match the same rules share
 * one policy. `entries` is asked only when a rule matches a column of the user's own.
 */
export function policiesOf(
  general: Policy,
  rules: readonly StricterPolicy[],
  entries: () => Iterable<InventoryEntry>,
): (evidence: Evidence) => Policy {
  if (rules.length === 0) return () => general;
  checkMatches(rules, entries);
  const compiled = rules.map(({ match }) => Object.entries(match).map(compileCriterion));
  const policies = new Map<string, Policy>([['', general]]);
  return (evidence) => {
    const matching = compiled.flatMap((criteria, index) => (criteria.every((isMet) => isMet(evidence)) ? [index] : []));
    const name = matching.join();
    let policy = policies.get(name);
    if (policy === undefined) {
      policy = strictestOf(
        general,
        matching.map((index) => rules[index]!.constants),
      );
      policies.set(name, policy);
    }
    return policy;
  };
}

/** Refuses a rule on a column that no listed key has: mistyped, it would protect nothing and say nothing. */
export function checkMatches(rules: readonly StricterPolicy[], entries: () => Iterable<InventoryEntry>): void {
  const own = rules.flatMap(({ match }, index) =>
    Object.keys(match).flatMap((name) => (USUAL_COLUMNS.includes(name) ? [] : [{ name, index }])),
  );
  if (own.length === 0) return;
  const known = new Set<string>();
  for (const { metadata } of entries()) for (const name of Object.keys(metadata)) known.add(name);
  for (const { name, index } of own) {
    if (known.has(name)) continue;
    const names = [...USUAL_COLUMNS, ...[...known].toSorted()];
    throw new LastcallError('config', `policy.stricter[${index}].match: no listed key has the column "${name}"`, {
      hint: didYouMean(name, names) ?? `Listed keys have ${names.slice(0, NAMES_SHOWN).join(', ')}.`,
    });
  }
}

/** `floorDays 90 instead of 30`, for each constant in which the policy of a key differs from the general one. */
export function differences(policy: Policy, general: Policy): readonly string[] {
  return POLICY_NAMES.flatMap((name) =>
    policy[name] === general[name] ? [] : [`${name} ${policy[name]} instead of ${general[name]}`],
  );
}

const NAMES_SHOWN = 20;

/** Where several inventories list a key, it is enough that one of them says so: the strictest policy of all counts. */
function compileCriterion([name, glob]: readonly [name: string, glob: string]): (evidence: Evidence) => boolean {
  const matches = compileGlob(glob);
  return ({ key, entry, olderEntries = [] }) => {
    // A key in no inventory has an id and a status.
    if (entry === undefined) return name === 'id' ? matches(key) : name === 'status' && matches('unlisted');
    return [entry, ...olderEntries].some((one) => {
      const text = columnOf(one, name);
      return text !== undefined && matches(text);
    });
  };
}
