import type { InventoryFormat, Refuse, Reshaped } from './inventory.ts';
import { type JsonObject, objectOf, textAt } from './json-values.ts';
import { isAbsent } from './dates.ts';
import { objectsOf, readCsv } from './csv.ts';
import { everyItem } from './pages.ts';

/**
 * The credential report of an AWS account: a row a user, with two places for access keys whose ids it does not tell.
 * docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
 */
export const awsCredentialReport: InventoryFormat = {
  name: 'aws-credential-report',
  title: 'AWS: the credential report (`aws iam get-credential-report`), as CSV or as the command prints it',
  limits:
    'It tells no key ids: give the output of `aws iam list-access-keys` beside it, and keys of the same user and creation date are one. What stays without an id is never called safe. Up to four hours old.',
  columns: { id: 'id', name: 'label', user: 'owner', created: 'created', status: 'status', lastUsed: 'lastUsed' },
  hidesIds: true,
  csv: {
    recognise: (columns) =>
      ['user', 'arn', 'access_key_1_active', 'access_key_1_last_rotated'].every((one) => columns.has(one)),
    reshape: keysOf,
  },
  json: {
    recognise: (pages) =>
      everyItem(pages, (item) => textAt(item, 'Content') !== undefined && textAt(item, 'ReportFormat') === 'text/csv'),
    reshape: (pages, refuse) => {
      const reports = pages.flatMap(({ items }) => items.map((item) => textAt(item, 'Content') ?? ''));
      return { items: reports.flatMap((content) => keysOf(rowsOf(content), refuse).items) };
    },
  },
};

function* rowsOf(content: string): Generator<JsonObject> {
  yield* objectsOf(readCsv(Buffer.from(content, 'base64').toString('utf8'), 'the report in it'));
}

function keysOf(rows: Iterable<JsonObject>, refuse: Refuse): Reshaped {
  const items = [...rows].flatMap((row) => [1, 2].flatMap((place) => keyAt(row, place, refuse)));
  return { items };
}

/** A key that is not active may have dates, and `N/A` in all of them says that there is none. */
function keyAt(row: JsonObject, place: number, refuse: Refuse): JsonObject[] {
  const textOf = (name: string): string => textAt(row, `access_key_${place}_${name}`) ?? '';
  const [active, created, lastUsed] = ['active', 'last_rotated', 'last_used_date'].map(textOf);
  const isActive = active?.toLowerCase() === 'true';
  if (!isActive && isAbsent(created ?? '') && isAbsent(lastUsed ?? '')) return [];
  const user = textAt(row, 'user') ?? refuse('a row names no user');
  const arn = textAt(row, 'arn') ?? user;
  return [
    objectOf({
      id: `${arn}/access-key-${place}`,
      name: `${user}, access key ${place}`,
      user,
      created,
      status: isActive ? 'active' : 'disabled',
      lastUsed,
      lastUsedRegion: present(textOf('last_used_region')),
      lastUsedService: present(textOf('last_used_service')),
      arn,
    }),
  ];
}

function present(text: string): string | undefined {
  return isAbsent(text) ? undefined : text;
}
