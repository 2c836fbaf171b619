import type { UsageField } from './format.ts';

type PlainUsageField = Exclude<UsageField, `identity.${string}`>;

/** Usage fields that a field map may name; beside them stands `identity.<name>`. */
export const USAGE_FIELDS: readonly string[] = Object.keys({
  time: true,
  key: true,
  keyId: true,
  system: true,
  source: true,
  ip: true,
  userAgent: true,
  status: true,
  outcome: true,
  error: true,
  method: true,
  action: true,
  cookie: true,
  eventId: true,
  issuer: true,
} satisfies Record<PlainUsageField, true>);
