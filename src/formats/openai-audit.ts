import type { Format } from './format.ts';
import { marks } from './marks.ts';

/** OpenAI's audit log. platform.openai.com/docs/api-reference/audit-logs */
export const openaiAudit: Format = {
  name: 'openai-audit',
  title: 'OpenAI: audit log of an organization',
  syntax: { kind: 'json' },
  fields: {
    time: 'effective_at',
    // What was created, changed or deleted stands elsewhere: that is no use of it.
    keyId: 'actor.api_key.id || actor.api_key.tracking_id',
    ip: 'actor.session.ip_address || actor.ip_address',
    userAgent: 'actor.session.user_agent || actor.user_agent',
    action: 'type',
    eventId: 'id',
    'identity.user':
      'actor.session.user.email || actor.session.user.id || actor.api_key.user.email || actor.api_key.user.id',
    'identity.service_account': 'actor.api_key.service_account.id',
    'identity.project': 'project.id',
  },
  recognise: (sample) => marks(sample, 'effective_at', 'actor.type', 'actor.session || actor.api_key', 'type'),
  hallmarks: ['effective_at'],
  redelivers: true,
  limits: 'It shows what keys of the administration change, not requests to models: those are in openai-usage.',
};
