import type { RawFields } from '../model.ts';
import type { FieldMap, Format, Pairs, Sample } from './format.ts';
import { takeIdentity } from './marks.ts';
import { logfmtPairs } from './logfmt-pairs.ts';
import { alsoFlat } from './usual-fields.ts';

const KEY_NAMES = 'api_key || apikey || api-key || x_api_key || x-api-key || http_x_api_key || api_token || apitoken || auth_token || access_token || authorization || http_authorization'; // prettier-ignore
const KEY_ID_NAMES =
  'key_id || keyid || api_key_id || apikeyid || access_key_id || accesskeyid || credential_id || token_id';
const STATUS_NAMES =
  'status || status_code || statuscode || http_status || http_status_code || response_status || response_code || responsecode || http.status || http.status_code || http.response.status_code || code';
const METHOD_NAMES =
  'method || http_method || request_method || httpmethod || http.method || http.request.method || verb';

const FIELDS: FieldMap = alsoFlat(
  {
  time: 'ts || timestamp || @timestamp || datetime || time || t || date',
  key: KEY_NAMES,
  keyId: KEY_ID_NAMES,
  system: 'system || consumer || client_name || client_id',
  ip: 'client_ip || clientip || remote_addr || remoteaddr || remote_ip || remoteip || ip || source_ip || sourceip || client_addr || client || remote || remote_address || http.client_ip || http.request.remoteaddr || peer || addr',
  userAgent: 'user_agent || useragent || user-agent || http_user_agent || http.user_agent || http.useragent || http.request.useragent || ua || agent',
  status: STATUS_NAMES,
  method: METHOD_NAMES,
  action: 'request_uri || path || uri || url || http.url || http.path || http.request.uri || request_path || request_url || endpoint || route || request',
  'identity.user': 'user || username || user_name || userid || user_id || uname',
  'identity.host': 'host || http.host || http.request.host',
  'identity.request_id': 'request_id || requestid || req_id || reqid || http.request.id',
  'identity.query': 'query || query_string || querystring',
  'identity.message': 'msg || message',
},
  [],
); // prettier-ignore

/** Lines of pairs that tell of requests. brandur.org/logfmt */
export const logfmt: Format = {
  name: 'logfmt',
  title: 'logfmt, name=value pairs; usual names or your own map (--field)',
  syntax: { kind: 'text', match: matchLine, isNamed: true },
  fields: FIELDS,
  recognise,
  refine,
  limits:
    'Its names are the choice of the owner. Of a name such as key or token nothing says whose key it is: map it if it is one, e.g. --field key=token.',
};

/** It begins with a pair: what stands before it is for an envelope to take off. */
function matchLine(line: string): Pairs | undefined {
  return BEGINS_WITH_PAIR.test(line.slice(0, MAX_NAME)) ? logfmtPairs(line) : undefined;
}

const MAX_NAME = 128;
const BEGINS_WITH_PAIR = /^\s*[A-Za-z_@][\w.@#:/-]{0,99}=/;

/** Programs write much of the kind that is no request: some of the lines must have what only a request has. */
function recognise({ lines }: Sample): number {
  const found = lines.map(matchLine).filter((pairs) => pairs !== undefined);
  const share = found.length / Math.max(lines.length, 1);
  return share >= MOST && found.flat().some(([name, text]) => isSign(name.toLowerCase(), text)) ? 0.5 + share / 12 : 0;
}

const MOST = 0.5;
const SIGN_NAMES = namesIn(FIELDS.key, FIELDS.keyId);
const STATUS_AND_METHOD = namesIn(FIELDS.status, FIELDS.method);

function namesIn(...maps: readonly (string | undefined)[]): ReadonlySet<string> {
  return new Set(maps.flatMap((names = '') => names.toLowerCase().split(' || ')));
}

function isSign(name: string, text: string): boolean {
  if (SIGN_NAMES.has(name)) return text !== '';
  return STATUS_AND_METHOD.has(name) && /^(?:[1-5]\d\d|GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)$/.test(text);
}

/** A level or a word in `status` is no HTTP status; some write the request into the message: `GET /v1 (200) 1.2ms`. */
function refine(fields: RawFields): RawFields {
  const message = takeIdentity(fields, 'message');
  const query = takeIdentity(fields, 'query');
  const [, method = '', action, status] = REQUEST.exec(message ?? '') ?? [];
  if (fields.action === undefined && action !== undefined) {
    fields.method ??= method;
    fields.action = action;
    if (status !== undefined) fields.status ??= status;
  }
  if (query !== undefined && fields.action?.includes('?') !== true)
    fields.action = `${fields.action ?? ''}?${query.replace(/^\?/, '')}`;
  if (fields.status !== undefined && !/^\d{1,3}$/.test(fields.status)) delete fields.status;
  return fields;
}

const REQUEST = /^([A-Z]{3,7}) (\/\S*)(?: \((\d{3})\))?/;
