import type { KeyReport, Report } from '../model.ts';
import { type Alert, alertsOf, type Severity } from './alerts.ts';
import { inert, inertJson } from './inert.ts';
import { namesApart } from './key-names.ts';
import type { Reporter } from './reporter.ts';

/** OCSF detection findings (class 2004), a line each, for a SIEM or a data lake: safe keys and findings. */
export const ocsf: Reporter = {
  render: (report) => renderOcsf(report),
};

const OCSF_VERSION = '1.4.0';
const SEVERITY_NAMES: Readonly<Record<Severity, string>> = { 1: 'Informational', 2: 'Low', 3: 'Medium', 4: 'High' };

function* renderOcsf(report: Report): Iterable<string> {
  for (const key of report.keys) {
    for (const alert of alertsOf(key)) yield `${inertJson(JSON.stringify(finding(report, key, alert)))}\n`;
  }
}

/** The same id in every report, so that whoever collects them sees one finding that goes on. */
function finding({ asOf, tool, database }: Report, key: KeyReport, { name, title, severity }: Alert): object {
  const isExempt = key.exemption !== null;
  return {
    category_uid: 2,
    category_name: 'Findings',
    class_uid: 2004,
    class_name: 'Detection Finding',
    activity_id: 1,
    activity_name: 'Create',
    type_uid: 200_401,
    type_name: 'Detection Finding: Create',
    time: Date.parse(asOf),
    severity_id: severity,
    severity: SEVERITY_NAMES[severity],
    status_id: isExempt ? 3 : 1,
    status: isExempt ? 'Suppressed' : 'New',
    message: inert(`${namesApart([key])[0]}: ${title}`),
    metadata: {
      version: OCSF_VERSION,
      product: { name: 'lastcall', vendor_name: 'lastcall', version: inert(tool.version) },
    },
    finding_info: {
      uid: `${inert(database.id)}:${inert(key.key)}:${name}`,
      title: `API key: ${title}`,
      desc: inert(key.sentence),
      types: [name],
      ...instant('first_seen_time', key.firstSeenAt),
      ...instant('last_seen_time', key.lastUsedAt),
    },
    resources: [
      {
        uid: inert(key.key),
        name: inert(key.label ?? key.display),
        type: 'API key',
        ...(key.owner === null ? {} : { owner: { name: inert(key.owner) } }),
      },
    ],
    unmapped: unmapped(key),
  };
}

function instant(name: string, at: string | null): object {
  return at === null ? {} : { [name]: Date.parse(at) };
}

/** What OCSF has no place for, in the words of our own report. */
function unmapped({ verdict, reason, status, safeOn, systems, exemption }: KeyReport): object {
  return {
    verdict,
    reason,
    key_status: status,
    safe_on: safeOn,
    systems: systems.map(({ system, state, movedTo }) => ({
      system: inert(system),
      state,
      moved_to: movedTo === null ? null : inert(movedTo),
    })),
    exemption: exemption === null ? null : { reason: inert(exemption.reason), until: exemption.until },
  };
}
