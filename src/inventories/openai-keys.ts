import type { InventoryFormat } from './inventory.ts';
import { textAt } from './json-values.ts';
import { everyItem } from './pages.ts';

/**
 * The keys of an organisation or a project of OpenAI, and of those who list them in the same manner. The list behind its
 * web page calls the masked key `sensitive_id`. platform.openai.com/docs/api-reference/project-api-keys
 */
export const openaiKeys: InventoryFormat = {
  name: 'openai-keys',
  title: 'OpenAI: `GET /v1/organization/projects/{id}/api_keys` and `/v1/organization/admin_api_keys`',
  limits: 'Keys are masked. Usage by `api_key_id` is found by the id.',
  columns: {
    tracking_id: 'id',
    id: 'id',
    name: 'label',
    created_at: 'created',
    created: 'created',
    last_used_at: 'lastUsed',
    last_use: 'lastUsed',
    redacted_value: 'masked',
    sensitive_id: 'masked',
  },
  json: {
    recognise: (pages) =>
      everyItem(
        pages,
        (item) =>
          ['redacted_value', 'sensitive_id'].some((masked) => textAt(item, masked) !== undefined) &&
          ['id', 'tracking_id'].some((id) => textAt(item, id) !== undefined),
      ),
  },
};
