import { lexer, type Tokens, walkTokens } from 'marked';
import { describe, expect, it } from 'vitest';
import type { Report } from '../../src/model.ts';
import { markdown } from '../../src/reporters/markdown.ts';
import { CHANGES, changedReport } from './changed-report.ts';
import { ciCommands, firstHazard } from './hazards.ts';
import { HOSTILE_STRINGS, hostileReport } from './hostile.ts';
import { sampleKey, sampleReport, sampleSource } from './sample-report.ts';

describe('the Markdown report', () => {
  it('is a summary, one table of keys, findings and sources', async () => {
    await expect(render(sampleReport())).toMatchFileSnapshot('goldens/report.md');
  });

  it('is read by a GFM parser as headings, lists and tables of words and code, whatever the texts in it', () => {
    const benign = shapeOf(render(hostileReport('benign')));
    expect(benign.filter((part) => part.startsWith('table'))).toEqual(['table of 7 x 4', 'table of 8 x 2']);
    for (const text of HOSTILE_STRINGS) {
      const output = render(hostileReport(text));
      expect(shapeOf(output), text).toEqual(benign);
      expect(firstHazard(output), text).toBeUndefined();
      expect(ciCommands(output), text).toEqual([]);
    }
  });

  it('of what has changed is read so, too', () => {
    const benign = shapeOf(renderChanges('benign'));
    expect(benign.filter((part) => part === 'list of 1')).toHaveLength(4);
    for (const text of HOSTILE_STRINGS) expect(shapeOf(renderChanges(text)), text).toEqual(benign);
  });

  it.each(HOSTILE_STRINGS.map((text) => [text.slice(0, 40), text]))(
    'lets %j be nothing but code or plain words',
    (_, text) => {
      for (const line of render(hostileReport(text))
        .split('\n')
        .filter((each) => !isFrame(each))) {
        expect(line.split('`').length % 2, line).toBe(1);
        const outsideCode = line
          .replaceAll(/`[^`]+`/g, 'CODE')
          .replace(/^\| \*\*safe\*\* /, '| safe ')
          .replace(/^- /, '');
        expect(outsideCode).toMatch(/^[\p{L}\p{M}\d ,;:.()|-]*$/u);
        // Links, commits, mentions and emoji need one of these outside of code.
        expect(outsideCode).not.toMatch(/\p{L}[.:/]\p{L}|:\w+:|\b[0-9a-f]{7,}\b|[A-Z]+-\d/u);
      }
    },
  );

  it('names a source that fell silent, also if no key depends on it', () => {
    const sources = [sampleSource({ source: 'gateway-us', state: 'silent' }), sampleSource()];
    expect(render(sampleReport({ keys: [], sources }))).toContain(
      '### Findings\n\n- silent-source, nothing arrives any more: `gateway-us`\n',
    );
  });

  it('sets names of a sentence in code and leaves its words alone', () => {
    const sentence = 'curl/8.5 (10.4.0.0/16): silent 34 days, moved to k_9c1e on 2026-09-03; @ops asks [why](x)';
    expect(render(sampleReport({ keys: [sampleKey({ sentence })] }))).toContain(
      '| `curl/8.5` (`10.4.0.0/16`): silent 34 days, moved to `k_9c1e` on 2026-09-03; `@ops` asks `[why](x`) |',
    );
  });

  it('writes out what would end code or cell', () => {
    expect(render(sampleReport({ keys: [sampleKey({ owner: 'a|b`c\\' })] }))).toContain('| `a\\x7cb\\x60c\\` |');
  });
});

function isFrame(line: string): boolean {
  return /^(## |### |\| ---|\*\*\d)/.test(line);
}

const PLAIN = new Set(['text', 'codespan', 'strong', 'paragraph', 'list_item', 'space', 'heading', 'table', 'list']);

/** The blocks of a document as a GFM parser reads it, with every kind of token that has no business there. */
function shapeOf(output: string): string[] {
  const tokens = lexer(output, { gfm: true });
  const odd: string[] = [];
  walkTokens(tokens, ({ type, raw }) => void (PLAIN.has(type) || odd.push(`${type} ${raw}`)));
  const blocks = tokens.filter(({ type }) => type !== 'space');
  return [...odd, ...blocks.map((token) => blockText(token as Tokens.Generic))];
}

function blockText({ type, depth, header, rows, items }: Tokens.Generic): string {
  if (type === 'heading') return `heading ${depth as number}`;
  if (type === 'list') return `list of ${(items as unknown[]).length}`;
  if (type !== 'table') return type;
  const widths = new Set([header, ...(rows as unknown[][])].map((row) => (row as unknown[]).length));
  return `table of ${[...widths].join(' or ')} x ${(rows as unknown[]).length}`;
}

function renderChanges(text: string): string {
  const report = changedReport(hostileReport(text), (index) => CHANGES[index]!);
  return [...(markdown.renderChanges?.(report, { columns: 120, color: false }) ?? [])].join('');
}

function render(report: Report): string {
  return [...markdown.render(report, { columns: 120, color: false })].join('');
}
