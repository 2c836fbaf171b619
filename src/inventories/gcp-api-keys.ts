import type { InventoryFormat } from './inventory.ts';
import { textAt } from './json-values.ts';
import { everyItem } from './pages.ts';

/** API keys of a Google Cloud project. cloud.google.com/api-keys/docs/reference/rest/v2/projects.locations.keys */
export const gcpApiKeys: InventoryFormat = {
  name: 'gcp-api-keys',
  title: 'Google Cloud API keys: `gcloud services api-keys list --format=json`, or the API',
  limits:
    'The key itself is not listed, and logs show nothing else: add it as `keyString` (`gcloud services api-keys get-key-string`). When it was last used is not told.',
  columns: {
    uid: 'id',
    displayName: 'label',
    serviceAccountEmail: 'owner',
    createTime: 'created',
    deleteTime: 'status',
    keyString: 'key',
  },
  json: {
    recognise: (pages) =>
      everyItem(pages, (item) => KEY_NAME.test(textAt(item, 'name') ?? '') && textAt(item, 'uid') !== undefined),
  },
};

const KEY_NAME = /^projects\/[^/]+\/locations\/[^/]+\/keys\//;
