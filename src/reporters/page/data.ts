import type { PageKey, PageMeta, PageSystem } from '../page-data.ts';

/** A key as the page works with it. */
export interface Key {
  readonly row: PageKey;
  readonly id: string;
  /** Its label, else what is shown of it. */
  readonly name: string;
  readonly owner: string;
  readonly verdict: number;
  readonly safeOn: string;
  readonly lastUsed: string;
  readonly requests: number;
  readonly findings: readonly number[];
  readonly systems: readonly PageSystem[];
  /** All that can be searched for, in lower case. */
  readonly text: string;
}

export const META: PageMeta = JSON.parse(document.getElementById('meta')?.textContent ?? '{}');

export function keyById(id: string): Key | undefined {
  return BY_ID.get(id);
}

/** As the first screen asks: what can go, what nearly, what cannot be known, what is in use. */
const ANSWERS = ['safe', 'waiting', 'unknown', 'in-use'];

export const KEYS: readonly Key[] = readKeys();

const BY_ID: ReadonlyMap<string, Key> = new Map(KEYS.map((key) => [key.id, key]));

function readKeys(): readonly Key[] {
  const blocks = [...document.querySelectorAll('script.keys')];
  const keys = blocks.flatMap((block) => (JSON.parse(block.textContent ?? '[]') as PageKey[]).map(toKey));
  return keys.toSorted((a, b) => rankOf(a) - rankOf(b) || (a.safeOn < b.safeOn ? -1 : a.safeOn > b.safeOn ? 1 : 0));
}

/** What is deleted already stands behind what can be deleted. */
function rankOf({ verdict, row }: Key): number {
  const rank = ANSWERS.indexOf(META.verdicts[verdict]?.name ?? '');
  return rank === 0 && row[5] === META.deleted ? 0.5 : rank;
}

function toKey(row: PageKey): Key {
  const [id, label, display, owner, verdict, status, safeOn, lastUsed, , , , requests, , findings, sentence] = row;
  const systems = row[17];
  const names = systems.map(([name]) => name).join('\n');
  const words = findings.map((finding) => META.findings[finding]?.[0]).join('\n');
  const text = [id, label, display, owner, names, words, META.statuses[status], sentence].join('\n').toLowerCase();
  return {
    row,
    id,
    name: nameOf(id, label, display),
    owner,
    verdict,
    safeOn,
    lastUsed,
    requests,
    findings,
    systems,
    text,
  };
}

/** As `keyName` of the other reporters has it. */
function nameOf(id: string, label: string, display: string): string {
  if (label.trim() !== '') return label;
  if (display !== '...') return display;
  return id === 'masked:...' ? 'redacted key' : id;
}
