import type { RawFields } from '../model.ts';
import type { Format } from './format.ts';
import { marks, takeIdentity } from './marks.ts';
import { withoutPort } from './text-lines.ts';

/** Teleport audit events; their names hold dots. goteleport.com/docs/reference/audit-events */
export const teleport: Format = {
  name: 'teleport',
  title: 'Teleport: audit events',
  syntax: { kind: 'json' },
  fields: {
    time: 'time',
    key: 'token_name',
    ip: 'remote_ip || identity.client_ip',
    userAgent: 'user_agent',
    outcome: 'success',
    error: 'error',
    action: 'event',
    eventId: 'uid',
    'identity.user': 'user || identity.user',
    'identity.peer': '["addr.remote"] || addr.remote',
    'identity.login': 'login',
    'identity.code': 'code',
    'identity.bot': 'bot_name',
    'identity.server': 'server_hostname || server_id',
  },
  recognise: (sample) => marks(sample, 'event', 'uid', 'time', 'code || cluster_name || ei'),
  refine,
  redelivers: true,
  limits:
    'Callers have certificates that live for hours: the log names users and bots, and keys only where a join token is used.',
};

/** The peer always has a port, also behind an address that itself holds colons. */
function refine(fields: RawFields): RawFields {
  const peer = takeIdentity(fields, 'peer');
  if (peer !== undefined) fields.ip = withoutPort(peer);
  return fields;
}
