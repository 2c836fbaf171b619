import { createFingerprinter } from '../../src/attribution/fingerprint.ts';
import { openForReading } from '../../src/engines/sqlite/store.ts';
import { DAY_MS } from '../../src/tally/rollup.ts';
import { dump } from '../ingest/dump.ts';
import { FIXED_SECRET } from '../run-cli.ts';

/** Per key and UTC day, whoever called: accepted, failed, refused, first and last instant. */
export type KeyDays = ReadonlyMap<string, readonly [number, number, number, number, number]>;

/** As lastcall has stored them. */
export function keyDaysOfDatabase(file: string): KeyDays {
  const store = openForReading(file, undefined);
  try {
    const days = new Map<string, Counts>();
    for (const line of dump(store.db).uses) {
      const cells = line.split(' | ');
      const [day, accepted, failed, refused, ...instants] = cells.slice(-8).map(Number);
      const known = instants.filter((at) => at > 0);
      const name = `${cells[1]} ${new Date((day as number) * DAY_MS).toISOString().slice(0, 10)}`;
      add(days, name, [accepted, failed, refused, Math.min(...known), Math.max(...known)] as Counts);
    }
    return days;
  } finally {
    store.close();
  }
}

/**
 * As a rival has written them: a line for each key, day and caller, `key,day,accepted,failed,refused,first,last` and what
 * else it likes. Keys are turned into what lastcall calls them.
 */
export function keyDaysOfCsv(text: string): KeyDays {
  const { ofKey } = createFingerprinter(FIXED_SECRET);
  const days = new Map<string, Counts>();
  for (const line of text.trimEnd().split('\n')) {
    const [key = '', day, accepted, failed, refused, first = '', last = ''] = line.replaceAll('"', '').split(',');
    const name = `${/^A[KS]IA/.test(key) ? key : ofKey(key).key} ${day}`;
    add(days, name, [Number(accepted), Number(failed), Number(refused), instant(first), instant(last)]);
  }
  return days;
}

/** The first few places where they differ, as texts. */
export function differences(ours: KeyDays, theirs: KeyDays): string[] {
  const names = new Set([...ours.keys(), ...theirs.keys()]);
  return [...names]
    .filter((name) => String(ours.get(name)) !== String(theirs.get(name)))
    .slice(0, 3)
    .map((name) => `${name}: ${ours.get(name)?.join(' ')} against ${theirs.get(name)?.join(' ')}`);
}

export function callsIn(days: KeyDays): number {
  return [...days.values()].reduce((sum, [accepted, failed, refused]) => sum + accepted + failed + refused, 0);
}

type Counts = [number, number, number, number, number];

function add(days: Map<string, Counts>, name: string, counts: Counts): void {
  const known = days.get(name);
  if (known === undefined) {
    days.set(name, counts);
    return;
  }
  for (const i of [0, 1, 2] as const) known[i] += counts[i];
  known[3] = Math.min(known[3], counts[3]);
  known[4] = Math.max(known[4], counts[4]);
}

/** `2026-09-01T10:00:00Z`, `2026-09-01 10:00:00.5` */
function instant(text: string): number {
  return Date.parse(`${text.replace(' ', 'T').replace('Z', '')}Z`);
}
