import type { Format } from './format.ts';
import { marks } from './marks.ts';

/** Teleport audit events; their names hold dots. goteleport.com/docs/reference/audit-events */
export const teleport: Format = {
  name: 'teleport',
  title: 'Teleport: audit events',
  syntax: { kind: 'json' },
  fields: {
    time: 'time',
    key: 'token_name',
    ip: '["addr.remote"] || addr.remote || remote_ip',
    userAgent: 'user_agent',
    outcome: 'success',
    error: 'error',
    action: 'event',
    eventId: 'uid',
    'identity.user': 'user',
    'identity.login': 'login',
    'identity.code': 'code',
    'identity.bot': 'bot_name',
    'identity.server': 'server_hostname || server_id',
  },
  recognise: (sample) => marks(sample, 'event', 'uid', 'time', 'code || cluster_name || ei'),
  redelivers: true,
  limits:
    'Callers have certificates that live for hours: the log names users and bots, and keys only where a join token is used.',
};
