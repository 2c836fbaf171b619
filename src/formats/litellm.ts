import type { RawFields } from '../model.ts';
import type { FieldMap, Format } from './format.ts';
import { headerLine, splitDelimited } from './csv.ts';
import { marks } from './marks.ts';

const FIELDS: FieldMap = {
  time: 'startTime || endTime',
  key: 'api_key',
  ip: 'requester_ip_address || metadata.requester_ip_address',
  userAgent: 'metadata.user_agent || user_agent',
  outcome: 'status || metadata.status',
  action: 'call_type',
  eventId: 'request_id',
  'identity.user': 'user',
  'identity.end_user': 'end_user',
  'identity.team_id': 'team_id || metadata.user_api_key_team_id',
  'identity.key_alias': 'metadata.user_api_key_alias',
  'identity.model': 'model',
};

const LIMITS =
  'It holds the SHA-256 of a virtual key, as /key/list does, and no call that was turned away before a model was chosen.';

/** LiteLLM_SpendLogs: /spend/logs, or the table. docs.litellm.ai/docs/proxy/cost_tracking */
export const litellm: Format = {
  name: 'litellm',
  title: 'LiteLLM: spend logs (JSON)',
  isUtc: true,
  syntax: { kind: 'json' },
  fields: FIELDS,
  recognise: (sample) => marks(sample, 'request_id', 'api_key', 'startTime', 'spend || call_type || total_tokens'),
  refine,
  refineReads: [],
  limits: LIMITS,
};

/** The same table as CSV. */
export const litellmCsv: Format = {
  name: 'litellm-csv',
  title: 'LiteLLM: spend logs (CSV)',
  isUtc: true,
  syntax: { kind: 'delimited', delimiter: undefined, columns: undefined },
  fields: FIELDS,
  recognise: ({ lines }) => {
    const columns = new Set(splitDelimited(headerLine(lines), ','));
    return ['request_id', 'api_key', 'startTime'].every((name) => columns.has(name)) &&
      ['spend', 'call_type', 'total_tokens'].some((name) => columns.has(name))
      ? 0.97
      : 0;
  },
  refine,
  limits: LIMITS,
};

/** The hash is what inventories list. A raw key, as old versions wrote it, is fingerprinted. */
function refine(fields: RawFields): RawFields {
  fields.keys = fields.keys.map((key) => ({ ...key, kind: /^[0-9a-f]{64}$/.test(key.text) ? 'public' : 'secret' }));
  return fields;
}
