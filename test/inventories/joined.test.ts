import { describe, expect, it } from 'vitest';
import type { Inventory } from '../../src/inventories/index.ts';
import { joinInventories } from '../../src/inventories/joined.ts';
import { read } from './reading.ts';

const HEADER =
  'user,arn,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date';
const CREATED = '2024-05-21T08:12:33+00:00';

function report(first: string, second: string, account = '111122223333'): Inventory {
  return read(`${HEADER}\nci,arn:aws:iam::${account}:user/ci,true,${first},2026-10-01T00:00:00Z,true,${second},N/A\n`);
}

function listed(...keys: readonly (readonly [id: string, created: string, status?: string])[]): Inventory {
  const items = keys.map(([id, created, status = 'Active']) => ({
    UserName: 'ci',
    AccessKeyId: id,
    Status: status,
    CreateDate: created,
  }));
  return read(JSON.stringify({ AccessKeyMetadata: items }));
}

/** The keys under which the logs show those of the report. */
function keysOfFirst(inventories: readonly Inventory[]): (readonly string[])[] {
  const [first] = joinInventories(inventories);
  return (first?.entries ?? []).map(({ match }) => (match.by === 'id' ? match.keys.slice(0, 1) : []));
}

const [ONE, TWO] = ['AKIAEXAMPLE000000001', 'AKIAEXAMPLE000000002'];
const OTHER = '2025-01-01T00:00:00Z';

describe('the keys of a credential report', () => {
  it('get their ids from the list of keys, by user and creation date, in whatever order they stand', () => {
    expect(keysOfFirst([report(CREATED, OTHER), listed([TWO, OTHER], [ONE, CREATED])])).toEqual([[ONE], [TWO]]);
  });

  it.each([
    ['the dates differ', [report(CREATED, OTHER), listed([ONE, '2024-05-21T08:12:34Z'])]],
    ['two keys were made in one second', [report(CREATED, CREATED), listed([ONE, CREATED], [TWO, CREATED])]],
    ['two keys of the list fit', [report(CREATED, OTHER), listed([ONE, CREATED], [TWO, CREATED])]],
    [
      'two accounts have such a user',
      [report(CREATED, OTHER), report(CREATED, OTHER, '999988887777'), listed([ONE, CREATED])],
    ],
    ['there is no list', [report(CREATED, OTHER)]],
  ])('stay without ids when %s', (_, inventories) => {
    expect(keysOfFirst(inventories)).toEqual([[], []]);
    expect(joinInventories(inventories)[0]?.partial).toBe(
      'it tells no ids, so 2 of its 2 access keys cannot be found in logs',
    );
  });

  const UNTIL = '2026-08-01T00:00:00Z';

  it('get the id of the one key that is left, since a report tells when a key was changed last', () => {
    expect(keysOfFirst([report(CREATED, UNTIL), listed([ONE, CREATED], [TWO, OTHER])])).toEqual([[ONE], [TWO]]);
  });

  it.each([
    ['it is younger', [report(CREATED, OTHER), listed([ONE, CREATED], [TWO, UNTIL])]],
    ['it is of another state', [report(CREATED, UNTIL), listed([ONE, CREATED], [TWO, OTHER, 'Inactive'])]],
  ])('do not get that one when %s', (_, inventories) => {
    expect(keysOfFirst(inventories)[1]).toEqual([]);
  });

  it('do not get that one when it may be of a user of that name in another account', () => {
    const elsewhere = report(CREATED, OTHER, '999988887777');
    const other = { ...elsewhere, entries: elsewhere.entries.map((entry) => ({ ...entry, file: 'other' })) };
    const own = read(`${HEADER}\nci,arn:aws:iam::111122223333:user/ci,true,${UNTIL},N/A,false,N/A,N/A\n`);
    const list = listed([ONE, CREATED], [TWO, OTHER], ['AKIAEXAMPLE000000003', '2025-02-01T00:00:00Z']);
    expect(keysOfFirst([own, other, list])).toEqual([[]]);
    expect(keysOfFirst([own, listed(['AKIAEXAMPLE000000003', '2025-02-01T00:00:00Z'])])).toEqual([
      ['AKIAEXAMPLE000000003'],
    ]);
  });

  it('say what is missing: the list, or one that is as new', () => {
    const remedyOf = (...inventories: Inventory[]): string | undefined => joinInventories(inventories)[0]?.remedy;
    expect(remedyOf(report(CREATED, OTHER))).toContain('aws iam list-access-keys');
    expect(remedyOf(report(CREATED, OTHER), listed([ONE, CREATED]))).toContain('Export both again');
    expect(remedyOf(report(CREATED, OTHER), listed([ONE, CREATED], [TWO, OTHER]))).toBeUndefined();
  });

  it('are complete, as far as it can be seen, when all have ids', () => {
    const [joined] = joinInventories([report(CREATED, OTHER), listed([ONE, CREATED], [TWO, OTHER])]);
    expect(joined?.partial).toBeUndefined();
    expect(joined?.entries[0]).toMatchObject({ id: ONE, lastUsedAt: Date.UTC(2026, 9, 1) });
  });
});

describe('last uses in the list of access keys', () => {
  const use = (date: string): string =>
    JSON.stringify({
      UserName: 'ci',
      AccessKeyLastUsed: { LastUsedDate: date, ServiceName: 's3', Region: 'eu-central-1' },
    });
  const keys = JSON.stringify({
    AccessKeyMetadata: [
      { UserName: 'ci', AccessKeyId: ONE, CreateDate: CREATED },
      { UserName: 'ci', AccessKeyId: TWO, CreateDate: OTHER },
    ],
  });

  it('count for each key of the user, the latest of them: none may look unused for another', () => {
    const { entries } = read(`${use('2026-09-30T00:00:00Z')}\n${keys}\n${use('2026-10-02T00:00:00Z')}\n${use('N/A')}`);
    expect(entries.map(({ lastUsedAt }) => lastUsedAt)).toEqual([Date.UTC(2026, 9, 2), Date.UTC(2026, 9, 2)]);
  });

  it('of users without keys in the list are told', () => {
    const other = use('2026-09-30T00:00:00Z').replace('"ci"', '"other"');
    expect(read(`${keys}\n${other}`).partial).toMatch(/last uses of 1 users whose keys it does not list/);
  });
});
