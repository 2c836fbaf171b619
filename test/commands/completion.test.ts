import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/commands/command-list.ts';
import { completionScript, SHELLS } from '../../src/commands/completion.ts';
import { FLAGS } from '../../src/commands/flags.ts';
import { FORMATS } from '../../src/formats/index.ts';
import { reporters } from '../../src/reporters/index.ts';

const CATALOG = { version: '1.2.3', formats: FORMATS, reporters };

/** Beside the repository's files, whose names would be proposed too. */
const EMPTY = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-completion-'));

describe.each(SHELLS)('the completion script of %s', (shell) => {
  const script = completionScript(shell, CATALOG);

  it('names every command and flag', () => {
    for (const { name } of COMMANDS) for (const word of name.split(' ')) expect(script).toContain(word);
    for (const { long } of FLAGS) expect(script).toContain(shell === 'fish' ? `-l ${long.slice(2)} ` : long);
  });

  it.skipIf(spawnSync(shell, ['-c', 'true']).status !== 0)('is valid', () => {
    const { status, stderr } = spawnSync(shell, ['-n', scriptFile(shell)], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

it('proposes what fits where the cursor stands, in bash', () => {
  expect(proposed('lastcall', 'che')).toEqual(['check']);
  expect(proposed('lastcall', 'formats', '')).toEqual(['detect']);
  expect(proposed('lastcall', '--db', 'x.db', 'keys', 'im')).toEqual(['import']);
  expect(proposed('lastcall', 'scan', '--log-format', 'aws-cloudtrail-d')).toEqual(['aws-cloudtrail-digest']);
  expect(proposed('lastcall', 'report', '-o', 'mark')).toEqual(['markdown']);
  expect(proposed('lastcall', 'scan', '--fail-on', 'zo')).toEqual(['zombie']);
  expect(proposed('lastcall', 'check', '--rec')).toEqual([]);
  expect(proposed('lastcall', 'parse', '--rec')).toEqual(['--records']);
  expect(proposed('lastcall', 'completion', 'z')).toEqual(['zsh']);
});

it.skipIf(spawnSync('fish', ['-c', 'true']).status !== 0)('proposes what fits where the cursor stands, in fish', () => {
  const inFish = (line: string): string => {
    const ask = `source ${scriptFile('fish')}; complete -C ${JSON.stringify(line)}`;
    return spawnSync('fish', ['-c', ask], { encoding: 'utf8', cwd: EMPTY }).stdout;
  };
  expect(inFish('lastcall che')).toMatch(/^check\t.+\n$/);
  fs.writeFileSync(path.join(EMPTY, 'plan.json'), '');
  expect(inFish('lastcall handoff p')).toMatch(/^plan\.json/);
  fs.rmSync(path.join(EMPTY, 'plan.json'));
  expect(inFish('lastcall keys ')).toMatch(/^import\t.+\nlist\t.+\n$/);
});

it('keeps the name of a file together, in bash', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-completion-'));
  fs.writeFileSync(path.join(folder, 'my keys.csv'), '');
  expect(proposedIn(folder, 'lastcall', 'scan', '--keys', 'm')).toEqual(['my keys.csv']);
  expect(proposedIn(folder, 'lastcall', 'scan', 'm')).toEqual(['my keys.csv']);
});

it.skipIf(spawnSync('zsh', ['-c', 'true']).status !== 0)('completes with the first key press, in zsh', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-completion-'));
  fs.writeFileSync(path.join(folder, '_lastcall'), completionScript('zsh', CATALOG));
  const ask = `fpath=(${folder}); autoload -Uz _lastcall; compdef() {}; _describe() { print completes }; words=(lastcall sc); CURRENT=2; _lastcall`;
  expect(spawnSync('zsh', ['-f', '-c', ask], { encoding: 'utf8' }).stdout).toBe('completes\n');
});

it('is refused for a shell that it does not know', () => {
  expect(() => completionScript('tcsh', CATALOG)).toThrow('there is no completion for "tcsh"');
});

function scriptFile(shell: string): string {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-completion-')), 'script');
  fs.writeFileSync(file, completionScript(shell, CATALOG));
  return file;
}

function proposed(...words: readonly string[]): readonly string[] {
  return proposedIn(EMPTY, ...words);
}

function proposedIn(folder: string, ...words: readonly string[]): readonly string[] {
  const line = words.map((word) => `'${word}'`).join(' ');
  const ask = `COMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _lastcall; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const input = `${completionScript('bash', CATALOG)}\n${ask}\n`;
  const { stdout } = spawnSync('bash', { input, encoding: 'utf8', cwd: folder });
  return stdout.split('\n').filter((word) => word !== '');
}
