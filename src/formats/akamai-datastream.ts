import type { RawFields } from '../model.ts';
import type { Format } from './format.ts';
import { joinQuery } from './json.ts';
import { marks } from './marks.ts';
import { percentDecode } from './w3c.ts';

/** Akamai DataStream 2, as JSON. techdocs.akamai.com/datastream2/docs/data-set-parameters */
export const akamaiDataStream: Format = {
  name: 'akamai-datastream',
  title: 'Akamai DataStream 2, JSON',
  syntax: { kind: 'json' },
  fields: {
    time: 'reqTimeSec',
    ip: 'cliIP',
    userAgent: 'UA',
    cookie: 'cookie',
    status: 'statusCode',
    method: 'reqMethod',
    action: 'reqPath',
    'identity.query': 'queryStr',
    'identity.host': 'reqHost',
    'identity.referer': 'referer',
    'identity.xff': 'xForwardedFor',
    'identity.request_id': 'reqId',
  },
  recognise: (sample) => marks(sample, 'reqTimeSec', 'cliIP || reqPath', 'statusCode'),
  hallmarks: ['reqTimeSec'],
  refineReads: ['userAgent', 'identity.referer'],
  queryField: 'identity.query',
  refine,
  limits:
    'Its fields are the choice of the owner; it carries no header but agent, referer and cookie: keys are seen only in query strings and cookies.',
};

/** The agent and the referer are encoded as in a form. */
function refine(fields: RawFields): RawFields {
  const { userAgent, identity } = fields;
  if (userAgent?.includes(' ') === false) fields.userAgent = percentDecode(userAgent.replaceAll('+', ' '));
  if (identity['referer'] !== undefined) identity['referer'] = percentDecode(identity['referer']);
  return joinQuery(fields);
}
