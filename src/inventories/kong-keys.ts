import type { InventoryFormat, Page, Refuse, Reshaped } from './inventory.ts';
import { isObject, type JsonObject, type JsonValue, textAt, valueAt } from './json-values.ts';
import { everyItem } from './pages.ts';

/**
 * Keys of Kong's key-auth plugin, with the consumers beside them if they are in the same file. Its logs name a key by its
 * id. developer.konghq.com/plugins/key-auth
 */
export const kongKeys: InventoryFormat = {
  name: 'kong-keys',
  title: 'Kong: `/key-auths`, all pages in one file; `/consumers` in the same file gives the names of the owners',
  limits: 'It holds the keys themselves, which are hashed as they are read. When one was last used is not told.',
  columns: {
    id: 'id',
    key: 'key',
    consumerName: 'owner',
    'consumer.username': 'owner',
    'consumer.id': 'owner',
    consumer_id: 'owner',
    created_at: 'created',
    expires: 'expires',
  },
  json: { recognise: (pages) => everyItem(pages, (item) => isKey(item) || isConsumer(item)), reshape },
};

function isKey(item: JsonValue): boolean {
  const isOwned = valueAt(item, 'consumer') !== undefined || valueAt(item, 'consumer_id') !== undefined;
  return isOwned && ['id', 'key', 'created_at'].every((name) => textAt(item, name) !== undefined);
}

function isConsumer(item: JsonValue): boolean {
  const hasNames = ['username', 'custom_id'].every((name) => valueAt(item, name) !== undefined);
  return hasNames && ['id', 'created_at'].every((name) => textAt(item, name) !== undefined);
}

function reshape(pages: readonly Page[], refuse: Refuse): Reshaped {
  const items = pages.flatMap((page) => page.items.filter(isObject));
  const keys = items.filter(isKey);
  if (keys.length === 0 && items.length > 0) {
    refuse('lists consumers of Kong, and no keys', 'Put it into one file with the answers of /key-auths.');
  }
  const names = new Map(items.filter((item) => !isKey(item)).map((item) => [textAt(item, 'id'), nameOf(item)]));
  return {
    items: keys.map((key) => {
      const owner = names.get(textAt(key, 'consumer.id') ?? textAt(key, 'consumer_id'));
      const members = [...key].filter(([name]) => name !== 'ttl');
      return new Map([
        ...members,
        ...(owner === undefined ? [] : [['consumerName', owner] as const]),
        ...(expiryOf(key) ?? []),
      ]);
    }),
  };
}

function nameOf(consumer: JsonObject): string | undefined {
  return textAt(consumer, 'username') ?? textAt(consumer, 'custom_id');
}

/** `ttl` counts seconds from the creation, which older versions tell in milliseconds. */
function expiryOf(key: JsonObject): readonly (readonly [string, string])[] | undefined {
  const [ttl, created] = [Number(textAt(key, 'ttl') ?? 0), Number(textAt(key, 'created_at'))];
  if (!(ttl > 0) || Number.isNaN(created)) return undefined;
  return [['expires', String(created + ttl * (created > 100_000_000_000 ? 1000 : 1))]];
}
