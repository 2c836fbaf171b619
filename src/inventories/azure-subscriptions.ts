import type { InventoryFormat } from './inventory.ts';
import { isObject, type JsonObject, type JsonValue, objectOf, textAt, valueAt } from './json-values.ts';
import { everyItem } from './pages.ts';

/**
 * Subscriptions of Azure API Management: gateway logs name a subscription, not which of its two keys was sent.
 * learn.microsoft.com/rest/api/apimanagement/subscription/list
 */
export const azureSubscriptions: InventoryFormat = {
  name: 'azure-subscriptions',
  title: 'Azure API Management: `GET .../service/{name}/subscriptions`',
  limits: 'A subscription stands for both of its keys. When one was last used is not told.',
  columns: {
    name: 'id',
    displayName: 'label',
    owner: 'owner',
    createdDate: 'created',
    expirationDate: 'expires',
    status: 'status',
  },
  json: {
    recognise: (pages) => everyItem(pages, (item) => RESOURCE.test(textAt(item, 'id') ?? '')),
    reshape: (pages) => ({ items: pages.flatMap(({ items }) => items.filter(isObject).map(subscription)) }),
  },
};

const RESOURCE =
  /\/providers\/Microsoft\.ApiManagement\/service\/[^/]+\/(?:workspaces\/[^/]+\/)?subscriptions\/[^/]+$/i;

/** What the states mean for its keys; other words are read as they are. */
const STATES: Readonly<Record<string, string>> = {
  submitted: 'disabled',
  rejected: 'disabled',
  suspended: 'disabled',
  expired: 'disabled',
  cancelled: 'deleted',
};

/** The API nests what the command line writes flat. */
function subscription(item: JsonObject): JsonObject {
  const at = (name: string): JsonValue | undefined => valueAt(item, `properties.${name}`) ?? valueAt(item, name);
  const state = textOf(at('state'));
  return objectOf({
    name: item.get('name') ?? lastPart(textOf(item.get('id'))),
    displayName: at('displayName'),
    owner: lastPart(textOf(at('ownerId'))),
    createdDate: at('createdDate'),
    expirationDate: at('expirationDate') ?? at('endDate'),
    status: STATES[state?.toLowerCase() ?? ''] ?? state,
    state,
    scope: at('scope'),
  });
}

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function lastPart(path: string | undefined): string | undefined {
  return path?.slice(path.lastIndexOf('/') + 1);
}
