import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Report } from '../../src/model.ts';
import { csv } from '../../src/reporters/csv.ts';
import { ciCommands, firstHazard } from './hazards.ts';
import { HOSTILE_STRINGS, hostileReport } from './hostile.ts';
import { sampleKey, sampleReport } from './sample-report.ts';

const COLUMNS =
  'key,label,display,owner,status,verdict,reason,safeOn,blockers,findings,firstSeenAt,lastUsedAt,lastRefusedAt,requests,refused,systems,sentence,exemption,exemptUntil'.split(
    ',',
  );
const FORMULA_START = /^[\s]*[=+\-@＝＋－＠]/;

describe('the CSV report', () => {
  it('has one header and one row per key, in lines that end in CR LF', () => {
    const rows = read(render(sampleReport()));
    expect(rows[0]).toEqual(COLUMNS);
    expect(rows.slice(1).map((row) => row[0])).toEqual([...sampleReport().keys].map(({ key }) => key));
  });

  it('says verdict, reason, blockers and sentence of a key', () => {
    const [, ...rows] = read(render(sampleReport()));
    const waiting = Object.fromEntries(
      COLUMNS.map((name, index) => [name, rows.find((row) => row[5] === 'waiting')?.[index]]),
    );
    expect(waiting).toMatchObject({
      key: 'k_06ec5b1f20d94a7788ce',
      label: 'billing live',
      verdict: 'waiting',
      reason: 'rhythm',
      safeOn: '2027-02-03',
      blockers: 'rhythm;late-window',
      systems: 'billing; export',
      requests: '496218',
    });
  });

  it.each(HOSTILE_STRINGS.map((text) => [text.slice(0, 40), text]))(
    'keeps its shape and starts no formula with %j',
    (_, text) => {
      const output = render(hostileReport(text));
      const rows = read(output);
      expect(rows).toHaveLength(5);
      expect(rows.slice(1).map((row) => row[5])).toEqual(['safe', 'in-use', 'waiting', 'unknown']);
      for (const row of rows.slice(1)) {
        expect(row).toHaveLength(COLUMNS.length);
        for (const cell of row) expect(cell).not.toMatch(FORMULA_START);
      }
      expect(firstHazard(output.replaceAll('\r\n', '\n'))).toBeUndefined();
      expect(ciCommands(output)).toEqual([]);
    },
  );

  it.each(HOSTILE_STRINGS.map((text) => [text.slice(0, 40), text]))(
    'starts none for a spreadsheet that splits at semicolons either: %j',
    (_, text) => {
      for (const line of render(hostileReport(text)).split('\r\n')) {
        for (const cell of line.split(/[;\t]/)) expect(cell.replaceAll('"', '')).not.toMatch(FORMULA_START);
      }
    },
  );

  it('marks text that only looks like a formula, and leaves dashes within text alone', () => {
    expect(labelCell('=1+1')).toBe("'=1+1");
    expect(labelCell('\t=1')).toBe("'\\x09=1");
    expect(labelCell('a;=1')).toBe("a;'=1");
    expect(labelCell('eu-west 1+1')).toBe('eu-west 1+1');
  });

  it('starts no formula with any text of separators, signs and letters, and leaves the rest as it is', () => {
    const texts = fc.string({ unit: fc.constantFrom(...',;|" =+-@:#[a1.('), maxLength: 8 });
    fc.assert(
      fc.property(texts, (text) => {
        const cell = labelCell(text) ?? '';
        for (const part of cell.split(/[;,"|]/)) expect(part).not.toMatch(FORMULA_START);
        expect(unmarked(cell)).toBe(unmarked(text));
      }),
    );
  });
});

/** Without what marks a formula or disarms a command. */
function unmarked(text: string): string {
  return text
    .replaceAll("'", '')
    .replaceAll(String.raw`\x23`, '#')
    .replaceAll(String.raw`\x3a`, ':');
}

function labelCell(label: string): string | undefined {
  return read(render(sampleReport({ keys: [sampleKey({ label })] })))[1]?.[1];
}

function render(report: Report): string {
  return [...csv.render(report, { columns: 120, color: false })].join('');
}

/** RFC 4180 to the letter: throws at whatever the grammar does not allow. */
function read(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  while (field.lastIndex < text.length) {
    const at = field.lastIndex;
    const match = field.exec(text);
    if (match === null) throw new Error(`no CSV at ${at}: ${text.slice(at, at + 60)}`);
    row.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}
