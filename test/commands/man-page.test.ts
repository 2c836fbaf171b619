import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { COMMANDS, EXIT_CODES } from '../../src/commands/command-list.ts';
import { FLAGS } from '../../src/commands/flags.ts';
import { manPage } from '../../src/commands/man-page.ts';
import { FORMATS } from '../../src/formats/index.ts';
import { reporters } from '../../src/reporters/index.ts';

const PAGE = manPage({ version: '1.2.3', formats: FORMATS, reporters });
const hasGroff = spawnSync('groff', ['--version']).status === 0;

describe('the manual page', () => {
  it('names every command, flag, exit code, format and reporter', () => {
    const text = PAGE.replaceAll(String.raw`\-`, '-');
    for (const { name, title } of [...COMMANDS, ...FORMATS, ...reporters]) {
      expect(text).toContain(name);
      expect(text).toContain(title);
    }
    for (const { long, title } of FLAGS) expect([text.includes(long), text.includes(title)]).toEqual([true, true]);
    for (const { title } of EXIT_CODES) expect(text).toContain(title);
  });

  it('begins no line of text with a dot or a quote, which roff would take for a macro', () => {
    const macros = /^\.(?:TH|SH|TP|B|BR|I|br|nf|fi|RS|RE|sp)(?: |$)/;
    const strange = PAGE.split('\n').filter((line) => /^[.']/.test(line) && !macros.test(line));
    expect(strange).toEqual([]);
  });

  it.skipIf(!hasGroff)('is set by groff without a warning', () => {
    const { stdout, stderr } = spawnSync('groff', ['-man', '-Tutf8', '-ww', '-z'], { input: PAGE, encoding: 'utf8' });
    expect({ stdout, stderr }).toEqual({ stdout: '', stderr: '' });
  });
});
