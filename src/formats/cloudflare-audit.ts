import type { RawFields } from '../model.ts';
import type { Format } from './format.ts';
import { marks } from './marks.ts';

/** Audit logs of Cloudflare, both versions, of its API and of Logpush. developers.cloudflare.com/fundamentals/account/account-security/audit-logs */
export const cloudflareAudit: Format = {
  name: 'cloudflare-audit',
  title: 'Cloudflare: audit logs of an account (API or Logpush)',
  syntax: { kind: 'json' },
  fields: {
    time: 'action.time || ActionTimestamp || when || When',
    keyId: 'actor.token_id || actor.token.id || ActorTokenID',
    ip: 'actor.ip_address || actor.ip || ActorIPAddress || ActorIP',
    userAgent: 'raw.user_agent || Raw.user_agent',
    status: 'raw.status_code || Raw.status_code',
    outcome: 'action.result || ActionResult',
    method: 'raw.method || Raw.method',
    action: 'raw.uri || Raw.uri || action.type || ActionType',
    eventId: 'id || AuditLogID || ID',
    'identity.email': 'actor.email || ActorEmail',
    'identity.token': 'actor.token_name || actor.token.name || ActorTokenName',
    'identity.context': 'actor.context || ActorContext || interface || Interface',
    'identity.account': 'account.id || AccountID',
  },
  recognise: (sample) =>
    Math.max(
      marks(sample, 'action.type', 'action.time', 'actor.context', 'account.id'),
      marks(sample, 'action.type', 'actor.ip || actor.email', 'interface', 'owner.id', 'when'),
      marks(sample, 'ActionType', 'ActorIP || ActorIPAddress || ActorContext', 'When || ActionTimestamp'),
    ),
  hallmarks: ['ActorTokenID', 'token_id'],
  refine,
  refineReads: ['outcome'],
  redelivers: true,
  limits:
    'Tokens are named by the second version only, and only for what changes something: most reads leave no event.',
};

/** The result is a word, or true or false. */
function refine(fields: RawFields): RawFields {
  if (fields.outcome !== undefined) fields.outcome = /^(?:success|true)$/i.test(fields.outcome) ? 'accepted' : 'failed';
  return fields;
}
