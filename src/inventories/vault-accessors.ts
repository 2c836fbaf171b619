import type { InventoryFormat, Page, Reshaped } from './inventory.ts';
import { isList, isObject, type JsonObject, type JsonValue, textAt, valueAt } from './json-values.ts';
import { everyItem } from './pages.ts';

/**
 * Tokens of HashiCorp Vault and OpenBao by their accessors, with what `vault token lookup` says of them in the same file.
 * developer.hashicorp.com/vault/api-docs/auth/token
 */
export const vaultAccessors: InventoryFormat = {
  name: 'vault-accessors',
  title:
    'Vault: `vault list -format=json auth/token/accessors`, and `vault token lookup -format=json -accessor` in the same file',
  limits:
    'Audit logs hash accessors unless hmac_accessor=false. When a token was last used is not told; batch tokens have no accessor.',
  columns: {
    accessor: 'id',
    token: 'key',
    display_name: 'label',
    'meta.username': 'owner',
    entity_id: 'owner',
    creation_time: 'created',
    expire_time: 'expires',
  },
  json: {
    recognise: (pages) => everyItem(pages, (item) => isAccessor(item) || isLookup(item) || listed(item) !== undefined),
    reshape,
  },
};

/** Of a namespace, it ends with the id of that. Old ones are UUIDs. */
const ACCESSOR = /^(?:[A-Za-z0-9]{24}(?:\.[A-Za-z0-9]+)?|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/;

function isAccessor(item: JsonValue): item is string {
  return typeof item === 'string' && ACCESSOR.test(item);
}

function isLookup(item: JsonValue): boolean {
  return ['data.accessor', 'data.creation_time', 'data.policies'].every((path) => valueAt(item, path) !== undefined);
}

/** The accessors in an answer of the API. */
function listed(item: JsonValue): readonly JsonValue[] | undefined {
  const keys = valueAt(item, 'data.keys');
  const isAnswer = valueAt(item, 'lease_id') !== undefined && keys !== undefined && isList(keys);
  return isAnswer && keys.every((key) => typeof key === 'string') ? keys : undefined;
}

function reshape(pages: readonly Page[]): Reshaped {
  const items = pages.flatMap((page) => page.items);
  const lookups = items.filter(isLookup).map(tokenOf);
  const known = new Set(lookups.map((token) => textAt(token, 'accessor')));
  const accessors = items.flatMap((item) => (isAccessor(item) ? [item] : (listed(item) ?? [])));
  const others = accessors.filter((accessor) => typeof accessor === 'string' && !known.has(accessor));
  return { items: [...lookups, ...others.map((accessor) => new Map([['accessor', accessor]]))] };
}

/** The `id` of a token is the token itself; a lookup by accessor leaves it empty. */
function tokenOf(item: JsonValue): JsonObject {
  const data = valueAt(item, 'data');
  const members = data !== undefined && isObject(data) ? [...data] : [];
  return new Map(members.map(([name, value]) => [name === 'id' ? 'token' : name, value]));
}
