import type { Format } from './format.ts';
import { marks } from './marks.ts';

/** Amazon VPC Lattice. docs.aws.amazon.com/vpc-lattice/latest/ug/monitoring-access-logs.html */
export const awsVpcLattice: Format = {
  name: 'aws-vpc-lattice',
  title: 'Amazon VPC Lattice: access log of services',
  syntax: { kind: 'json' },
  fields: {
    time: 'startTime || eventTimestamp',
    ip: 'sourceIpPort',
    userAgent: 'userAgent',
    status: 'responseCode',
    method: 'requestMethod',
    action: 'requestPath',
    'identity.caller': 'callerPrincipal',
    'identity.certificate': 'callerX509SubjectCN || callerX509SANURI',
    'identity.vpc': 'sourceVpcArn || sourceVpcId',
    'identity.service': 'serviceName || serviceArn',
    'identity.host': 'hostHeader',
  },
  recognise: (sample) =>
    marks(sample, 'serviceNetworkArn', 'sourceIpPort || sourceVpcArn', 'requestMethod', 'responseCode'),
  limits:
    'It names the role or user that signed the call, but not the access key: keys are seen only in query strings.',
};
