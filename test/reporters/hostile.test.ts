import { parse as parseCsv } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { configText } from '../../src/init/config-text.ts';
import { csv } from '../../src/reporters/csv.ts';
import { inert } from '../../src/reporters/inert.ts';
import { renderExplanation } from '../../src/reporters/explanation.ts';
import { table } from '../../src/reporters/table.ts';
import { HOSTILE_STRINGS, hostileExplanation, hostileReport } from './hostile.ts';
import { hostileJson, hostileScreens, surveyOf } from './hostile-commands.ts';
import { ciCommands, firstHazard } from './hazards.ts';
import { showOnTerminal } from './terminal.ts';

// What the outputs do to the programs that read them. DOM: html.test.ts and page/; JSON, SARIF, OCSF, Prometheus and
// Markdown: beside their reporters.

it('has more than 300 hostile texts, each once', () => {
  expect(HOSTILE_STRINGS.length).toBeGreaterThan(300);
  expect(new Set(HOSTILE_STRINGS).size).toBe(HOSTILE_STRINGS.length);
});

/** A text of great length shows nothing that its start does not, and makes a terminal slow. */
const SHORT_ENOUGH = HOSTILE_STRINGS.map((text) => text.slice(0, 300));

describe('a terminal', { timeout: 300_000 }, () => {
  it('shows what was written, line by line, and does nothing else', async () => {
    for (const text of HOSTILE_STRINGS) {
      const view = { columns: 100, color: false };
      const pieces = [...table.render(hostileReport(text), view), ...renderExplanation(hostileExplanation(text), view)];
      const lines = pieces.join('').split('\n');
      const { rows, acted } = await showOnTerminal(lines);
      expect(acted, text).toEqual([]);
      expect(rows, text).toEqual(lines.map((line) => line.trimEnd()));
    }
  });

  it('does nothing but show what the other commands write, nor does a CI service', async () => {
    for (const text of SHORT_ENOUGH) {
      const screens = hostileScreens(text);
      expect(firstHazard(screens), text).toBeUndefined();
      expect(ciCommands(screens), text).toEqual([]);
      const lines = screens.split('\n');
      const { rows, acted } = await showOnTerminal(lines, Math.max(...lines.map((line) => line.length)) * 2);
      expect(acted, text).toEqual([]);
      expect(rows.map((row) => row.trimEnd()), text).toEqual(lines.map((line) => line.trimEnd())); // prettier-ignore
      // What stands behind a line break in the text begins no line of ours.
      const broken = text.split(/[\n\r\u0085\u2028\u2029]/).slice(1).filter((part) => part.trim() !== ''); // prettier-ignore
      expect(lines.filter((line) => broken.includes(line)), text).toEqual([]); // prettier-ignore
    }
  });
});

describe('a program', () => {
  it('reads what the commands write as JSON, which shows as it is on a terminal', () => {
    for (const text of HOSTILE_STRINGS) {
      for (const output of hostileJson(text)) {
        expect(firstHazard(output), text).toBeUndefined();
        expect(ciCommands(output), text).toEqual([]);
        expect(textsIn(JSON.parse(output)), text).toContain(text);
      }
    }
  });

  it('reads the configuration that init proposes as it was meant', () => {
    for (const text of HOSTILE_STRINGS) {
      const proposal = configText(surveyOf(text), '/srv', 0);
      const read: unknown = parse(proposal);
      expect(read, text).toMatchObject({ sources: [{ name: text, fields: { time: text } }] });
      expect(Object.keys(read as object), text).toEqual(['sources', 'inventories']);
    }
  });
});

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

describe('a spreadsheet', () => {
  it('reads one row a key, whose cells are the texts and no formulas', () => {
    for (const text of HOSTILE_STRINGS) {
      const output = [...csv.render(hostileReport(text), { columns: 120, color: false })].join('');
      const rows = parseCsv(output, { columns: true, record_delimiter: '\r\n' }) as Record<string, string>[];
      expect(
        rows.map(({ verdict }) => verdict),
        text,
      ).toEqual(['safe', 'in-use', 'waiting', 'unknown']);
      for (const row of rows) {
        expect(row['key']?.replaceAll("'", ''), text).toBe(inert(text).replaceAll("'", ''));
        for (const cell of Object.values(row)) expect(cell, text).not.toMatch(/^\s*[=+\-@＝＋－＠]/);
      }
    }
  });
});
