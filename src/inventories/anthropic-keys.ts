import type { InventoryFormat } from './inventory.ts';
import { textAt } from './json-values.ts';
import { everyItem } from './pages.ts';

/** The Admin API of Anthropic. platform.claude.com/docs/en/api/admin-api/apikeys/list-api-keys */
export const anthropicKeys: InventoryFormat = {
  name: 'anthropic-keys',
  title: 'Anthropic: `GET /v1/organizations/api_keys`',
  limits: 'Keys are masked, and when one was last used is not told.',
  columns: {
    id: 'id',
    name: 'label',
    'created_by.id': 'owner',
    created_at: 'created',
    expires_at: 'expires',
    status: 'status',
    partial_key_hint: 'masked',
  },
  json: {
    recognise: (pages) =>
      everyItem(
        pages,
        (item) => textAt(item, 'type') === 'api_key' && textAt(item, 'id')?.startsWith('apikey_') === true,
      ),
  },
};
