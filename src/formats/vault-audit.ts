import type { RawFields, Skip } from '../model.ts';
import type { Format } from './format.ts';
import { fallBackOn, marks, NOT_A_REQUEST, takeIdentity } from './marks.ts';

/** HashiCorp Vault and OpenBao. developer.hashicorp.com/vault/docs/audit/schema */
export const vaultAudit: Format = {
  name: 'vault-audit',
  title: 'HashiCorp Vault and OpenBao: audit log',
  syntax: { kind: 'json' },
  fields: {
    time: 'time',
    keyId: 'request.client_token_accessor',
    ip: 'request.remote_address',
    userAgent: 'request.headers["user-agent"]',
    error: 'error',
    method: 'request.operation',
    action: 'request.path',
    eventId: 'request.id',
    'identity.display_name': 'auth.display_name',
    'identity.entity_id': 'auth.entity_id',
    'identity.role': 'auth.metadata.role_name || auth.metadata.role',
    'identity.namespace': 'request.namespace.path',
    'identity.token': 'request.client_token',
    'identity.certificate': 'request.client_certificate_serial_number',
    'identity.type': 'type',
  },
  recognise: (sample) => marks(sample, 'type', 'time', 'request.operation || request.client_certificate_serial_number'),
  hallmarks: ['client_token_accessor', 'client_token'],
  refine,
  refineReads: ['error', 'identity.token', 'identity.certificate', 'identity.type'],
  eventsPerKey: true,
  limits:
    'Accessors are hashed with a salt of the audit device unless hmac_accessor=false: then they join with no inventory, nor with another device.',
};

/**
 * Each call is logged twice, as request and as response, under one id: whichever comes first counts. Both say when the
 * token was refused; that the backend failed, only the response says. A call of KMIP has no id, and its request is
 * always there. Another audit device hashes with another salt, so what it says of the same call counts for its own ids.
 */
function refine(fields: RawFields): RawFields | Skip {
  const [token, certificate] = [takeIdentity(fields, 'token'), takeIdentity(fields, 'certificate')];
  const type = takeIdentity(fields, 'type');
  if (type === 'kmip-response') return NOT_A_REQUEST;
  if (token === undefined || token.startsWith('hmac-')) fallBackOn(fields, token, certificate);
  // With log_raw, the token itself is written.
  else fields.keys.push({ text: token, kind: 'secret' });
  if (type?.startsWith('kmip-') === true) fields.action ??= 'kmip';
  if (fields.error !== undefined) fields.outcome = REFUSED.test(fields.error) ? 'refused' : 'failed';
  return fields;
}

const REFUSED = /permission denied|bad token|invalid token|missing client token/i;
