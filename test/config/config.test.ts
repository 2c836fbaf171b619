import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { configSchema, parseConfig } from '../../src/config/config.ts';
import { LastcallError } from '../../src/errors.ts';
import { UNCONFIGURED_HANDOFF } from '../../src/options.ts';

const WHOLE = `
db: data/lastcall.db
secretFile: /etc/lastcall/secret
timezone: Europe/Berlin
sources:
  - name: gateway
    paths: [logs/*.gz, s3://bucket/logs, '-', /var/log/gateway.log]
    format: json
    fields: { time: ts, key: 'headers["x-api-key"] || query.key', identity.tenant: tenant }
    records: Records[*]
    logFormatString: $remote_addr $http_x_api_key
    columns: [time, key]
    delimiter: "\\t"
    timezone: UTC
    deliveryLag: 14 days
    sampling: 0.5
    retired: 2026-11-30
    outages:
      - { from: 2026-01-31, to: 2026-02-02, reason: disk full }
      - { from: 2026-03-01T10:00Z, to: 2026-03-01T12:00Z }
    keyParameters: [api_key]
    keyHeaders: [X-Api-Key]
    sessionHeaders: [Authorization]
inventories:
  - { path: keys.csv, columns: { id: key_id, created: made_on }, source: gateway }
systems:
  - { name: billing, userAgent: billing/*, ip: 10.1.0.0/16 }
  - { name: export, ip: [10.2.0.1, '2001:db8::/32'], fields: { identity.tenant: acme-* }, source: gateway }
  - { name: mobile, key: app-* }
policy:
  floorDays: 45
  stricter: [{ match: { label: prod-*, tier: '1' }, floorDays: 90 }]
exemptions:
  - { key: billing-2024, reason: contract, until: 2026-12-31 }
outputs:
  - { reporter: json, file: report.json }
  - { reporter: table }
failOn: [shadow, zombie]
`;

