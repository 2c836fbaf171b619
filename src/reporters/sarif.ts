import type { KeyReport, Report } from '../model.ts';
import { type Alert, ALERTS, alertsOf, type Severity } from './alerts.ts';
import { fileUri } from './file-uri.ts';
import { inert, inertJson } from './inert.ts';
import { namesApart } from './key-names.ts';
import type { Reporter } from './reporter.ts';

/** SARIF 2.1.0 for code scanning: keys that can be deleted and findings, at the row of the inventory that lists the key. */
export const sarif: Reporter = {
  needsTrace: true,
  render: (report) => renderSarif(report),
};

const LEVELS: Readonly<Record<Severity, string>> = { 1: 'note', 2: 'note', 3: 'warning', 4: 'error' };

function* renderSarif(report: Report): Iterable<string> {
  const driver = { name: 'lastcall', version: inert(report.tool.version), rules: ALERTS.map(rule) };
  const { asOf, generatedAt } = report;
  yield '{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[{';
  yield `"tool":${stringify({ driver })},\n`;
  yield `"invocations":[${stringify({ executionSuccessful: true, properties: { asOf, generatedAt } })}],\n`;
  yield `"columnKind":"utf16CodeUnits","results":[`;
  let between = '\n';
  for (const key of report.keys) {
    for (const alert of alertsOf(key)) {
      yield `${between}${stringify(result(key, alert))}`;
      between = ',\n';
    }
  }
  yield '\n]}]}\n';
}

function rule({ name, title, severity }: Alert): object {
  const text = `${title[0]?.toUpperCase()}${title.slice(1)}`;
  return { id: name, shortDescription: { text }, defaultConfiguration: { level: LEVELS[severity] } };
}

function result(key: KeyReport, { name, title, severity }: Alert): object {
  return {
    ruleId: name,
    ruleIndex: ALERTS.findIndex((alert) => alert.name === name),
    level: LEVELS[severity],
    message: { text: messageText(`${namesApart([key])[0]}: ${title}. ${key.sentence}`) },
    locations: [location(key)],
    partialFingerprints: { 'lastcallKey/v1': `${inert(key.key)}:${name}` },
    ...(key.exemption === null ? {} : { suppressions: [suppression(key.exemption)] }),
  };
}

function location({ key, trace }: KeyReport): object {
  const logical = { logicalLocations: [{ name: inert(key), fullyQualifiedName: inert(key), kind: 'resource' }] };
  const listed = trace?.listed ?? null;
  if (listed === null) return logical;
  // The rows of a JSON list are its items: nobody knows their lines.
  const region = /\.json[l5]?$/i.test(listed.file) ? {} : { region: { startLine: listed.row } };
  return { physicalLocation: { artifactLocation: { uri: fileUri(listed.file) }, ...region }, ...logical };
}

function suppression({ reason, until }: NonNullable<KeyReport['exemption']>): object {
  const end = until === null ? '' : ` until ${until}`;
  return { kind: 'external', justification: inert(`exempt${end}: ${reason}`) };
}

/** Plain text in which braces stand for no argument and brackets for no link (SARIF 2.1.0, 3.11.5 and 3.11.6). */
function messageText(text: string): string {
  return inert(text)
    .replaceAll(/[{}]/g, '$&$&')
    .replaceAll(/[[\]\\]/g, String.raw`\$&`);
}

function stringify(value: unknown): string {
  return inertJson(JSON.stringify(value));
}
