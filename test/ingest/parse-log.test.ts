import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { LogSettings } from '../../src/ingest/reading-plan.ts';
import type { Problem } from '../../src/ingest/problem.ts';
import { parseLog } from '../../src/ingest/parse-log.ts';
import type { InventoryEntry } from '../../src/model.ts';
import { newLab } from './harness.ts';
import { gzip, jsonLog } from './made-logs.ts';
import { AUTO, HOW, keyOf } from './reading.ts';

const TIME = '2026-09-01T10:00:00Z';
const KEY = 'example-key-0001';
const SETTINGS: LogSettings = { source: undefined, choice: AUTO, interpretation: HOW };

async function parsed(
  content: string | Buffer,
  settings = SETTINGS,
  inventory: readonly InventoryEntry[] = [],
): Promise<{ records: Record<string, unknown>[]; problem: Problem | undefined }> {
  const lab = newLab();
  lab.write('a.log', content);
  const lines: string[] = [];
  const problem = await parseLog(lab.path('a.log'), settings, inventory, Readable.from([]), async (some) => {
    lines.push(...some);
  });
  const records = lines.map((line) => ({ ...(JSON.parse(line) as object), file: undefined }));
  return { records, problem };
}

describe('a record as it is understood', () => {
  it('has its place and what it says, and nothing for what is absent', async () => {
    const first = JSON.stringify({ time: TIME, api_key: KEY, status: 403, path: '/v1?x=1', method: 'GET', ip: '-' });
    const { records } = await parsed(`${first}\n\n${JSON.stringify({ time: TIME })}\noops\n`);
    expect(records).toEqual([
      {
        record: 0,
        offset: 0,
        length: first.length,
        at: '2026-09-01T10:00:00.000Z',
        key: keyOf(KEY),
        display: '...0001',
        keyKind: 'secret',
        status: 403,
        outcome: 'refused',
        method: 'GET',
        action: '/v1',
        system: 'no agent',
      },
      { record: 1, offset: first.length + 1, length: 0, skip: 'blank' },
      {
        record: 2,
        offset: first.length + 2,
        length: 31,
        at: '2026-09-01T10:00:00.000Z',
        outcome: 'accepted',
        system: 'no agent',
      },
      { record: 3, offset: first.length + 34, length: 4, skip: 'malformed-json' },
    ]);
  });

  it('lists all keys when there are several', async () => {
    const { records } = await parsed(`${JSON.stringify({ time: TIME, api_key: KEY, key_id: 'kid-1' })}\n`);
    expect(records[0]).toMatchObject({
      key: keyOf(KEY),
      keys: [
        { key: keyOf(KEY), display: '...0001', keyKind: 'secret' },
        { key: 'kid-1', display: 'kid-1', keyKind: 'public_id' },
      ],
    });
  });

  it('has a short key, of which nothing is shown, and none where it was redacted', async () => {
    const log = [{ api_key: 'k-7' }, { api_key: '[REDACTED]' }];
    const { records } = await parsed(log.map((one) => `${JSON.stringify({ time: TIME, ...one })}\n`).join(''));
    expect(records[0]).toMatchObject({ key: keyOf('k-7'), display: '...', keyKind: 'secret' });
    expect(records[1]).not.toHaveProperty('key');
  });

  it('names keys as the inventory does', async () => {
    const entries = [
      { id: 'billing', match: { by: 'fingerprint', key: keyOf(KEY) } },
      { id: 'export', match: { by: 'id', keys: ['kid-1'] } },
    ] as unknown as InventoryEntry[];
    const log = [{ api_key: KEY }, { key_id: 'kid-1' }, { key_id: 'kid-2' }];
    const { records } = await parsed(
      log.map((one) => `${JSON.stringify({ time: TIME, ...one })}\n`).join(''),
      SETTINGS,
      entries,
    );
    expect(records.map(({ key }) => key)).toEqual(['billing', 'export', 'kid-2']);
  });
});

describe('a log that cannot be read whole', () => {
  it('gives the records before the damage, and says where it is', async () => {
    const packed = gzip(jsonLog(0, 3000));
    const { records, problem } = await parsed(packed.subarray(0, packed.length - 2000));
    expect(problem).toMatchObject({
      isIncomplete: true,
      message: expect.stringMatching(/end too early at byte \d+/) as string,
    });
    expect(records.length).toBeGreaterThan(1000);
  });

  it.each<[string, string, Partial<typeof AUTO>]>([
    ['is of no known format', 'Lorem\nipsum\n', {}],
    ['has no time where it should be', `{"time":"${TIME}"}\n`, { fields: { time: 'when' } }],
  ])('because it %s is a problem of its own', async (_, content, choice) => {
    const { records, problem } = await parsed(content, { ...SETTINGS, choice: { ...AUTO, ...choice } });
    expect([records, problem]).toEqual([[], expect.objectContaining({ isIncomplete: true, hint: expect.any(String) })]);
  });

  it('because it is not there is a problem, too', async () => {
    const write = async (): Promise<void> => undefined;
    expect(await parseLog('/no/such/log', SETTINGS, [], Readable.from([]), write)).toMatchObject({
      message: 'it cannot be read (ENOENT)',
    });
  });

  it('and an empty one is none', async () => {
    expect(await parsed('')).toEqual({ records: [], problem: undefined });
  });
});
