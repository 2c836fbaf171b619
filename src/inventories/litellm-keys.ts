import type { InventoryFormat } from './inventory.ts';
import { isObject, type JsonObject, type JsonValue, textAt, valueAt } from './json-values.ts';
import { everyItem } from './pages.ts';

/**
 * Virtual keys of the LiteLLM proxy: `token` is the SHA-256 of the key, and what spend logs show.
 * docs.litellm.ai/docs/proxy/virtual_keys, KeyListResponseObject and LiteLLM_VerificationToken in its source
 */
export const litellmKeys: InventoryFormat = {
  name: 'litellm-keys',
  title: 'LiteLLM: `GET /key/list`, with `return_full_object=true` or without',
  limits: 'When a key was last used is told by newer versions only.',
  columns: {
    id: 'id',
    token: 'sha256',
    key_name: 'masked',
    key_alias: 'label',
    user_id: 'owner',
    team_id: 'owner',
    created_at: 'created',
    expires: 'expires',
    blocked: 'status',
    last_active: 'lastUsed',
  },
  json: {
    recognise: (pages) => everyItem(pages, isKey),
    reshape: (pages) => ({ items: pages.flatMap(({ items }) => items.map(keyOf)) }),
  },
};

const DIGEST = /^[0-9a-f]{64}$/;

function isKey(item: JsonValue): boolean {
  if (typeof item === 'string') return DIGEST.test(item);
  return (
    DIGEST.test(textAt(item, 'token') ?? '') &&
    ['key_name', 'key_alias', 'spend'].some((name) => valueAt(item, name) !== undefined)
  );
}

function keyOf(item: JsonValue): JsonObject {
  if (!isObject(item))
    return new Map([
      ['id', item],
      ['token', item],
    ]);
  const token = textAt(item, 'token') ?? '';
  // What it knows of the key that asked for the list is not about the key that is listed.
  const members = [...item].filter(([name]) => name !== 'api_key' && name !== 'id');
  return new Map([['id', token], ...members]);
}
