import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { openSecret } from '../../src/actions/installation-secret.ts';
import type { Options } from '../../src/options.ts';
import { temporaryDirectory } from '../engines/sqlite/made-store.ts';

it('a secret that is made is told once, with its place, unless nothing is to be said', () => {
  const dir = temporaryDirectory();
  const said: string[] = [];
  const open = (name: string, more: Partial<Options> = {}): string => {
    const options = { secretFile: path.join(dir, name), db: path.join(dir, 'x.db'), quiet: false, ...more };
    return openSecret(options as Options, ({ file, message }) => said.push(`${file}: ${message}`)).toString();
  };
  expect(open('one')).toBe(open('one'));
  expect(said[0]).toMatch(/^\/.*\/one: the secret of this installation was made here\. Back it up/);
  open('two', { quiet: true });
  open('three', { secret: '00'.repeat(32) });
  expect(fs.readdirSync(dir)).toEqual(['one', 'two']);
  expect(said).toHaveLength(1);
});
