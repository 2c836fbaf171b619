import type { Format } from './format.ts';
import { marks } from './marks.ts';

const both = (name: string): string => `jsonPayload.${name} || ${name}`;

/** Google API Gateway and Cloud Endpoints (ESPv2). cloud.google.com/endpoints/docs/openapi/monitoring-your-api */
export const gcpApiGateway: Format = {
  name: 'gcp-api-gateway',
  title: 'Google API Gateway and Cloud Endpoints',
  syntax: { kind: 'json' },
  fields: {
    time: 'jsonPayload.timestamp || timestamp',
    key: both('api_key'),
    ip: both('client_ip'),
    userAgent: 'httpRequest.userAgent',
    status: both('http_status_code') + ' || ' + both('http_response_code'),
    error: both('error_cause'),
    method: both('http_method'),
    action: both('url'),
    'identity.consumer_number': both('consumer_number'),
    'identity.api': both('api_name'),
    'identity.api_key_state': both('api_key_state'),
  },
  recognise: (sample) =>
    marks(
      sample,
      both('service_config_id') + ' || ' + both('api_key_state'),
      both('http_response_code') + ' || ' + both('http_status_code'),
    ),
  hallmarks: ['api_key_state'],
  limits: 'It names a key only where the method asks for one; no user agent is logged.',
};