describe('parseConfig', () => {
  test('reads every part, with paths counted from the folder of the file', () => {
    const config = parseConfig(WHOLE, 'conf/lastcall.yaml');
    expect(config.db).toBe('conf/data/lastcall.db');
    expect(config.secretFile).toBe('/etc/lastcall/secret');
    expect(config.sources[0]).toEqual({
      name: 'gateway',
      paths: ['conf/logs/*.gz', 's3://bucket/logs', '-', '/var/log/gateway.log'],
      format: 'json',
      fields: { time: 'ts', key: 'headers["x-api-key"] || query.key', 'identity.tenant': 'tenant' },
      records: 'Records[*]',
      logFormatString: '$remote_addr $http_x_api_key',
      columns: ['time', 'key'],
      delimiter: '\t',
      timezone: 'UTC',
      deliveryLagDays: 14,
      retiredOn: 20787,
      sampling: 0.5,
      outages: [
        { from: 20484, to: 20486, reason: 'disk full' },
        { from: 20513, to: 20513, reason: undefined },
      ],
      keyParameters: ['api_key'],
      keyHeaders: ['X-Api-Key'],
      sessionHeaders: ['Authorization'],
    });
    expect(config.inventories).toEqual([
      { path: 'conf/keys.csv', format: 'auto', columns: { id: 'key_id', created: 'made_on' }, source: 'gateway' },
    ]);
    expect(config.systems).toEqual([
      { name: 'billing', userAgent: 'billing/*', ip: ['10.1.0.0/16'] },
      { name: 'export', ip: ['10.2.0.1', '2001:db8::/32'], fields: { 'identity.tenant': 'acme-*' }, source: 'gateway' },
      { name: 'mobile', key: 'app-*' },
    ]);
    expect(config.policy).toEqual({
      constants: { floorDays: 45 },
      stricter: [{ match: { label: 'prod-*', tier: '1' }, constants: { floorDays: 90 } }],
    });
    expect(config.exemptions).toEqual([{ key: 'billing-2024', reason: 'contract', untilAt: Date.UTC(2027, 0, 1) - 1 }]);
    expect(config.outputs).toEqual([
      { reporter: 'json', file: 'conf/report.json' },
      { reporter: 'table', file: undefined },
    ]);
    expect(config.failOn).toEqual(['shadow', 'zombie']);
  });

  test.each(['', '# nothing yet\n', '{}'])('an empty file %j configures nothing', (text) => {
    const config = parseConfig(text, 'lastcall.yaml');
    expect(config).toEqual({
      exclude: [],
      formats: [],
      sources: [],
      inventories: [],
      systems: [],
      policy: { constants: {}, stricter: [] },
      exemptions: [],
      handoff: UNCONFIGURED_HANDOFF,
      successors: {},
    });
  });

  test('paths stay as they are when the file is in the working folder', () => {
    expect(parseConfig('db: a/b.db', 'lastcall.yaml').db).toBe('a/b.db');
  });

  test.each([
    ['3 hours', 1 / 8],
    ['36 hours', 1.5],
    ['1 day', 1],
    ['2 weeks', 14],
    ['15 minutes', 1 / 96],
  ])('a delivery lag of %s is %d days', (lag, days) => {
    const [source] = parseConfig(`sources: [{ name: a, paths: [x], deliveryLag: ${lag} }]`, 'lastcall.yaml').sources;
    expect(source?.deliveryLagDays).toBe(days);
  });

  test.each<[title: string, text: string, message: string, hint?: string]>([
    ['an unknown key', 'db: x\nsorces: []', 'c.yaml:2: sorces is not known', 'Did you mean "sources"?'],
    [
      'an unknown key far down',
      'sources:\n  - name: a\n    paths: [x]\n    outages:\n      - from: 2026-01-01\n        till: 2026-01-02\n        too: 2026-01-03',
      'c.yaml:6: sources[0].outages[0].till is not known',
      'Known here: from, to, reason.',
    ],
    [
      'a mistyped key that also makes the right one missing',
      'sources:\n  - nmae: a\n    paths: [x]',
      'c.yaml:2: sources[0].nmae is not known',
      'Did you mean "name"?',
    ],
    ['a missing key', 'sources:\n  - name: a', 'c.yaml:2: sources[0].paths is missing'],
    [
      'a number for a list',
      'sources:\n  - name: a\n    paths: 7',
      'c.yaml:3: sources[0].paths: expected a list, got a number',
    ],
    ['an empty section', 'db: x\nsystems:', 'c.yaml:2: systems: expected a list, got nothing'],
    ['a list as the whole', '- db: x', 'c.yaml:1: the configuration: expected a mapping, got a list'],
    [
      'a key id that YAML reads as a number',
      'exemptions:\n  - reason: r\n    until: 2026-01-01\n    key: 12345678901234567890',
      'c.yaml:4: exemptions[0].key: expected a text, got a number',
      'Put it in quotes.',
    ],
    [
      'a text for a number',
      'policy:\n  floorDays: thirty',
      'c.yaml:2: policy.floorDays: expected a number, got a text',
    ],
    [
      'a mistyped choice',
      'inventories:\n  - path: a\n    format: cvs',
      'c.yaml:3: inventories[0].format: expected one of auto, csv, json',
      'Did you mean "csv"?',
    ],
    [
      'a mistyped usage field',
      'sources:\n  - name: a\n    paths: [x]\n    fields:\n      time: t\n      useragent: ua',
      'c.yaml:6: sources[0].fields.useragent: "useragent" is no usage field',
      'Did you mean "userAgent"?',
    ],
    ['a singular', 'inventory: []', 'c.yaml:1: inventory is not known', 'Did you mean "inventories"?'],
    [
      'a mistyped inventory column',
      'inventories:\n  - path: a\n    columns: { lastused: l }',
      'c.yaml:3: inventories[0].columns.lastused: "lastused" is no inventory column',
      'Did you mean "lastUsed"?',
    ],
    [
      'a system rule that would match everything',
      'systems:\n  - name: a',
      'c.yaml:2: systems[0]: needs a criterion: userAgent, ip, fields, source or key',
    ],
    [
      'an address range that is none',
      'systems:\n  - name: a\n    ip: 10.0.0.0/99',
      'c.yaml:3: systems[0].ip: is no IP address or range; an example is "10.0.0.0/8"',
    ],
    [
      'a field of a call that no rule can match',
      'systems:\n  - { name: a, fields: { tenant: x } }',
      'c.yaml:2: systems[0].fields.tenant: "tenant" is no field that a rule can match',
      'Write "identity.tenant".',
    ],
    [
      'a mistyped field of a rule',
      'systems:\n  - { name: a, fields: { useragent: x } }',
      'c.yaml:2: systems[0].fields.useragent: "useragent" is no field that a rule can match',
      'Did you mean "userAgent"?',
    ],
    [
      'a usage field of a rule that is not part of a call',
      'systems:\n  - { name: a, fields: { action: x } }',
      'c.yaml:2: systems[0].fields.action: "action" is no field that a rule can match',
      'Rules match system, source, ip, userAgent, key and identity.<name>.',
    ],
    [
      'a number for an address range',
      'systems:\n  - name: a\n    ip: 10',
      'c.yaml:3: systems[0].ip: must be an IP address or range such as "10.0.0.0/8", or a list of them',
    ],
    [
      'an exemption without an end',
      'exemptions:\n  - { key: a, reason: r }',
      'c.yaml:2: exemptions[0].until is missing',
    ],
    [
      'a day that does not exist',
      'exemptions:\n  - { key: a, reason: r, until: 2026-02-30 }',
      'c.yaml:2: exemptions[0].until: is no date or instant; examples are "2026-01-31" and "2026-01-31T12:00Z"',
    ],
    [
      'an outage that ends before it begins',
      'sources:\n  - name: a\n    paths: [x]\n    outages:\n      - from: 2026-01-02\n        to: 2026-01-01',
      'c.yaml:6: sources[0].outages[0].to: ends before it begins',
    ],
    [
      'no sampling at all',
      'sources: [{ name: a, paths: [x], sampling: 0 }]',
      'c.yaml:1: sources[0].sampling: must be over 0',
    ],
    [
      'sampling as a percentage',
      'sources: [{ name: a, paths: [x], sampling: 50 }]',
      'c.yaml:1: sources[0].sampling: must be 1 at most',
    ],
    [
      'a duration that is none',
      'sources: [{ name: a, paths: [x], deliveryLag: 14d }]',
      'c.yaml:1: sources[0].deliveryLag: is no duration; examples are "14 days" and "3 hours"',
    ],
    [
      'a time zone that is none',
      'timezone: Mars/Olympus',
      'c.yaml:1: timezone: is no time zone; an example is "Europe/Berlin"',
    ],
    [
      'two sources of one name',
      'sources:\n  - { name: a, paths: [x] }\n  - { name: a, paths: [y] }',
      'c.yaml:3: sources[1].name: stands there twice',
    ],
    [
      'a home folder that nobody expands',
      'db: ~/lastcall.db',
      'c.yaml:1: db: "~" is not expanded in the configuration: write the whole path',
    ],
    ['an empty value', 'db: ""', 'c.yaml:1: db: must not be empty'],
  ])('%s is an error that names the place', (_, text, message, hint) => {
    const error = refusal(() => parseConfig(text, 'c.yaml'));
    expect(error.code).toBe('config');
    expect(error.message).toBe(message);
    expect(error.hint).toBe(hint);
  });

  test.each([
    ['db: x\ndb: y', 2],
    ['db: x\nsources: [', 2],
    ['a: b: c', 1],
    ['db: !secret x', 1],
  ])('%j is no YAML that we take', (text, line) => {
    const error = refusal(() => parseConfig(text, 'c.yaml'));
    expect(error.code).toBe('config');
    expect(error.message).toMatch(new RegExp(`^c\\.yaml:${line}: `));
  });

  test('aliases that grow without bound are refused', () => {
    const levels = Array.from({ length: 9 }, (_, n) => `  - &l${n + 1} [${Array(9).fill(`*l${n}`).join(', ')}]`);
    const text = `failOn:\n  - &l0 [a, a]\n${levels.join('\n')}`;
    expect(refusal(() => parseConfig(text, 'c.yaml')).code).toBe('config');
  });

  test('no message quotes a value that could be a secret', () => {
    const error = refusal(() => parseConfig('secret: not-a-real-secret', 'c.yaml'));
    expect(error.message + error.hint).not.toContain('not-a-real-secret');
    expect(error.hint).toBe('Did you mean "secretFile"?');
  });
});

