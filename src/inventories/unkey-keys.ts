import type { InventoryFormat } from './inventory.ts';
import { isObject, type JsonObject, textAt, valueAt } from './json-values.ts';
import { everyItem } from './pages.ts';

/** Keys of an API at Unkey. unkey.com/docs/api-reference/v2/apis/list-api-keys, and version 1 of the same */
export const unkeyKeys: InventoryFormat = {
  name: 'unkey-keys',
  title: 'Unkey: `apis.listKeys`, versions 1 and 2',
  limits: 'Only the start of a key is told: where logs show keys and not their ids, most cannot be told apart.',
  columns: {
    keyId: 'id',
    id: 'id',
    name: 'label',
    'identity.externalId': 'owner',
    externalId: 'owner',
    ownerId: 'owner',
    createdAt: 'created',
    expires: 'expires',
    lastUsed: 'lastUsed',
    lastUsedAt: 'lastUsed',
    masked: 'masked',
    plaintext: 'key',
  },
  json: {
    recognise: (pages) =>
      everyItem(
        pages,
        (item) =>
          textAt(item, 'start') !== undefined &&
          textAt(item, 'createdAt') !== undefined &&
          (textAt(item, 'keyId') ?? textAt(item, 'id'))?.startsWith('key_') === true,
      ),
    reshape: (pages) => ({ items: pages.flatMap(({ items }) => items.filter(isObject).map(withMask)) }),
  },
};

function withMask(item: JsonObject): JsonObject {
  const members = [...item].filter(([name]) => name !== 'start');
  const isWhole = typeof valueAt(item, 'plaintext') === 'string';
  return new Map(isWhole ? members : [...members, ['masked', `${textAt(item, 'start')}...`]]);
}
