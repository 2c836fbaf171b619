import type { RawFields, Skip } from '../model.ts';
import type { Format } from './format.ts';
import { joinQuery } from './json.ts';
import { NOT_A_REQUEST, takeIdentity } from './marks.ts';

/** App Service and Functions, category AppServiceHTTPLogs. learn.microsoft.com/azure/azure-monitor/reference/tables/appservicehttplogs */
export const azureAppService: Format = {
  name: 'azure-app-service',
  title: 'Azure App Service: HTTP logs',
  syntax: { kind: 'json' },
  fields: {
    time: 'time || TimeGenerated',
    ip: 'properties.CIp || CIp',
    userAgent: 'properties.UserAgent || UserAgent',
    cookie: 'properties.Cookie || Cookie',
    status: 'properties.ScStatus || ScStatus',
    method: 'properties.CsMethod || CsMethod',
    action: 'properties.CsUriStem || CsUriStem',
    'identity.query': 'properties.CsUriQuery || CsUriQuery',
    'identity.user': 'properties.CsUsername || CsUsername',
    'identity.host': 'properties.CsHost || CsHost',
    'identity.referer': 'properties.Referer || Referer',
    'identity.category': 'category || Category || Type',
  },
  recognise: ({ records }) => {
    const own = records.filter(({ category, Category, Type }) => [category, Category, Type].includes(HTTP_LOGS)).length;
    return own === 0 ? 0 : 0.55 + (0.44 * own) / records.length;
  },
  refine,
  refineReads: ['identity.category'],
  queryField: 'identity.query',
  limits: 'It carries no header but agent, referer and cookie: keys are seen only in query strings and cookies.',
};

const HTTP_LOGS = 'AppServiceHTTPLogs';

/** Messages of the app and of the platform stand beside its requests. */
function refine(fields: RawFields): RawFields | Skip {
  const category = takeIdentity(fields, 'category') ?? HTTP_LOGS;
  return category !== HTTP_LOGS && OWN.test(category) ? NOT_A_REQUEST : joinQuery(fields);
}

const OWN = /^(?:AppService|FunctionApp)/;
