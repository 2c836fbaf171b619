import type { RawFields } from '../model.ts';
import type { Format } from './format.ts';
import { joinQuery } from './json.ts';
import { addressOf, marks } from './marks.ts';

const dotted = (name: string): string => `["${name}"] || ${name} || elasticsearch.audit.${name}`;

/** Security audit log of Elasticsearch; its names hold dots. elastic.co/docs/reference/elasticsearch/elasticsearch-audit-events */
export const elasticsearchAudit: Format = {
  name: 'elasticsearch-audit',
  title: 'Elasticsearch: security audit log',
  syntax: { kind: 'json' },
  fields: {
    time: 'timestamp || @timestamp',
    keyId: dotted('apikey.id'),
    ip: dotted('origin.address'),
    outcome: dotted('event.action'),
    method: dotted('request.method'),
    action: `${dotted('url.path')} || action`,
    // One request makes several events, on several nodes.
    eventId: dotted('request.id'),
    'identity.apikey': dotted('apikey.name'),
    'identity.user': dotted('user.name'),
    'identity.realm': dotted('user.realm'),
    'identity.authentication': dotted('authentication.type'),
    'identity.opaque_id': 'opaque_id',
    'identity.query': dotted('url.query'),
  },
  recognise: (sample) =>
    marks(sample, dotted('event.action'), dotted('event.type'), dotted('origin.address'), dotted('request.id')),
  hallmarks: ['apikey.id'],
  refine,
  refineReads: ['outcome'],
  queryField: 'identity.query',
  limits:
    'No user agent is logged. Where the settings of the audit log leave out access_granted and authentication_success, it shows no use of keys that work.',
};

function refine(fields: RawFields): RawFields {
  const { outcome, ip } = fields;
  if (ip !== undefined) fields.ip = addressOf(ip);
  delete fields.outcome;
  if (outcome !== undefined && /_(?:granted|success)$/.test(outcome)) fields.outcome = 'accepted';
  if (outcome !== undefined && /_(?:denied|failed)$|^tampered_/.test(outcome)) fields.outcome = 'refused';
  return joinQuery(fields);
}
