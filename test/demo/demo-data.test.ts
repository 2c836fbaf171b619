import { statSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { demoFiles } from '../../fixtures/demo/generate.ts';
import { DEMO, demoPaths, demoText, readDemoLogs, type Seen } from './demo-logs.ts';

// Nothing of lastcall is used here: what the demo tells has to be in its data.

const DAY_MS = 86_400_000;
const AS_OF = day('2026-11-01');
/** The delivery lag of a day that lastcall.yaml declares: the newest day proves nothing yet. */
const LATE = 1;
const OUTAGE = { from: day('2026-09-28'), to: day('2026-10-06') };

const logs = readDemoLogs();
const inventory: Record<string, string>[] = parse(demoText('keys.csv'), { columns: true });

describe('the demo folder', () => {
  it('holds exactly what the generator makes', () => {
    const files = demoFiles();
    const generated = demoPaths().filter((path) => path === 'keys.csv' || path.startsWith('logs/'));
    expect(generated).toEqual([...files.keys()].toSorted());
    for (const [path, content] of files) expect(demoText(path) === content, path).toBe(true);
  });

  it('weighs less than 1.5 MB', () => {
    const sizes = demoPaths().map((path) => statSync(join(DEMO, path)).size);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(1_500_000);
  });

  it('holds a few unreadable lines, far under one in a thousand', () => {
    expect(logs.unreadable).toEqual({ gateway: 3, edge: 1, aws: 0 });
    expect(logs.unreadable.gateway / logs.lines.gateway).toBeLessThan(0.0005);
    expect(logs.unreadable.edge / logs.lines.edge).toBeLessThan(0.0005);
  });

  it('delivers some CloudTrail records twice', () => {
    const once = new Set(demoPaths().filter(isTrail).flatMap(eventIds)).size;
    expect(once).toBeLessThan(logs.lines.aws);
    expect((logs.lines.aws - once) / once).toBeCloseTo(0.2, 1);
  });

  it('says of every key that it is an example', () => {
    for (const key of new Set(logs.seen.map((seen) => seen.key))) expect(key).toContain('EXAMPLE');
  });
});

describe('the logs', () => {
  it('run from 2025-09-01 to 2026-10-31 in every source', () => {
    for (const source of ['gateway', 'edge', 'aws'] as const) {
      const days = usedDays((seen) => seen.source === source);
      expect([text(days[0]), text(days.at(-1))]).toEqual(['2025-09-01', '2026-10-31']);
    }
  });

  it('have one hole, of nine days, in the edge', () => {
    for (const source of ['gateway', 'edge', 'aws'] as const) {
      const days = new Set(usedDays((seen) => seen.source === source));
      const missing = allDays().filter((number) => !days.has(number));
      expect(missing.map(text)).toEqual(source === 'edge' ? outageDays().map(text) : []);
    }
  });

  it.each(['gateway', 'edge'] as const)(
    'show enough steady callers in the %s to tell a quiet day from a hole',
    (source) => {
      for (const number of allDays().filter((candidate) => candidate >= day('2025-11-01') && !isOutage(candidate))) {
        const ratios = steadyRatios(source, number);
        expect(ratios.length, text(number)).toBeGreaterThanOrEqual(5);
        expect(median(ratios), text(number)).toBeGreaterThan(0.65);
      }
    },
  );
});

describe('the story', () => {
  it.each([
    'gw-storefront',
    'gw-search',
    'gw-notify',
    'gw-warehouse',
    'gw-pricing',
    'gw-support',
    'gw-returns',
    'gw-billing-2026',
    'gw-orders-2026',
    'edge-northwind',
    'edge-contoso',
    'edge-litware',
    'edge-fabrikam',
    'edge-widget',
    'edge-ios',
    'AKIAIOSFODNN7EXAMPLE',
  ])('%s is called to the end', (id) => {
    expect(AS_OF - lastUse(id)).toBeLessThanOrEqual(2);
  });

  it('gw-mobile-beta was made before the logs begin and watched for more than a year without a call', () => {
    expect(usesOf('gw-mobile-beta')).toEqual([]);
    expect(day(entry('gw-mobile-beta')['created'])).toBeLessThan(day('2025-09-01'));
    expect(AS_OF - LATE - day('2025-09-01')).toBeGreaterThan(365);
  });

  it.each(['gw-reporting', 'AKIAI44QH8DHBEXAMPLE'])('%s was used steadily for half a year and then shut down', (id) => {
    const days = usesOf(id);
    expect(lastUse(id) - days[0]!).toBeGreaterThan(180);
    expect(longestPause(days)).toBeLessThanOrEqual(3);
    expect(coveredSilence(id)).toBeGreaterThan(90);
  });

  it('billing moved from its old key to the successor, with weeks of overlap, and only the move makes the old one safe', () => {
    const [before, after] = [usesOf('gw-billing-2024'), usesOf('gw-billing-2026')];
    expect(entry('gw-billing-2024')['successor']).toBe('gw-billing-2026');
    expect(services('gw-billing-2024')).toEqual(['billing']);
    expect(services('gw-billing-2026')).toEqual(['billing']);
    expect(before.at(-1)! - after[0]!).toBeGreaterThanOrEqual(21);
    expect(coveredSilence('gw-billing-2024')).toBeGreaterThanOrEqual(21);
    expect(coveredSilence('gw-billing-2024')).toBeLessThan(30);
    expect(callsADay('gw-billing-2026', '2026-10-06', '2026-10-31')).toBeGreaterThan(
      callsADay('gw-billing-2024', '2026-06-01', '2026-08-30') / 2,
    );
  });

  it('of the two systems behind gw-orders-2023 one has left and one calls with both keys', () => {
    const october = (id: string): string[] => services(id, (seen) => seen.day >= day('2026-10-01'));
    expect(services('gw-orders-2023')).toEqual(['checkout', 'fulfilment']);
    expect(october('gw-orders-2023')).toEqual(['fulfilment']);
    expect(october('gw-orders-2026')).toEqual(['checkout', 'fulfilment']);
    expect(entry('gw-orders-2023')['successor']).toBe('gw-orders-2026');
  });

  it.each([
    { id: 'gw-payroll', rule: 30 },
    { id: 'gw-tax', rule: 90 },
  ])('$id has been silent for longer than $rule days, which is normal for it', ({ id, rule }) => {
    expect(AS_OF * DAY_MS - lastCallAt(id)).toBeGreaterThan(rule * DAY_MS);
    expect(longestPause(usesOf(id))).toBeGreaterThanOrEqual(coveredSilence(id));
    expect(usesOf(id).length).toBeGreaterThanOrEqual(4);
  });

  it('edge-crm, which everybody believes dead, is called every Sunday', () => {
    const days = usesOf('edge-crm');
    expect(entry('edge-crm')['label']).toContain('DEAD');
    expect(days).toHaveLength(59); // sixty Sundays, one of them in the outage
    expect(new Set(days.map((number) => (number + 4) % 7))).toEqual(new Set([0]));
    expect(text(days.at(-1))).toBe('2026-10-25');
  });

  it('gw-fraud is disabled and still called, with nothing but refusals', () => {
    const after = logs.seen.filter((seen) => seen.key === keyOf('gw-fraud') && seen.day >= day('2026-08-20'));
    expect(entry('gw-fraud')['status']).toBe('disabled');
    expect(after.at(-1)!.day).toBe(day('2026-10-31'));
    expect(new Set(after.map((seen) => seen.status))).toEqual(new Set([401]));
    expect(coveredSilence('gw-fraud')).toBeGreaterThan(30);
    expect(coveredSilence('gw-fraud')).toBeLessThan(90);
  });

  it('one key is in the traffic and in no inventory', () => {
    const unlisted = [...new Set(logs.seen.map((seen) => seen.key))].filter(
      (key) => !key.startsWith('ASIA') && fits(key).length === 0,
    );
    expect(unlisted).toHaveLength(1);
    const [shadow] = logs.seen.filter((seen) => seen.key === unlisted[0]).slice(-1);
    expect([shadow?.service, shadow?.day]).toEqual([undefined, AS_OF - 1]);
  });

  it('the outage delays edge-tailspin, whose last call came the day before', () => {
    expect(lastUse('edge-tailspin')).toBe(OUTAGE.from - 1);
    expect(coveredSilence('edge-tailspin')).toBeLessThan(30);
    expect(coveredSilence('edge-tailspin') + outageDays().length).toBeGreaterThanOrEqual(30);
  });

  it('the outage delays edge-stock-audit, a monthly job: of the three calls it missed one may lie in the outage', () => {
    expect(longestPause(usesOf('edge-stock-audit'))).toBe(31);
    expect(text(lastUse('edge-stock-audit'))).toBe('2026-07-03');
    expect(isOutage(day('2026-10-03'))).toBe(true);
    expect(coveredSilence('edge-stock-audit')).toBeGreaterThanOrEqual(3 * 31);
    expect(coveredSilence('edge-stock-audit')).toBeLessThan(4 * 31);
  });

  it('gw-analytics-2026 is too young, and gw-loyalty not silent for long enough', () => {
    expect(usesOf('gw-analytics-2026')).toEqual([]);
    expect(AS_OF - day(entry('gw-analytics-2026')['created'])).toBeLessThan(30);
    expect(coveredSilence('gw-loyalty')).toBeGreaterThan(7);
    expect(coveredSilence('gw-loyalty')).toBeLessThan(30);
  });

  it('of the masked entries gw-search fits one key and edge-adatum fits two, both long silent', () => {
    const keys = [...new Set(logs.seen.map((seen) => seen.key))];
    expect(entry('gw-search')['masked']).toBe('acme_live_...4242');
    expect(keys.filter((key) => fits(key).includes('gw-search'))).toHaveLength(1);
    const two = keys.filter((key) => fits(key).includes('edge-adatum'));
    expect(two).toHaveLength(2);
    for (const key of two) {
      const days = usedDays((seen) => seen.key === key);
      expect(days.at(-1)! - days[0]!).toBeGreaterThan(180);
      expect(day('2026-09-01') - days.at(-1)!).toBeGreaterThan(90);
    }
  });
});

function day(date: string | undefined): number {
  return Date.parse(`${date}T00:00:00Z`) / DAY_MS;
}

function text(number: number | undefined): string {
  return new Date((number ?? NaN) * DAY_MS).toISOString().slice(0, 10);
}

function allDays(): number[] {
  return Array.from({ length: AS_OF - day('2025-09-01') }, (_, index) => day('2025-09-01') + index);
}

function outageDays(): number[] {
  return allDays().filter(isOutage);
}

function isOutage(number: number): boolean {
  return number >= OUTAGE.from && number <= OUTAGE.to;
}

function isTrail(path: string): boolean {
  return path.startsWith('logs/cloudtrail/');
}

function eventIds(path: string): string[] {
  return JSON.parse(demoText(path)).Records.map((record: { eventID: string }) => record.eventID);
}

function entry(id: string): Record<string, string> {
  const found = inventory.find((row) => row['id'] === id);
  if (found === undefined) throw new Error(`keys.csv has no ${id}`);
  return found;
}

/** Ids of the inventory entries that a key of the traffic may be. */
function fits(key: string): string[] {
  return inventory.filter((row) => fitsEntry(key, row)).map((row) => row['id'] ?? '');
}

function fitsEntry(key: string, { id, key: raw, masked }: Record<string, string>): boolean {
  if (raw !== undefined && raw !== '') return key === raw;
  if (masked === undefined || masked === '') return key === id;
  const [head = '', tail = ''] = masked.split('...');
  return key.startsWith(head) && key.endsWith(tail);
}

function keyOf(id: string): string {
  const { key = '', masked = '' } = entry(id);
  if (key !== '') return key;
  return masked === '' ? id : (logs.seen.find((seen) => fits(seen.key).includes(id))?.key ?? '');
}

function usedDays(of: (seen: Seen) => boolean): number[] {
  const days = logs.seen.filter((seen) => of(seen) && seen.status !== 401).map((seen) => seen.day);
  return [...new Set(days)].toSorted((a, b) => a - b);
}

function usesOf(id: string): number[] {
  const key = keyOf(id);
  return usedDays((seen) => seen.key === key);
}

function lastUse(id: string): number {
  return usesOf(id).at(-1) ?? NaN;
}

function lastCallAt(id: string): number {
  const key = keyOf(id);
  return Math.max(...logs.seen.filter((seen) => seen.key === key).map((seen) => seen.at));
}

/** Days since the last use that are neither late nor, for the edge, in the outage. */
function coveredSilence(id: string): number {
  const last = lastUse(id);
  const silent = allDays().filter((number) => number > last && number < AS_OF - LATE);
  return silent.filter((number) => entry(id)['source'] !== 'edge' || !isOutage(number)).length;
}

function longestPause(days: readonly number[]): number {
  return Math.max(...days.slice(1).map((number, index) => number - days[index]!));
}

function services(id: string, of: (seen: Seen) => boolean = () => true): string[] {
  const key = keyOf(id);
  return [
    ...new Set(logs.seen.filter((seen) => seen.key === key && of(seen)).map((seen) => seen.service ?? '')),
  ].toSorted();
}

function callsADay(id: string, from: string, to: string): number {
  const key = keyOf(id);
  const calls = logs.seen.filter((seen) => seen.key === key && seen.day >= day(from) && seen.day <= day(to));
  return calls.length / (day(to) - day(from) + 1);
}

/**
 * For each caller (key and service) of the last half year: its calls on this day against its usual day of this kind.
 * A caller that left stays in the list until its usual day has none: several that leave at once look like a hole.
 */
function steadyRatios(source: Seen['source'], number: number): number[] {
  const before = alike(number);
  const ratios: number[] = [];
  for (const perDay of countsOf(source).values()) {
    const known = before.filter((earlier) => earlier >= Math.min(...perDay.keys()));
    const usual = known.length < 14 ? 0 : median(known.map((earlier) => perDay.get(earlier) ?? 0));
    if (usual > 0) ratios.push((perDay.get(number) ?? 0) / usual);
  }
  return ratios;
}

/** The 28 days before of the same kind, weekday or weekend. */
function alike(number: number): number[] {
  const days = allDays().filter((earlier) => earlier < number && !isOutage(earlier));
  return days.filter((earlier) => isWeekend(earlier) === isWeekend(number)).slice(-28);
}

const COUNTS = new Map<string, Map<string, Map<number, number>>>();

function countsOf(source: Seen['source']): ReadonlyMap<string, Map<number, number>> {
  const known = COUNTS.get(source);
  if (known !== undefined) return known;
  const callers = new Map<string, Map<number, number>>();
  for (const { key, service, day: on } of logs.seen.filter((one) => one.source === source && one.status !== 401)) {
    const caller = `${key} ${service}`;
    const perDay = callers.get(caller) ?? new Map<number, number>();
    callers.set(caller, perDay.set(on, (perDay.get(on) ?? 0) + 1));
  }
  COUNTS.set(source, callers);
  return callers;
}

function isWeekend(number: number): boolean {
  return [0, 6].includes((number + 4) % 7);
}

function median(list: readonly number[]): number {
  const sorted = list.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  if (Number.isInteger(middle)) return ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
  return sorted[Math.floor(middle)] ?? NaN;
}
