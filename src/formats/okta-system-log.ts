import type { Format } from './format.ts';
import { marks } from './marks.ts';

/** Okta System Log. developer.okta.com/docs/reference/api/system-log */
export const oktaSystemLog: Format = {
  name: 'okta-system-log',
  title: 'Okta System Log',
  syntax: { kind: 'json' },
  fields: {
    time: 'published',
    keyId: 'transaction.detail.requestApiTokenId || debugContext.debugData.requestApiTokenId',
    ip: 'client.ipAddress || request.ipChain[0].ip',
    userAgent: 'client.userAgent.rawUserAgent',
    status: 'outcome.result',
    outcome: 'outcome.result',
    action: 'eventType',
    eventId: 'uuid',
    'identity.actor': 'actor.alternateId',
    'identity.actor_id': 'actor.id',
    'identity.actor_type': 'actor.type',
    'identity.client_id': 'client.id',
  },
  recognise: (sample) => marks(sample, 'eventType', 'published', 'uuid', 'outcome || actor || legacyEventType'),
  hallmarks: ['requestApiTokenId'],
  redelivers: true,
  limits: 'It shows what API tokens change and sign in, not what they read: most GET requests leave no event.',
};
