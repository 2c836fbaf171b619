import type { RawFields } from '../model.ts';
import type { Format } from './format.ts';
import { marks } from './marks.ts';

/** Activities of Anthropic's Compliance API. platform.claude.com/docs/en/api/compliance */
export const anthropicActivity: Format = {
  name: 'anthropic-activity',
  title: 'Anthropic: activities of the Compliance API',
  syntax: { kind: 'json' },
  fields: {
    time: 'created_at',
    // A key named beside the actor was created, changed or deleted: that is no use of it.
    keyId: 'actor.api_key_id || actor.admin_api_key_id',
    ip: 'actor.ip_address',
    userAgent: 'actor.user_agent',
    action: 'type',
    eventId: 'id',
    'identity.user': 'actor.email_address || actor.unauthenticated_email_address || actor.user_id',
    'identity.actor': 'actor.type',
    'identity.organization': 'organization_id || organization_uuid',
  },
  recognise: (sample) => marks(sample, 'actor.type', 'created_at', 'type', 'organization_uuid'),
  hallmarks: ['organization_uuid'],
  refine,
  refineReads: ['action'],
  redelivers: true,
  limits: 'It shows what keys administer and which chats and files they read, not requests to models.',
};

function refine(fields: RawFields): RawFields {
  if (fields.action?.endsWith('_failed') === true) fields.outcome = 'failed';
  return fields;
}
