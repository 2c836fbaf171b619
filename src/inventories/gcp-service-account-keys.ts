import type { InventoryFormat, Page, Reshaped } from './inventory.ts';
import { isObject, type JsonObject, textAt } from './json-values.ts';
import { everyItem } from './pages.ts';

/** Keys of Google Cloud service accounts. cloud.google.com/iam/docs/reference/rest/v1/projects.serviceAccounts.keys */
export const gcpServiceAccountKeys: InventoryFormat = {
  name: 'gcp-service-account-keys',
  title: 'Google Cloud service account keys: `gcloud iam service-accounts keys list --format=json`',
  limits: 'Keys that Google manages are left out: nobody can delete them. When a key was last used is not told.',
  columns: { name: 'id', account: 'owner', validAfterTime: 'created', validBeforeTime: 'expires', disabled: 'status' },
  json: {
    recognise: (pages) => everyItem(pages, (item) => KEY_NAME.test(textAt(item, 'name') ?? '')),
    reshape,
  },
};

/** Audit logs name a key in the same way. */
const KEY_NAME = /^projects\/[^/]+\/serviceAccounts\/([^/]+)\/keys\/[^/]+$/;

function reshape(pages: readonly Page[]): Reshaped {
  const items = pages.flatMap(({ items: all }) => all.filter(isObject));
  return { items: items.filter((item) => textAt(item, 'keyType') !== 'SYSTEM_MANAGED').map(withAccount) };
}

function withAccount(item: JsonObject): JsonObject {
  const account = KEY_NAME.exec(textAt(item, 'name') ?? '')?.[1];
  return account === undefined ? item : new Map([...item, ['account', account]]);
}
