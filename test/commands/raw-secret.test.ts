import { assert, oneof, property, stringMatching, uuid } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isRawSecret } from '../../src/commands/raw-secret.ts';

describe('isRawSecret', () => {
  test.each([
    ['a prefix that only secrets have', `sk_live_${'notreal0'.repeat(3)}`],
    ['a token of a code host', `ghp_${'NotReal0'.repeat(4)}`],
    ['a JSON web token', `eyJ${'notreal'.repeat(4)}.${'notreal'.repeat(4)}.sig`],
    ['long mixed random text', 'q7Wm2ZtB9xKd4LsV6hRc1PnG8yFj3TaE'],
    ['random text in base64', 'q7Wm2ZtB9xKd4LsV6hRc1PnG8yFj3TaE+u0oXw=='],
  ])('%s is one', (_, text) => {
    expect(isRawSecret(text)).toBe(true);
  });

  test.each([
    'billing-2024',
    'a-long-name-of-a-key-for-Billing-and-Export-2024',
    'BillingServiceProductionExportKey2024',
    'Team/BillingService/Production/ExportKey2024',
    'k_0123456789abcdef0123',
    'AKIAIOSFODNN7EXAMPLE',
    '3f2c8a1e-5b7d-4c9a-8e6f-0a1b2c3d4e5f',
    '01ARZ3NDEKTSV4RRFFQ69G5FAV',
    'apikey_01NotRealNotReal0123456',
    'sk_live_...4242',
    'projects/demo/locations/global/keys/3f2c8a1e-5b7d-4c9a-8e6f-0a1b2c3d4e5f',
    'arn:aws:iam::123456789012:user/Billing-Export-2024-Production-A1b2C3',
    `${'0123456789abcdef'.repeat(4)}`,
    'Billing key of the export job, 2024',
    '',
  ])('%j is an id or a name', (text) => {
    expect(isRawSecret(text)).toBe(false);
  });

  test('fingerprints and UUIDs are never taken for secrets', () => {
    const fingerprint = stringMatching(/^k_[0-9a-f]{20}$/);
    assert(property(oneof(fingerprint, uuid()), (id) => !isRawSecret(id)));
  });
});
