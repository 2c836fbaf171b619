import type { RawFields } from '../model.ts';
import type { Format } from './format.ts';
import { joinQuery } from './json.ts';
import { marks, publicFirst } from './marks.ts';

/**
 * MinIO's audit webhook. The Authorization header holds the access key id and a signature, which is dropped. AIStor writes
 * it flat and without a status (`log.Audit` of madmin-go).
 */
export const minioAudit: Format = {
  name: 'minio-audit',
  title: 'MinIO: audit log',
  syntax: { kind: 'json' },
  fields: {
    time: 'time',
    key: 'requestHeader.Authorization',
    keyId: 'accessKey || requestClaims.accessKey || requestQuery["X-Amz-Credential"] || requestQuery.AWSAccessKeyId',
    ip: 'remotehost || sourceHost',
    userAgent: 'userAgent || requestHeader["user-agent"]',
    status: 'api.statusCode',
    action: 'api.name || apiName',
    eventId: 'requestID',
    'identity.parentUser': 'parentUser',
    'identity.bucket': 'api.bucket || bucket',
    'identity.deploymentId': 'deploymentid',
  },
  recognise: (sample) =>
    Math.max(
      marks(sample, 'api.name', 'api.statusCode || api.status', 'remotehost || requestID'),
      marks(sample, 'apiName', 'requestID', 'sourceHost || requestClaims || node'),
    ),
  hallmarks: ['requestClaims', 'deploymentid'],
  refine: idsFirst,
  refineReads: [],
  limits:
    'Keys of STS sessions look like any other access key; the user they are of is in parentUser. AIStor logs neither status nor agent.',
};

/** What `mc admin trace --json` prints, with `--verbose` for headers. */
export const minioTrace: Format = {
  name: 'minio-trace',
  title: 'MinIO: mc admin trace --json',
  syntax: { kind: 'json' },
  fields: {
    time: 'time',
    key: 'request.headers.Authorization || requestHeader.Authorization',
    ip: 'client',
    userAgent: 'request.headers["user-agent"] || requestHeader["user-agent"]',
    status: 'statusCode || response.statusCode',
    method: 'request.method',
    action: 'api',
    'identity.host': 'host',
    'identity.path': 'path',
    'identity.query': 'query',
  },
  recognise: (sample) => marks(sample, 'api', 'callStats', 'client || host'),
  refine: joinQuery,
  refineReads: [],
  queryField: 'identity.query',
  limits: 'Keys are there only with --verbose, and in presigned addresses.',
};

/** `ID/20240101/region/s3/aws4_request` is the id with its scope. */
function idsFirst(fields: RawFields): RawFields {
  fields.keys = fields.keys.map((key) =>
    key.kind === 'public' ? { ...key, text: key.text.split('/')[0] ?? '' } : key,
  );
  return publicFirst(fields);
}
