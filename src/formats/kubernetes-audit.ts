import type { RawFields, Skip } from '../model.ts';
import type { Format } from './format.ts';
import { marks, NOT_A_REQUEST, takeIdentity } from './marks.ts';

/** audit.k8s.io events, one a line or in an EventList. kubernetes.io/docs/reference/config-api/apiserver-audit.v1 */
export const kubernetesAudit: Format = {
  name: 'kubernetes-audit',
  title: 'Kubernetes audit log',
  syntax: { kind: 'json' },
  fields: {
    time: 'requestReceivedTimestamp || stageTimestamp || timestamp',
    keyId: 'user.extra["authentication.kubernetes.io/credential-id"]',
    ip: 'sourceIPs[0]',
    userAgent: 'userAgent',
    status: 'responseStatus.code',
    method: 'verb',
    action: 'requestURI',
    eventId: 'auditID',
    'identity.user': 'user.username',
    'identity.impersonated': 'impersonatedUser.username',
    'identity.pod': 'user.extra["authentication.kubernetes.io/pod-name"]',
    'identity.stage': 'stage',
  },
  recognise: (sample) => marks(sample, 'auditID', 'stage', 'verb', 'requestURI || objectRef'),
  hallmarks: ['auditID'],
  refine,
  refineReads: ['identity.stage'],
  redelivers: true,
  limits:
    'It shows credential ids from Kubernetes 1.30 on, users before that. A request that never had a response is not counted, nor is what the audit policy leaves out.',
};

/** A call has up to four stages. The first knows no outcome; of the others, the first that is there counts, by its id. */
function refine(fields: RawFields): RawFields | Skip {
  return takeIdentity(fields, 'stage') === 'RequestReceived' ? NOT_A_REQUEST : fields;
}
