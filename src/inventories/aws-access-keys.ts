import { readDate } from './dates.ts';
import type { InventoryFormat, Page, Refuse, Reshaped } from './inventory.ts';
import { isObject, type JsonObject, type JsonValue, textAt, valueAt } from './json-values.ts';
import { everyItem } from './pages.ts';

/**
 * Access keys of IAM users: any number of answers in one file, with those of `get-access-key-last-used`, which say the
 * user and not the key. docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccessKeys.html
 */
export const awsAccessKeys: InventoryFormat = {
  name: 'aws-access-keys',
  title:
    'AWS: `aws iam list-access-keys`, of any number of users, and `aws iam get-access-key-last-used` in the same file',
  limits:
    'AWS tells the first use in 15 minutes, up to four hours late. A last use of a user with two keys counts for both.',
  columns: {
    AccessKeyId: 'id',
    UserName: 'owner',
    CreateDate: 'created',
    Status: 'status',
    'AccessKeyLastUsed.LastUsedDate': 'lastUsed',
  },
  json: {
    recognise: (pages) => everyItem(pages, (item) => isKey(item) || isLastUse(item)),
    reshape,
    isNextPage: (page, next) => next.list === page.list && userOf(page.items.at(-1)) === userOf(next.items[0]),
  },
};

function isKey(item: JsonValue): boolean {
  return textAt(item, 'AccessKeyId') !== undefined;
}

function isLastUse(item: JsonValue): boolean {
  return valueAt(item, 'AccessKeyLastUsed') !== undefined;
}

function userOf(item: JsonValue | undefined): string {
  return textAt(item, 'UserName') ?? '';
}

function reshape(pages: readonly Page[], refuse: Refuse): Reshaped {
  const items = pages.flatMap((page) => page.items.filter(isObject));
  const keys = items.filter(isKey);
  const uses = items.filter((item) => !isKey(item));
  if (keys.length === 0 && uses.length > 0) {
    const hint = 'Put it into one file with the output of `aws iam list-access-keys` for the same users.';
    refuse('tells last uses of access keys without saying of which', hint);
  }
  const latest = latestByUser(uses);
  const users = new Set(keys.map(userOf));
  const strangers = [...latest.keys()].filter((user) => !users.has(user));
  return {
    items: keys.map((key) => {
      const use = latest.get(userOf(key));
      return use === undefined || isLastUse(key) ? key : new Map([...key, ['AccessKeyLastUsed', use]]);
    }),
    partial:
      strangers.length === 0
        ? undefined
        : `it tells last uses of ${strangers.length} users whose keys it does not list`,
  };
}

/** Which of the keys of a user it was is not said: each of them may be the one that was used last. */
function latestByUser(uses: readonly JsonObject[]): Map<string, JsonValue> {
  const latest = new Map<string, JsonValue>();
  for (const item of uses) {
    const use = valueAt(item, 'AccessKeyLastUsed');
    if (use !== undefined && lastUseAt(use) >= lastUseAt(latest.get(userOf(item)))) latest.set(userOf(item), use);
  }
  return latest;
}

/** A date that cannot be read comes first: it is refused later. */
function lastUseAt(use: JsonValue | undefined): number {
  const at = readDate(textAt(use, 'LastUsedDate') ?? '');
  return at === 'impossible' ? Infinity : (at ?? 0);
}
