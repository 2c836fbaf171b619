import type { Format } from './format.ts';
import { keyHeadersIn, keyParametersIn } from './key-headers.ts';
import { marks } from './marks.ts';

/** Apache APISIX loggers. apisix.apache.org/docs/apisix/plugins/file-logger */
export const apisix: Format = {
  name: 'apisix',
  title: 'Apache APISIX: file-logger, http-logger and other loggers',
  syntax: { kind: 'json' },
  fields: {
    time: 'start_time || @timestamp',
    key: `${keyHeadersIn('request.headers')} || ${keyParametersIn('request.querystring')}`,
    system: 'consumer.username',
    ip: 'client_ip',
    userAgent: 'request.headers["user-agent"]',
    cookie: 'request.headers.cookie',
    status: 'response.status',
    method: 'request.method',
    action: 'request.uri || request.url',
    'identity.consumer': 'consumer.username',
    'identity.route': 'route_id',
    'identity.service': 'service_id',
    'identity.host': 'request.headers.host',
  },
  recognise: (sample) =>
    marks(sample, 'start_time', 'route_id || service_id', 'apisix_latency || server.version', 'request'),
  hallmarks: ['apisix_latency'],
  limits:
    'It shows keys as they were sent, and none where hide_credentials takes them out or log_format leaves the headers out.',
};
