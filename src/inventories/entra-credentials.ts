import type { InventoryFormat, Page, Reshaped } from './inventory.ts';
import { isObject, type JsonObject, type JsonValue, objectOf, objectsAt, textAt, valueAt } from './json-values.ts';
import { everyItem } from './pages.ts';

/**
 * Secrets and certificates of applications in Microsoft Entra ID: sign-ins name them by `keyId`.
 * learn.microsoft.com/graph/api/resources/passwordcredential and keycredential
 */
export const entraCredentials: InventoryFormat = {
  name: 'entra-credentials',
  title: 'Microsoft Entra ID: `az ad app list`, `az ad app credential list`, or `/applications` of Microsoft Graph',
  limits: 'When a credential was last used is not told.',
  columns: {
    keyId: 'id',
    displayName: 'label',
    appDisplayName: 'owner',
    startDateTime: 'created',
    endDateTime: 'expires',
  },
  json: { recognise: (pages) => everyItem(pages, (item) => isApplication(item) || isCredential(item)), reshape },
};

function isApplication(item: JsonValue): boolean {
  return valueAt(item, 'passwordCredentials') !== undefined && textAt(item, 'appId') !== undefined;
}

function isCredential(item: JsonValue): boolean {
  return textAt(item, 'keyId') !== undefined && textAt(item, 'endDateTime') !== undefined;
}

function reshape(pages: readonly Page[]): Reshaped {
  const items = pages.flatMap((page) => page.items.filter(isObject));
  return { items: items.flatMap((item) => (isApplication(item) ? credentialsOf(item) : [credential(item)])) };
}

function credentialsOf(application: JsonObject): JsonObject[] {
  const of = { appDisplayName: valueAt(application, 'displayName'), appId: valueAt(application, 'appId') };
  const ofKind = (kind: string, list: string): JsonObject[] =>
    objectsAt(application, list).map((one) => credential(one, { ...of, kind }));
  return [...ofKind('password', 'passwordCredentials'), ...ofKind('certificate', 'keyCredentials')];
}

/** The `key` of a certificate is its public part. */
function credential(item: JsonObject, more: Readonly<Record<string, JsonValue | undefined>> = {}): JsonObject {
  const kept = ['keyId', 'displayName', 'startDateTime', 'endDateTime', 'hint', 'type', 'usage'];
  const members = Object.fromEntries(kept.map((name) => [name === 'hint' ? 'start' : name, valueAt(item, name)]));
  return objectOf({ ...members, ...more });
}
