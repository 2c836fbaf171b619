import { randomBytes } from 'node:crypto';
import { LastcallError } from '../errors.ts';
import { createPrivateFile, readPrivateFile } from './private-file.ts';

const SECRET_BYTES = 32;
const HEX_TEXT = /^[0-9a-f]{64}\r?\n?$/i;
/** One more than a secret with its line end has: what is longer is no secret. */
const MOST_BYTES = SECRET_BYTES * 2 + 3;

/**
 * Reads the secret of this installation, or makes it when the file is missing and `mayCreate` holds. Refuses a file that
 * others can read, a symbolic link, and anything but 64 hex digits.
 */
export function loadSecret(path: string, options: { readonly mayCreate: boolean }): Buffer {
  const file = { path, what: 'secret' };
  const found = readPrivateFile(file, MOST_BYTES);
  if (found !== undefined) return parseSecret(path, found.toString('latin1'));
  if (options.mayCreate) {
    const secret = randomBytes(SECRET_BYTES);
    createPrivateFile(file, `${secret.toString('hex')}\n`);
    return secret;
  }
  throw new LastcallError('secret', `There is no secret at ${path}`, {
    hint:
      'The database was made with a secret that is not here, so no key in it would be recognised. ' +
      `Put the secret file back at ${path}, or set LASTCALL_SECRET to its content.`,
  });
}

function parseSecret(path: string, text: string): Buffer {
  if (HEX_TEXT.test(text)) return Buffer.from(text.slice(0, SECRET_BYTES * 2), 'hex');
  throw new LastcallError('secret', `The file at ${path} is damaged: a secret has 64 hex digits and nothing else`, {
    hint: 'Restore it from a backup. If no database was made with it yet, remove the file and run again.',
  });
}
