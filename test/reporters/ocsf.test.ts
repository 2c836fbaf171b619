import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import type { Report } from '../../src/model.ts';
import { inert } from '../../src/reporters/inert.ts';
import { ocsf } from '../../src/reporters/ocsf.ts';
import { ciCommands, firstHazard } from './hazards.ts';
import { HOSTILE_STRINGS, hostileReport } from './hostile.ts';
import { sampleKey, sampleReport } from './sample-report.ts';

const text = { type: 'string' };
const whole = { type: 'integer' };

function members(properties: object, required: readonly string[]): object {
  return { type: 'object', properties, required, additionalProperties: false };
}

/**
 * What OCSF 1.4.0 says of the class detection_finding (https://schema.ocsf.io/1.4.0/classes/detection_finding) as far as
 * it is used here: what it requires, the members that there are, and their values. Held against the definitions of
 * ocsf/ocsf-schema and their compiled form (see schemas/README.md).
 */
const detectionFinding = members(
  {
    category_uid: { const: 2 },
    category_name: { const: 'Findings' },
    class_uid: { const: 2004 },
    class_name: { const: 'Detection Finding' },
    activity_id: { enum: [0, 1, 2, 3, 99] },
    activity_name: text,
    type_uid: { enum: [200_400, 200_401, 200_402, 200_403, 200_499] },
    type_name: text,
    time: whole,
    severity_id: { enum: [0, 1, 2, 3, 4, 5, 6, 99] },
    severity: { enum: ['Unknown', 'Informational', 'Low', 'Medium', 'High', 'Critical', 'Fatal', 'Other'] },
    status_id: { enum: [0, 1, 2, 3, 4, 5, 6, 99] },
    status: { enum: ['Unknown', 'New', 'In Progress', 'Suppressed', 'Resolved', 'Archived', 'Deleted', 'Other'] },
    message: text,
    metadata: members(
      {
        version: { type: 'string', pattern: String.raw`^\d+\.\d+\.\d+$` },
        product: members({ name: text, vendor_name: text, version: text }, ['name', 'vendor_name']),
      },
      ['version', 'product'],
    ),
    finding_info: members(
      {
        uid: { type: 'string', minLength: 1 },
        title: text,
        desc: text,
        types: { type: 'array', items: text },
        first_seen_time: whole,
        last_seen_time: whole,
      },
      ['uid', 'title'],
    ),
    resources: {
      type: 'array',
      items: members({ uid: text, name: text, type: text, owner: members({ name: text }, ['name']) }, ['uid', 'name']),
    },
    unmapped: { type: 'object' },
  },
  ['activity_id', 'category_uid', 'class_uid', 'finding_info', 'metadata', 'severity_id', 'time', 'type_uid'],
);

/** The captions of the ids in those definitions: a name beside an id has to be its caption. */
const CAPTIONS = {
  category: { of: 'category_uid', name: 'category_name', captions: { 2: 'Findings' } },
  class: { of: 'class_uid', name: 'class_name', captions: { 2004: 'Detection Finding' } },
  activity: { of: 'activity_id', name: 'activity_name', captions: { 1: 'Create', 2: 'Update', 3: 'Close' } },
  type: { of: 'type_uid', name: 'type_name', captions: { 200401: 'Detection Finding: Create' } },
  severity: {
    of: 'severity_id',
    name: 'severity',
    captions: { 1: 'Informational', 2: 'Low', 3: 'Medium', 4: 'High', 5: 'Critical', 6: 'Fatal' },
  },
  status: {
    of: 'status_id',
    name: 'status',
    captions: { 1: 'New', 2: 'In Progress', 3: 'Suppressed', 4: 'Resolved', 5: 'Archived', 6: 'Deleted' },
  },
} as const;

const ajv = new Ajv2020({ strict: false });
const isFinding = ajv.compile<Finding>(detectionFinding);

type Ids = Readonly<Record<(typeof CAPTIONS)[keyof typeof CAPTIONS]['of'], number>>;
type Names = Readonly<Record<(typeof CAPTIONS)[keyof typeof CAPTIONS]['name'], string>>;

interface Finding extends Ids, Names {
  readonly finding_info: { readonly uid: string; readonly types: readonly string[]; readonly desc: string };
  readonly resources: readonly [{ readonly uid: string; readonly name: string }];
}

describe('the OCSF findings', () => {
  it('are valid lines, one for each safe key and each finding, known by an id that stays', () => {
    const findings = read(render(sampleReport()));
    expect(findings.flatMap(({ finding_info: { types } }) => types).toSorted()).toEqual([
      'provider-disagrees',
      'safe',
      'safe',
      'shadow',
      'straddling',
      'zombie',
    ]);
    const ids = findings.map(({ finding_info: { uid } }) => uid);
    expect(new Set(ids).size).toBe(ids.length);
    expect(
      read(render(sampleReport({ asOf: '2026-12-02T09:00:00.000Z' }))).map(({ finding_info }) => finding_info.uid),
    ).toEqual(ids);
  });

  it('name each id by its caption, and their type by class and activity', () => {
    const exempt = sampleKey({ verdict: 'safe', findings: ['zombie'], exemption: { reason: 'drill', until: null } });
    const findings = read(render(sampleReport({ keys: [...sampleReport().keys, exempt] })));
    expect(new Set(findings.map(({ severity_id: id }) => id))).toEqual(new Set([1, 2, 3, 4]));
    expect(new Set(findings.map(({ status_id: id }) => id))).toEqual(new Set([1, 3]));
    for (const finding of findings) {
      expect(finding.type_uid).toBe(finding.class_uid * 100 + finding.activity_id);
      for (const { of, name, captions } of Object.values(CAPTIONS)) {
        expect(finding[name]).toBe((captions as Readonly<Record<number, string>>)[finding[of]]);
      }
    }
  });

  it('of an exempt key are suppressed, and say why', () => {
    const keys = [sampleKey({ verdict: 'waiting', findings: ['zombie'], exemption: { reason: 'drill', until: null } })];
    const [finding] = read(render(sampleReport({ keys })));
    expect(finding).toMatchObject({ status: 'Suppressed', unmapped: { exemption: { reason: 'drill' } } });
  });

  it('are valid with every hostile text, which stays text in a field of its own', () => {
    for (const hostile of HOSTILE_STRINGS) {
      const output = render(hostileReport(hostile));
      const findings = read(output);
      expect(findings).toHaveLength(29);
      expect(
        findings.every(({ resources: [{ uid }] }) => uid === inert(hostile)),
        hostile,
      ).toBe(true);
      expect(firstHazard(output), hostile).toBeUndefined();
      expect(ciCommands(output), hostile).toEqual([]);
    }
  });
});

function read(output: string): Finding[] {
  const lines = output.split('\n');
  expect(lines.pop()).toBe('');
  return lines.map((line) => {
    const finding: unknown = JSON.parse(line);
    if (!isFinding(finding)) throw new Error(ajv.errorsText(isFinding.errors));
    return finding;
  });
}

function render(report: Report): string {
  return [...ocsf.render(report, { columns: 120, color: false })].join('');
}
