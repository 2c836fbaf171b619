import type { Key } from './data.ts';
import { KEYS, META } from './data.ts';

/** Which keys are shown, and in which order. Stands in the address of the page, so that it can be passed on. */
export interface Choice {
  readonly q: string;
  readonly verdict: string;
  readonly finding: string;
  readonly owner: string;
  readonly system: string;
  readonly sort: string;
  /** One key alone. */
  readonly key: string;
}

export const NO_CHOICE: Choice = { q: '', verdict: '', finding: '', owner: '', system: '', sort: '', key: '' };

export function choiceInAddress(): Choice {
  const given = new URLSearchParams(location.hash.slice(1));
  return { ...NO_CHOICE, ...Object.fromEntries(Object.keys(NO_CHOICE).map((name) => [name, given.get(name) ?? ''])) };
}

export function addressOf(choice: Choice): string {
  const set = Object.entries(choice).filter(([, value]) => value !== '');
  return `#${new URLSearchParams(set as [string, string][])}`;
}

/** The keys that are meant, in order. */
export function chosenKeys(choice: Choice): readonly Key[] {
  if (choice.key !== '') return KEYS.filter(({ id }) => id === choice.key);
  const words = choice.q
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const [owner, system] = [choice.owner.toLowerCase(), choice.system.toLowerCase()];
  const verdict = META.verdicts.findIndex(({ name }) => name === choice.verdict);
  const finding = META.findings.findIndex(([name]) => name === choice.finding);
  const found = KEYS.filter(
    (key) =>
      (choice.verdict === '' || key.verdict === verdict) &&
      (choice.finding === '' || key.findings.includes(finding)) &&
      (owner === '' || key.owner.toLowerCase().includes(owner)) &&
      (system === '' || key.systems.some(([name]) => name.toLowerCase().includes(system))) &&
      words.every((word) => key.text.includes(word)),
  );
  const order = ORDERS.get(choice.sort);
  return order === undefined ? found : found.toSorted(order);
}

type Order = (a: Key, b: Key) => number;

function by(valueOf: (key: Key) => string): Order {
  return (a, b) => (valueOf(a) < valueOf(b) ? -1 : valueOf(a) > valueOf(b) ? 1 : 0);
}

/** What has no day comes last. */
const LAST = '~';

const ORDERS: ReadonlyMap<string, Order> = new Map([
  ['name', by(({ name }) => name.toLowerCase())],
  ['owner', by(({ owner }) => owner.toLowerCase() || LAST)],
  ['newest', (a, b) => by(({ lastUsed }) => lastUsed)(b, a)],
  ['oldest', by(({ lastUsed }) => lastUsed)],
  ['safe-on', by(({ verdict, safeOn }) => (META.verdicts[verdict]?.name === 'safe' ? '' : safeOn || LAST))],
  ['calls', (a, b) => b.requests - a.requests],
]);
