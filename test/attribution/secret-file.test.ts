import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadSecret } from '../../src/attribution/secret-file.ts';

const HEX = 'ab'.repeat(32);
const secretError = (text: RegExp) => expect.objectContaining({ code: 'secret', message: expect.stringMatching(text) });

describe('loadSecret', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lastcall-secret-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('makes a secret that only the owner can read, and finds it again', () => {
    const path = join(folder, 'state', 'secret');
    const made = loadSecret(path, { mayCreate: true });
    expect(made).toHaveLength(32);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'state')).mode & 0o777).toBe(0o700);
    expect(readFileSync(path, 'utf8')).toBe(`${made.toString('hex')}\n`);
    expect(loadSecret(path, { mayCreate: false })).toEqual(made);
    expect(loadSecret(path, { mayCreate: true })).toEqual(made);
  });

  it('makes another secret in another place', () => {
    const options = { mayCreate: true };
    expect(loadSecret(join(folder, 'a'), options)).not.toEqual(loadSecret(join(folder, 'b'), options));
  });

  it.skipIf(platform() !== 'linux')('says so when the disk fails under it', () => {
    // A file of our own whose first byte cannot be read.
    expect(() => loadSecret('/proc/self/mem', { mayCreate: false })).toThrow(secretError(/cannot be read \(EIO\)/));
  });

  it('says where a missing secret is expected when none may be made', () => {
    const path = join(folder, 'secret');
    expect(() => loadSecret(path, { mayCreate: false })).toThrow(secretError(/There is no secret at .*secret$/));
    expect(() => loadSecret(path, { mayCreate: false })).toThrow(
      expect.objectContaining({ hint: expect.stringMatching(/LASTCALL_SECRET/) }),
    );
  });

  it.each([0o640, 0o604, 0o620, 0o660])('refuses a file of mode %o', (mode) => {
    const path = join(folder, 'secret');
    writeFileSync(path, `${HEX}\n`);
    chmodSync(path, mode);
    expect(() => loadSecret(path, { mayCreate: true })).toThrow(secretError(/open to others/));
  });

  it.each(['', 'ab', `${HEX}ab`, `${HEX.slice(1)}g\n`, `${HEX}\n\n\n`])(
    'refuses the content %j and leaves it alone',
    (content) => {
      const path = join(folder, 'secret');
      writeFileSync(path, content, { mode: 0o600 });
      expect(() => loadSecret(path, { mayCreate: true })).toThrow(secretError(/damaged/));
      expect(readFileSync(path, 'utf8')).toBe(content);
    },
  );

  it('refuses a symbolic link, also one that points nowhere', () => {
    const path = join(folder, 'secret');
    const target = join(folder, 'target');
    symlinkSync(target, path);
    expect(() => loadSecret(path, { mayCreate: true })).toThrow(secretError(/symbolic link/));
    expect(() => statSync(target)).toThrow();
    writeFileSync(target, HEX, { mode: 0o600 });
    expect(() => loadSecret(path, { mayCreate: true })).toThrow(secretError(/symbolic link/));
  });

  it('refuses a directory, and a directory where everybody may write', () => {
    expect(() => loadSecret(folder, { mayCreate: true })).toThrow(secretError(/not a regular file/));
    const open = join(folder, 'open');
    mkdirSync(open);
    chmodSync(open, 0o777);
    expect(() => loadSecret(join(open, 'secret'), { mayCreate: true })).toThrow(secretError(/Everybody/));
  });
});