describe('configSchema', () => {
  const validate = new Ajv2020({ strict: false }).compile(configSchema());

  test('accepts what the reader accepts', () => {
    expect(validate(parse(WHOLE))).toBe(true);
    expect(validate({})).toBe(true);
  });

  test('refuses unknown keys and wrong types', () => {
    expect(validate({ sorces: [] })).toBe(false);
    expect(validate({ sources: [{ name: 'a', paths: 7 }] })).toBe(false);
  });
});

function refusal(run: () => unknown): LastcallError {
  try {
    run();
  } catch (error) {
    if (error instanceof LastcallError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('handoff', () => {
  const handoffOf = (yaml: string) => parseConfig(`handoff: ${yaml}`, 'lastcall.yaml').handoff;

  test('has commands for keys of several places, the general one last, and programs beside the configuration', () => {
    const text = `handoff:
  expiry: 2 hours
  quietPeriod: 2 weeks
  disable: [./bin/keys, '{keyId}', '{column.user}']
  providers:
    - match: { source: edge }
      disable: { steps: ['Switch {keyId} off'] }`;
    const { providers, expiryMs, quietDays } = parseConfig(text, '/etc/lastcall/lastcall.yaml').handoff;
    expect({ expiryMs, quietDays }).toEqual({ expiryMs: 7_200_000, quietDays: 14 });
    expect(providers).toMatchObject([
      { match: { source: 'edge' }, disable: { by: 'hand', steps: ['Switch {keyId} off'] } },
      { match: {}, disable: { by: 'command', command: ['/etc/lastcall/bin/keys', '{keyId}', '{column.user}'] } },
    ]);
  });

  test.each([
    ["{ delete: [rm, '{keyId}'] }", 'handoff.delete: needs a way to disable the key first'],
    ["{ disable: ['{keyId}'] }", 'handoff.disable: '],
    ['{ disable: [x] }', 'handoff.disable: '],
    ["{ disable: [x, '{keyid}'] }", 'handoff.disable: '],
    ['{ disable: rm -rf }', 'handoff.disable: must be a program with its arguments'],
    ['{ environment: [LASTCALL_SECRET] }', 'handoff.environment[0]: is no variable that a command may have'],
    ['{ expiry: 8 days }', 'handoff.expiry: must be 7 days at most'],
    ['{ quietPeriod: 3 hours }', 'handoff.quietPeriod: must be a number of days'],
    ['{ maxNewlySafeShare: 2 }', 'handoff.maxNewlySafeShare: '],
    ['{ disabel: [x] }', 'handoff.disabel is not known'],
  ])('refuses %s', (yaml, message) => {
    expect(() => handoffOf(yaml)).toThrow(message);
  });
});
