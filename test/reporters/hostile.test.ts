import { type ITerminalAddon, Terminal } from '@xterm/headless';
import { parse as parseCsv } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { csv } from '../../src/reporters/csv.ts';
import { inert } from '../../src/reporters/inert.ts';
import { renderExplanation } from '../../src/reporters/explanation.ts';
import { table } from '../../src/reporters/table.ts';
import { HOSTILE_STRINGS, hostileExplanation, hostileReport } from './hostile.ts';

// What the outputs do to the programs that read them. DOM: html.test.ts and page/; JSON, SARIF, OCSF, Prometheus and
// Markdown: beside their reporters.

it('has more than 300 hostile texts, each once', () => {
  expect(HOSTILE_STRINGS.length).toBeGreaterThan(300);
  expect(new Set(HOSTILE_STRINGS).size).toBe(HOSTILE_STRINGS.length);
});

describe('a terminal', () => {
  it('shows what was written, line by line, and does nothing else', async () => {
    for (const text of HOSTILE_STRINGS) {
      const view = { columns: 100, color: false };
      const pieces = [...table.render(hostileReport(text), view), ...renderExplanation(hostileExplanation(text), view)];
      const lines = pieces.join('').split('\n');
      const { shown, acted } = await show(lines);
      expect(acted, text).toEqual([]);
      expect(shown, text).toEqual(lines.map((line) => line.trimEnd()));
    }
  });
});

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

/** The lines as a terminal that is wide enough shows them, and whatever else it was made to do. */
async function show(lines: readonly string[]): Promise<{ shown: string[]; acted: string[] }> {
  const terminal = new Terminal({ cols: 250, rows: lines.length + 1, allowProposedApi: true, convertEol: true });
  const acted: string[] = [];
  const hear = (event: string) => () => void acted.push(event);
  terminal.loadAddon({
    activate: (one) => {
      one.onBell(hear('bell'));
      one.onData(hear('answer'));
      one.onTitleChange(hear('title'));
      for (const final of 'ABCDEFGHJKLMPSTXZabcdefghlmnpqrstu')
        one.parser.registerCsiHandler({ final }, seen(acted, `CSI ${final}`));
      for (const id of [0, 1, 2, 4, 8, 9, 10, 50, 52, 1337])
        one.parser.registerOscHandler(id, seen(acted, `OSC ${id}`));
    },
    dispose: () => {},
  } satisfies ITerminalAddon);
  await new Promise<void>((done) => terminal.write(lines.join('\n'), done));
  const { active } = terminal.buffer;
  const shown = lines.map((_, row) => active.getLine(row)?.translateToString(true) ?? '');
  if (active.type !== 'normal') acted.push('another screen');
  terminal.dispose();
  return { shown, acted };
}

function seen(acted: string[], event: string): () => boolean {
  return () => {
    acted.push(event);
    return false;
  };
}
