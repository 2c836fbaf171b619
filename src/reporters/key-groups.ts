import type { BlockerCode, FindingKind, KeyReport, KeyReports, Verdict } from '../model.ts';
import { compare, isInForce } from './key-names.ts';
import { FINDING_WORDS, VERDICT_WORDS, wordsOf } from './vocabulary.ts';

/** What a person reads of a list; all of it is in the CSV and JSON reports. */
export const KEYS_SHOWN = 100;

/** What the table tells of the keys, gathered in one walk: there may be millions. */
export interface KeyGroups {
  readonly verdicts: ReadonlyMap<Verdict, KeyGroup>;
  /** How many of the safe keys are disabled, and deleted already. */
  readonly disabled: number;
  readonly deleted: number;
  /** Only findings that there are, in the order of their words. */
  readonly findings: ReadonlyMap<FindingKind, KeyGroup>;
  /** Systems that call, with how many keys. */
  readonly callers: ReadonlyMap<string, number>;
  readonly unknownReasons: ReadonlyMap<BlockerCode | 'no-blocker', number>;
  /** The first and the last day on which a waiting key becomes safe. */
  readonly safeDays: { readonly first: string | undefined; readonly last: string | undefined };
}

export interface KeyGroup {
  readonly count: number;
  /** The first ones, in the order in which they are to be read. */
  readonly shown: readonly KeyReport[];
  /** As the report lists them. */
  readonly first: KeyReport | undefined;
}

export function groupKeys(keys: KeyReports): KeyGroups {
  const verdicts = new Map(wordsOf(VERDICT_WORDS).map((verdict) => [verdict, new Group(ORDERS[verdict])]));
  const findings = new Map(wordsOf(FINDING_WORDS).map((finding) => [finding, new Group()]));
  const callers = new Map<string, number>();
  const unknownReasons = new Map<KeyReport['reason'], number>();
  let [disabled, deleted] = [0, 0];
  let [first, last]: (string | undefined)[] = [];
  for (const key of keys) {
    verdicts.get(key.verdict)!.add(key);
    for (const finding of key.findings) findings.get(finding)!.add(key);
    if (key.verdict === 'safe' && key.status === 'deleted') deleted++;
    if (key.verdict === 'safe' && key.status === 'disabled') disabled++;
    if (key.verdict === 'in-use') for (const system of activeSystems(key)) count(callers, system);
    if (key.verdict === 'unknown') count(unknownReasons, key.reason);
    if (key.verdict !== 'waiting' || key.safeOn === null) continue;
    if (first === undefined || key.safeOn < first) first = key.safeOn;
    if (last === undefined || key.safeOn > last) last = key.safeOn;
  }
  const found = [...findings].filter(([, group]) => group.count > 0);
  return { verdicts, disabled, deleted, findings: new Map(found), callers, unknownReasons, safeDays: { first, last } };
}

type Order = (a: KeyReport, b: KeyReport) => number;

/**
 * What is in force before what is disabled and what is deleted, waiting keys by the day they become safe, keys in use by their last call;
 * the others as the report lists them.
 */
const ORDERS: Readonly<Record<Verdict, Order | undefined>> = {
  safe: (a, b) => doneOf(a) - doneOf(b),
  'in-use': (a, b) => compare(b.lastUsedAt ?? '', a.lastUsedAt ?? ''),
  waiting: (a, b) => compare(a.safeOn ?? '~', b.safeOn ?? '~'),
  unknown: undefined,
};

/** How far a key is gone: 0 in force, 1 disabled, 2 deleted. */
function doneOf(key: KeyReport): number {
  return isInForce(key) ? 0 : key.status === 'disabled' ? 1 : 2;
}

class Group implements KeyGroup {
  readonly #order: Order | undefined;
  #kept: KeyReport[] = [];
  #count = 0;
  first: KeyReport | undefined;

  constructor(order?: Order) {
    this.#order = order;
  }

  get count(): number {
    return this.#count;
  }

  get shown(): readonly KeyReport[] {
    return this.#inOrder().slice(0, KEYS_SHOWN);
  }

  add(key: KeyReport): void {
    this.#count++;
    this.first ??= key;
    if (this.#order === undefined && this.#kept.length >= KEYS_SHOWN) return;
    this.#kept.push(key);
    if (this.#kept.length > 20 * KEYS_SHOWN) this.#kept = this.#inOrder().slice(0, KEYS_SHOWN);
  }

  #inOrder(): KeyReport[] {
    return this.#order === undefined ? this.#kept : this.#kept.toSorted(this.#order);
  }
}

function activeSystems({ systems }: KeyReport): readonly string[] {
  return systems.flatMap(({ system, state }) => (state === 'active' ? [system] : []));
}

function count<Name>(counts: Map<Name, number>, name: Name): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
