import type { RawFields, Skip } from '../model.ts';
import type { FieldMap, Format } from './format.ts';
import { unescapeLog } from './log-format.ts';
import { marks, NOT_A_REQUEST, takeIdentity } from './marks.ts';
import { w3cColumns } from './table.ts';

const LIMITS =
  'It sees what is not encrypted only, and no header but agent, referer and host: keys are seen only in query strings, users of Basic credentials as identity.user.';

const FIELDS = {
  time: 'ts',
  userAgent: 'user_agent',
  status: 'status_code',
  method: 'method',
  action: 'uri',
  'identity.host': 'host',
  'identity.user': 'username',
  'identity.referer': 'referrer',
  'identity.uid': 'uid',
} satisfies FieldMap;

/** Zeek's http.log with #fields lines. docs.zeek.org/en/master/logs/http.html */
export const zeek: Format = {
  name: 'zeek',
  title: 'Zeek (Bro): http.log',
  syntax: { kind: 'w3c', columns: undefined, mayEndAfter: undefined },
  fields: { ...FIELDS, ip: 'id.orig_h' },
  recognise: ({ lines }) => {
    const columns = w3cColumns(lines) ?? [];
    return ['id.orig_h', 'method', 'uri', 'status_code'].every((name) => columns.includes(name)) ? 1 : 0;
  },
  refine: (fields) => {
    const found = onlyRequests(fields);
    if ('quarantined' in found) return found;
    if (found.userAgent !== undefined) found.userAgent = unescapeLog(found.userAgent);
    if (found.action !== undefined) found.action = unescapeLog(found.action);
    return found;
  },
  limits: LIMITS,
};

export const zeekJson: Format = {
  name: 'zeek-json',
  title: 'Zeek (Bro): http.log as JSON',
  syntax: { kind: 'json' },
  fields: {
    ...FIELDS,
    time: 'ts || @timestamp',
    ip: '["id.orig_h"] || id.orig_h || id_orig_h',
    'identity.path': '_path || ["@path"]',
    'identity.depth': 'trans_depth',
  },
  recognise: (sample) => marks(sample, '["id.orig_h"] || id.orig_h', 'uid', 'trans_depth', 'status_code || uri || method'),
  refine: (fields) => {
    const path = takeIdentity(fields, 'path');
    const depth = takeIdentity(fields, 'depth');
    return depth === undefined || (path !== undefined && path !== 'http') ? NOT_A_REQUEST : fields;
  },
  refineReads: ['identity.path', 'identity.depth'],
  limits: LIMITS,
}; // prettier-ignore

/** A file may hold several of Zeek's logs, one after the other. */
function onlyRequests(fields: RawFields): RawFields | Skip {
  const { method, action, status } = fields;
  if (method === undefined && action === undefined && status === undefined) return NOT_A_REQUEST;
  if (fields.userAgent === EMPTY) delete fields.userAgent;
  return fields;
}

const EMPTY = '(empty)';
