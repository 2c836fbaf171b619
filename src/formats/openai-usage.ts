import type { Format } from './format.ts';
import { marks } from './marks.ts';

/** OpenAI's usage API, grouped by key. platform.openai.com/docs/api-reference/usage */
export const openaiUsage: Format = {
  name: 'openai-usage',
  title: 'OpenAI: usage per API key, as the usage API gives it',
  syntax: { kind: 'json' },
  fields: {
    time: 'end_time',
    keyId: 'results[*].api_key_id',
    'identity.project': 'results[*].project_id',
    'identity.user': 'results[*].user_id',
    'identity.model': 'results[*].model',
  },
  recognise: (sample) => marks(sample, 'start_time', 'end_time', 'results', 'object'),
  hallmarks: ['api_key_id'],
  refine: (fields) => {
    // When in its bucket a key was used is not known: the latest instant that it may have been.
    const end = Number(fields.time);
    if (Number.isInteger(end)) fields.time = String(end - 1);
    return fields;
  },
  limits:
    'Calls are added up per key and stretch of time: it shows neither callers nor single calls, and keys only with group_by=api_key_id.',
};
