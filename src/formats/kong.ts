import type { RawFields, Skip } from '../model.ts';
import type { Format } from './format.ts';
import { keyHeadersIn, keyParametersIn } from './key-headers.ts';
import { marks, NOT_A_REQUEST, publicFirst } from './marks.ts';

/** Kong's serializer, as file-log, http-log, tcp-log and others write it. developer.konghq.com/plugins/file-log */
export const kong: Format = {
  name: 'kong',
  title: 'Kong: file-log, http-log and other log plugins',
  syntax: { kind: 'json' },
  fields: {
    time: 'started_at',
    key: `authenticated_entity.key || ${keyHeadersIn('request.headers')} || ${keyParametersIn('request.querystring')}`,
    keyId: 'authenticated_entity.id',
    system:
      'consumer.username || consumer.custom_id || consumer.id || authenticated_entity.consumer_id || authenticated_entity.consumer_id.uuid',
    ip: 'client_ip',
    userAgent: 'request.headers["user-agent"]',
    cookie: 'request.headers.cookie',
    status: 'response.status',
    method: 'request.method',
    action: 'request.uri || request.url',
    'identity.consumer': 'consumer.username || consumer.custom_id || consumer.id',
    'identity.consumer_id': 'consumer.id || authenticated_entity.consumer_id || authenticated_entity.consumer_id.uuid',
    'identity.custom_id': 'consumer.custom_id',
    'identity.service': 'service.name || service.id || api.name',
    'identity.route': 'route.name || route.id',
    'identity.host': 'request.headers.host',
    'identity.request_id': 'request.id',
  },
  recognise: (sample) => marks(sample, 'started_at', 'latencies', 'client_ip || request || session'),
  hallmarks: ['authenticated_entity', 'latencies'],
  refine,
  refineReads: [],
  limits:
    'Credentials show by their id where an auth plugin runs. stdout may tear lines above 4 KB: such records are quarantined.',
};

/** The raw key beside the id of the credential stays: the inventory may list either. */
function refine(fields: RawFields): RawFields | Skip {
  if (fields.time === undefined && fields.status === undefined && fields.ip === undefined) return NOT_A_REQUEST;
  return publicFirst(fields);
}
