import { describe, expect, it } from 'vitest';
import type { Report } from '../../src/model.ts';
import { markdown } from '../../src/reporters/markdown.ts';
import { ciCommands, firstHazard } from './hazards.ts';
import { HOSTILE_STRINGS, hostileReport } from './hostile.ts';
import { sampleKey, sampleReport, sampleSource } from './sample-report.ts';

describe('the Markdown report', () => {
  it('is a summary, one table of keys, findings and sources', async () => {
    await expect(render(sampleReport())).toMatchFileSnapshot('goldens/report.md');
  });

  it.each(HOSTILE_STRINGS.map((text) => [text.slice(0, 40), text]))('keeps its shape with %j', (_, text) => {
    const output = render(hostileReport(text));
    expect(shapeOf(output)).toEqual(shapeOf(render(hostileReport('benign'))));
    expect(firstHazard(output)).toBeUndefined();
    expect(ciCommands(output)).toEqual([]);
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

/** For each line: what it starts with and how many cells it has, as GFM counts them. */
function shapeOf(output: string): string[] {
  return output
    .split('\n')
    .map((line) => `${/^(\||- |#+ |\*\*|$)/.exec(line)?.[0]} ${line.replaceAll(/\\./g, '').split('|').length}`);
}

function render(report: Report): string {
  return [...markdown.render(report, { columns: 120, color: false })].join('');
}
