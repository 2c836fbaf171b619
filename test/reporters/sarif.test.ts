import fs from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import type { Report } from '../../src/model.ts';
import { fileUri } from '../../src/reporters/file-uri.ts';
import { inert } from '../../src/reporters/inert.ts';
import { sarif } from '../../src/reporters/sarif.ts';
import { ciCommands, firstHazard } from './hazards.ts';
import { HOSTILE_STRINGS, hostileReport } from './hostile.ts';
import { tracedReport } from './page/traced-report.ts';
import { sampleKey, sampleReport } from './sample-report.ts';

interface Log {
  readonly runs: readonly [{ readonly results: readonly Result[] }];
}

interface Result {
  readonly ruleId: string;
  readonly level: string;
  readonly message: { readonly text: string };
  readonly locations: readonly [
    {
      readonly physicalLocation?: { artifactLocation: { uri: string }; region?: { startLine: number } };
      readonly logicalLocations: readonly [{ readonly fullyQualifiedName: string }];
    },
  ];
  readonly suppressions?: readonly { readonly justification: string }[];
}

// Draft 4 calls its own id by another name; nothing else in this schema differs.
const {
  $schema: _,
  id: __,
  ...published
} = JSON.parse(fs.readFileSync(new URL('schemas/sarif-2.1.0.json', import.meta.url), 'utf8')) as Record<
  string,
  unknown
>;
const ajv = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false });
const isSarif = ajv.compile(published);

describe('the SARIF report', () => {
  it('is valid and has a result for each safe key and each finding, at the row that lists the key', () => {
    const { runs } = read(render(tracedReport()));
    const rules = runs[0].results.map(({ ruleId }) => ruleId);
    expect(rules.toSorted()).toEqual(['provider-disagrees', 'safe', 'safe', 'shadow', 'straddling', 'zombie']);
    const safe = runs[0].results.find(({ ruleId }) => ruleId === 'safe');
    expect(safe?.locations[0].physicalLocation).toEqual({
      artifactLocation: { uri: 'inventories/keys.csv' },
      region: { startLine: 12 },
    });
    const shadow = runs[0].results.find(({ ruleId }) => ruleId === 'shadow');
    expect(shadow).toMatchObject({ level: 'error' });
    expect(shadow?.locations[0]).not.toHaveProperty('physicalLocation');
  });

  it('names no line of a JSON list', () => {
    const trace = { listed: { file: 'keys.json', row: 3 }, sources: [], callers: [] };
    const [result] = read(render(sampleReport({ keys: [sampleKey({ trace })] }))).runs[0].results;
    expect(result?.locations[0].physicalLocation).toEqual({ artifactLocation: { uri: 'keys.json' } });
  });

  it('shows an exemption as a suppression with its reason', () => {
    const keys = [
      sampleKey({ findings: ['zombie'], verdict: 'waiting', exemption: { reason: 'drill', until: '2027-01-31' } }),
    ];
    const [result] = read(render(sampleReport({ keys }))).runs[0].results;
    expect(result?.suppressions).toEqual([{ kind: 'external', justification: 'exempt until 2027-01-31: drill' }]);
  });

  it('is valid with every hostile text, which shows as it is, links nowhere and leads out of no folder', () => {
    for (const hostile of HOSTILE_STRINGS) {
      const output = render(hostileReport(hostile));
      const { results } = read(output).runs[0];
      expect(results.map(({ ruleId }) => ruleId)).toHaveLength(29);
      expect(firstHazard(output), hostile).toBeUndefined();
      expect(ciCommands(output), hostile).toEqual([]);
      for (const { message, locations } of results) {
        expect(shownText(message.text), hostile).toContain(inert(hostile));
        expect(locations[0].logicalLocations[0].fullyQualifiedName).toBe(inert(hostile));
        expect(locations[0].physicalLocation?.artifactLocation.uri ?? '.', hostile).toMatch(
          /^(?:file:\/\/\/(?:[A-Za-z]:\/)?)?(?:\.\.\/)*(?:[\w.~%-]+\/)*[\w.~%-]*$/,
        );
      }
    }
  });
});

describe('a file as a URI', () => {
  it.each([
    ['keys.csv', 'keys.csv'],
    ['./a/../keys list.csv', 'keys%20list.csv'],
    ['../../keys.csv', '../../keys.csv'],
    ['/etc/../keys.csv', 'file:///keys.csv'],
    ['/../../x', 'file:///x'],
    [String.raw`C:\keys\list.csv`, 'file:///C:/keys/list.csv'],
    ['javascript:alert(1)', 'javascript%3Aalert%281%29'],
    ['//host/share', 'file:///host/share'],
    ['a?b#c%2f', 'a%3Fb%23c%252f'],
    ['\ud800', '%EF%BF%BD'],
    ['', '.'],
  ])('%j is %j', (file, uri) => {
    expect(fileUri(file)).toBe(uri);
  });
});

/** As a viewer shows plain text: throws at what would be an argument or a link (3.11.5, 3.11.6). */
function shownText(text: string): string {
  return text.replaceAll(/\\([[\]\\])|\{\{|\}\}|[[\]{}\\]/g, (sign, escaped: string | undefined) => {
    if (escaped !== undefined) return escaped;
    if (sign.length === 1) throw new Error(`"${sign}" acts in ${text}`);
    return sign[0] ?? '';
  });
}

function read(text: string): Log {
  const log: unknown = JSON.parse(text);
  expect(isSarif(log), ajv.errorsText(isSarif.errors)).toBe(true);
  return log as Log;
}

function render(report: Report): string {
  return [...sarif.render(report, { columns: 120, color: false })].join('');
}
