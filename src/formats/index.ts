import { LastcallError } from '../errors.ts';
import { didYouMean } from '../near-miss.ts';
import { akamaiDataStream } from './akamai-datastream.ts';
import { akamaiSiem } from './akamai-siem.ts';
import { alibabaApiGateway } from './alibaba-api-gateway.ts';
import { anthropicActivity } from './anthropic-activity.ts';
import { apacheSslRequest } from './apache-ssl-request.ts';
import { apigee, apigeeCsv } from './apigee.ts';
import { apisix } from './apisix.ts';
import { awsApiGateway, awsApiGatewayClf, awsApiGatewayCsv } from './aws-apigateway.ts';
import { awsApiGatewayXml } from './aws-apigateway-xml.ts';
import { awsAppSync } from './aws-appsync.ts';
import { awsBedrock } from './aws-bedrock.ts';
import { awsCloudFrontRealtime } from './aws-cloudfront-realtime.ts';
import { awsCloudTrail, awsCloudTrailDigest } from './aws-cloudtrail.ts';
import { awsCloudTrailCsv } from './aws-cloudtrail-csv.ts';
import { awsAlb, awsElb } from './aws-elb.ts';
import { awsNlb } from './aws-nlb.ts';
import { awsS3Access, awsS3AccessCsv, awsS3AccessJson } from './aws-s3-access.ts';
import { awsVpcLattice } from './aws-vpc-lattice.ts';
import { awsWaf } from './aws-waf.ts';
import { azureApiManagement } from './azure-api-management.ts';
import { azureAppService } from './azure-app-service.ts';
import { azureFrontDoor } from './azure-front-door.ts';
import { azureGraphActivity } from './azure-graph-activity.ts';
import { azureSignIn } from './azure-sign-in.ts';
import { caddy } from './caddy.ts';
import { cloudFoundry } from './cloud-foundry.ts';
import { cloudflareAudit } from './cloudflare-audit.ts';
import { cloudflare, cloudflareGateway } from './cloudflare.ts';
import { combinedFormats } from './combined.ts';
import { csv } from './csv.ts';
import { elasticsearchAudit } from './elasticsearch-audit.ts';
import { envoy } from './envoy.ts';
import { envoyText } from './envoy-text.ts';
import { fastly } from './fastly.ts';
import type { Format, Sample } from './format.ts';
import { gcpApiGateway } from './gcp-api-gateway.ts';
import { gcpAudit } from './gcp-audit.ts';
import { gin } from './gin.ts';
import { githubAudit } from './github-audit.ts';
import { gitlab, gitlabWorkhorse } from './gitlab.ts';
import { googleWorkspace } from './google-workspace.ts';
import { gravitee } from './gravitee.ts';
import { haproxy, haproxyTcp } from './haproxy.ts';
import { harbor } from './harbor.ts';
import { herokuRouter } from './heroku-router.ts';
import { ibmApiConnect } from './ibm-api-connect.ts';
import { json } from './json.ts';
import { kong } from './kong.ts';
import { kubernetesAudit } from './kubernetes-audit.ts';
import { litellm, litellmCsv } from './litellm.ts';
import { logfmt } from './logfmt.ts';
import { minioAudit, minioTrace } from './minio.ts';
import { nginxIngress } from './nginx-ingress.ts';
import { nginxProxyManager } from './nginx-proxy-manager.ts';
import { ociAudit } from './oci-audit.ts';
import { ocsf } from './ocsf.ts';
import { oktaSystemLog } from './okta-system-log.ts';
import { openaiAudit } from './openai-audit.ts';
import { openaiUsage } from './openai-usage.ts';
import { otlp } from './otlp.ts';
import { railsLograge } from './rails-lograge.ts';
import { squid } from './squid.ts';
import { teleport } from './teleport.ts';
import { traefik } from './traefik.ts';
import { tyk, tykCsv } from './tyk.ts';
import { uwsgi } from './uwsgi.ts';
import { vaultAudit } from './vault-audit.ts';
import { awsCloudFront, awsCloudFrontJson, w3c } from './w3c.ts';
import { wso2 } from './wso2.ts';
import { zeek, zeekJson } from './zeek.ts';

/** Every log format. Add one: a file, a fixture folder, and its line here. */
export const FORMATS: readonly Format[] = [
  awsCloudTrail,
  awsCloudTrailCsv,
  awsCloudTrailDigest,
  awsAlb,
  awsElb,
  awsNlb,
  awsCloudFront,
  awsCloudFrontJson,
  awsCloudFrontRealtime,
  awsS3Access,
  awsS3AccessCsv,
  awsS3AccessJson,
  awsApiGateway,
  awsApiGatewayClf,
  awsApiGatewayCsv,
  awsApiGatewayXml,
  ...combinedFormats,
  apacheSslRequest,
  nginxIngress,
  nginxProxyManager,
  haproxy,
  haproxyTcp,
  envoyText,
  cloudflare,
  cloudflareGateway,
  fastly,
  herokuRouter,
  railsLograge,
  cloudFoundry,
  gin,
  squid,
  uwsgi,
  w3c,
  zeek,
  zeekJson,
  awsAppSync,
  awsBedrock,
  awsVpcLattice,
  awsWaf,
  akamaiDataStream,
  akamaiSiem,
  alibabaApiGateway,
  anthropicActivity,
  apigee,
  apigeeCsv,
  apisix,
  azureApiManagement,
  azureAppService,
  azureFrontDoor,
  azureGraphActivity,
  azureSignIn,
  caddy,
  cloudflareAudit,
  elasticsearchAudit,
  envoy,
  gcpApiGateway,
  gcpAudit,
  githubAudit,
  gitlab,
  gitlabWorkhorse,
  googleWorkspace,
  gravitee,
  harbor,
  ibmApiConnect,
  kong,
  kubernetesAudit,
  litellm,
  litellmCsv,
  minioAudit,
  minioTrace,
  ociAudit,
  ocsf,
  oktaSystemLog,
  openaiAudit,
  openaiUsage,
  otlp,
  teleport,
  traefik,
  tyk,
  tykCsv,
  vaultAudit,
  wso2,
  logfmt,
  csv,
  json,
];

/** Throws `usage` with the near miss. */
export function formatNamed(name: string, formats: readonly Format[] = FORMATS): Format {
  const format = formats.find((known) => known.name === name);
  if (format !== undefined) return format;
  const names = formats.map((known) => known.name);
  throw new LastcallError('usage', `There is no log format "${name}"`, {
    hint: didYouMean(name, names) ?? `Known are ${names.join(', ')}.`,
  });
}

const SURE = 0.5;

/** The format that is surest of the sample, or undefined when none is sure enough. */
export function recogniseFormat(sample: Sample, formats: readonly Format[] = FORMATS): Format | undefined {
  let best: Format | undefined;
  let bestScore = SURE;
  for (const format of formats) {
    const score = format.recognise(sample);
    if (score > bestScore) [best, bestScore] = [format, score];
  }
  return best;
}
