import { splitAlternatives } from '../kernel/field-path.ts';
import type { FieldMap, UsageField } from './format.ts';
import { keyHeadersIn } from './key-headers.ts';

/** Objects in which loggers keep the headers of a request. */
export const HEADER_OBJECTS: readonly string[] = ['headers', 'request.headers', 'req.headers', 'http.request.headers', 'request_headers', 'requestHeaders', 'httpRequest.headers', 'meta.req.headers']; // prettier-ignore
/** The same, where fewer write them. */
export const MORE_HEADER_OBJECTS: readonly string[] = ['header', 'request.header', 'http.request.header', 'http.headers', 'httpRequest.header']; // prettier-ignore
const ALL_HEADER_OBJECTS = [...HEADER_OBJECTS, ...MORE_HEADER_OBJECTS];

const MOST_SENT = ['authorization', 'x-api-key', 'api-key', 'apikey', 'x-auth-token', 'x-access-token', 'x-api-token'];

/** nginx calls headers `http_...`; semantic conventions of OpenTelemetry write `_` in place of the dash. */
const KEY_MEMBERS = [
  ...spelled('api_key', 'x_api_key', 'http_x_api_key', 'http_authorization', 'access_token', 'auth.api_key', 'request.api_key', 'query.api_key', 'params.api_key'),
  'authorization', 'auth.key', 'auth.token', 'http_apikey', 'http_api_key', 'http_x_auth_token', 'x-auth-token', 'x-access-token', 'arg_api_key', 'arg_apikey',
  'http.request.header.x_api_key', 'http.request.header.api_key', 'http.request.header.x_auth_token',
]; // prettier-ignore
/** They may be of a cache or a bucket, too. */
export const DOUBTFUL_MEMBERS: readonly string[] = ['key', 'token'];

/** The names that people use, tried in this order; any of them can be replaced with `--field` or in the configuration. */
export const USUAL_FIELDS: FieldMap = {
  // As they are written: `request_time` is how long a request took.
  time: 'StartUTC || @timestamp || timestamp || time || ts || datetime || date || eventTime || event_time || requestTime || time_iso8601 || time_local || msec || started_at || startTime || start_time || created_at || createdAt || @t || TimeGenerated || request_at || request_timestamp || requestTimestamp',
  key: keyPaths(DOUBTFUL_MEMBERS),
  keyId: spelled('key_id', 'api_key_id', 'access_key_id', 'credential_id', 'auth.key_id', 'authenticated_entity.id', 'request.access_key_id', 'user.access_key_id').join(' || '),
  system: `system || consumer.username || consumer.name || consumer.custom_id || consumer || ${spelled('client_name').join(' || ')} || client.name || caller`,
  ip: anyCase('ip || client_ip || client.ip || client.address || remote_addr || remote_ip || source_ip || sourceIPAddress || src_ip || request.client_ip || request.remote_ip || request.ip || httpRequest.remoteIp || ClientHost || ip_address || remote_address || remote_ip_address || caller_ip || caller_ip_address || network.client.ip || source.ip || source.address || source.remote_address || req.remote_address || req.ip || meta.req.ip || proxy.client_ip || client_address || client_addr || http.client_ip || network.peer.address || net.peer.ip || http.remote || user_ip || request_ip || remote_host || remote || client'),
  userAgent: `${anyCase('user_agent || ua || http_user_agent || user_agent.original || agent || request_User-Agent || httpRequest.userAgent || http.useragent || http.user_agent || http.http_user_agent || proxy.user_agent || request.user_agent || source.user_agent || request_user_agent || user_agent_header')} || ${ALL_HEADER_OBJECTS.map((object) => `${object}["user-agent"]`).join(' || ')}`,
  cookie: `http_cookie || ${ALL_HEADER_OBJECTS.map((object) => `${object}.cookie`).join(' || ')}`,
  status: anyCase('http.response.status_code || http.status_code || status || status_code || response.status || response.status_code || response_status || response_code || http_status || httpRequest.status || httpResponse.status || res.status_code || res.status || DownstreamStatus || http_status_code || http.status || elb_status_code || meta.res.status_code || proxy.status_code || fields.status || code || response'),
  method: anyCase('method || request_method || request.method || http.request.method || httpRequest.requestMethod || req.method || http_method || http.method || http.http_method || request_verb || request_http_method || meta.req.method || proxy.method || span.method || verb'),
  action: anyCase('request_uri || path || uri || url || request.uri || request.path || request.url || http.path || url.original || url.full || url.path || httpRequest.requestUrl || req.url || http.url || http.uri || http.target || request_url || request_path || requested_uri || request_line || request_first_line || http_uri || uri_path || endpoint || route || http.route || meta.req.originalUrl || meta.req.url || proxy.path || span.uri || request'),
}; // prettier-ignore

/** They are called otherwise where `key` and `token` are to be told apart from the others. */
export function keyPaths(doubtful: readonly string[]): string {
  const inMore = MORE_HEADER_OBJECTS.flatMap((object) => MOST_SENT.map((header) => `${object}["${header}"]`));
  return [...KEY_MEMBERS, ...doubtful, keyHeadersIn(...HEADER_OBJECTS), ...inMore].join(' || ');
}

/** `client_ip`, `clientIp` (case does not matter) and `client-ip`. */
function spelled(...paths: readonly string[]): string[] {
  return [...new Set(paths.flatMap((path) => [path, path.replaceAll('_', ''), path.replaceAll('_', '-')]))];
}

function anyCase(paths: string): string {
  return spelled(...splitAlternatives(paths)).join(' || ');
}

/** The map of a product whose users choose names of fields themselves: its own first, then the usual ones of a request. */
export function orUsual(own: FieldMap): FieldMap {
  return { ...own, ...joined(own, USUAL_FIELDS) };
}

/**
 * The same of columns or pairs, where nothing is nested and what would be has dots in its name. A name that `own` has for
 * one field stands for no other.
 */
export function alsoFlat(own: FieldMap, doubtful: readonly string[] = DOUBTFUL_MEMBERS): FieldMap {
  const taken = new Set(Object.values(own).flatMap((names = '') => names.toLowerCase().split(' || ')));
  const flat = Object.entries({ ...USUAL_FIELDS, key: keyPaths(doubtful) }).map(([field, paths]) => {
    const names = paths.replaceAll(/\["([^"]*)"\]/g, '.$1').split(' || ');
    return [field, names.filter((name) => !taken.has(name.toLowerCase())).join(' || ')];
  });
  return { ...own, ...joined(own, Object.fromEntries(flat)) };
}

/** `own`, and what `fields` say of a request, within an object. */
export function alsoWithin(object: string, own: FieldMap, fields: FieldMap): FieldMap {
  const within = REQUEST_FIELDS.map((field) => {
    const paths = splitAlternatives(fields[field] ?? field);
    return [field, paths.map((path) => `${object}${path.startsWith('[') ? '' : '.'}${path}`).join(' || ')];
  });
  return { ...own, ...joined(own, Object.fromEntries(within)) };
}

function joined(first: FieldMap, second: FieldMap): FieldMap {
  const fields = REQUEST_FIELDS.map((field) => {
    return [field, [first[field], second[field]].filter((paths) => paths !== undefined).join(' || ')];
  });
  return Object.fromEntries(fields);
}

export const REQUEST_FIELDS: readonly UsageField[] = ['key', 'keyId', 'ip', 'userAgent', 'status', 'method', 'action'];
