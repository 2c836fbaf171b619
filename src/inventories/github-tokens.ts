import type { InventoryFormat } from './inventory.ts';
import { isObject, objectOf, textAt, valueAt } from './json-values.ts';
import { everyItem } from './pages.ts';

/**
 * Fine-grained personal access tokens with access to an organisation: its audit log names them by `token_id`.
 * docs.github.com/rest/orgs/personal-access-tokens
 */
export const githubTokens: InventoryFormat = {
  name: 'github-tokens',
  title: 'GitHub fine-grained tokens: `GET /orgs/{org}/personal-access-tokens`',
  limits:
    'A page does not say whether another follows: use `gh api --paginate`. A token counts as created when it was given access.',
  columns: {
    token_id: 'id',
    token_name: 'label',
    owner: 'owner',
    access_granted_at: 'created',
    token_expires_at: 'expires',
    token_last_used_at: 'lastUsed',
    expired: 'status',
  },
  json: {
    recognise: (pages) =>
      everyItem(
        pages,
        (item) => textAt(item, 'token_id') !== undefined && valueAt(item, 'access_granted_at') !== undefined,
      ),
    reshape: (pages) => ({
      items: pages
        .flatMap(({ items }) => items.filter(isObject))
        .map((item) =>
          objectOf({
            token_id: valueAt(item, 'token_id'),
            token_name: valueAt(item, 'token_name'),
            owner: valueAt(item, 'owner.login'),
            access_granted_at: valueAt(item, 'access_granted_at'),
            token_expires_at: valueAt(item, 'token_expires_at'),
            token_last_used_at: valueAt(item, 'token_last_used_at'),
            expired: valueAt(item, 'token_expired'),
            repositories: valueAt(item, 'repository_selection'),
            permissions: valueAt(item, 'permissions'),
            grant_id: valueAt(item, 'id'),
          }),
        ),
    }),
  },
};
