import type { Format } from './format.ts';
import { marks } from './marks.ts';

/** Reports API activities. developers.google.com/admin-sdk/reports/reference/rest/v1/activities */
export const googleWorkspace: Format = {
  name: 'google-workspace',
  title: 'Google Workspace: activities of the Reports API',
  syntax: { kind: 'json' },
  fields: {
    time: 'id.time',
    ip: 'ipAddress',
    action: 'events[0].name || events.name || name',
    eventId: 'id.uniqueQualifier',
    'identity.email': 'actor.email',
    'identity.profileId': 'actor.profileId',
    'identity.application': 'id.applicationName',
  },
  recognise: (sample) => marks(sample, 'id.time', 'id.applicationName', 'actor || events || kind'),
  limits: 'It names people and the apps that they let in, not keys.',
};
