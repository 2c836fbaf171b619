import type { InventoryFormat } from './inventory.ts';
import { isObject, type JsonObject, objectOf, textAt, valueAt } from './json-values.ts';
import { everyItem } from './pages.ts';

/** API keys and application keys of Datadog. docs.datadoghq.com/api/latest/key-management */
export const datadogKeys: InventoryFormat = {
  name: 'datadog-keys',
  title: 'Datadog: `GET /api/v2/api_keys` and `/api/v2/application_keys`',
  limits: 'Only the last four characters of a key are told.',
  columns: {
    id: 'id',
    name: 'label',
    created_by: 'owner',
    created_at: 'created',
    date_last_used: 'lastUsed',
    last_used_at: 'lastUsed',
    masked: 'masked',
  },
  json: {
    recognise: (pages) =>
      everyItem(
        pages,
        (item) => TYPES.has(textAt(item, 'type') ?? '') && isObject(valueAt(item, 'attributes') ?? null),
      ),
    reshape: (pages) => ({ items: pages.flatMap(({ items }) => items.filter(isObject).map(withAttributes)) }),
  },
};

const TYPES = new Set(['api_keys', 'application_keys']);

/** What is said of a key lies under `attributes`, and who has it among its relationships. */
function withAttributes(item: JsonObject): JsonObject {
  const attributes = valueAt(item, 'attributes') ?? null;
  const last = textAt(attributes, 'last4');
  const [owner] = ['owned_by', 'created_by'].flatMap((by) => textAt(item, `relationships.${by}.data.id`) ?? []);
  return objectOf({
    ...Object.fromEntries(isObject(attributes) ? attributes : []),
    last4: undefined,
    id: valueAt(item, 'id'),
    type: valueAt(item, 'type'),
    created_by: owner,
    masked: last === undefined ? undefined : `...${last}`,
  });
}
