import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs';
import { platform } from 'node:os';
import { dirname } from 'node:path';
import { LastcallError } from '../errors.ts';

const SECRET_BYTES = 32;
const HEX_TEXT = /^[0-9a-f]{64}\r?\n?$/i;
/** Windows has neither the flag nor the mode bits. */
const NO_FOLLOW: number = constants.O_NOFOLLOW ?? 0;
const HAS_MODES = platform() !== 'win32';

/**
 * Reads the secret of this installation, or makes it when the file is missing and `mayCreate` holds. Refuses a file that
 * others can read, a symbolic link, and anything but 64 hex digits.
 */
export function loadSecret(path: string, options: { readonly mayCreate: boolean }): Buffer {
  const found = readSecret(path);
  if (found !== undefined) return found;
  if (options.mayCreate) return createSecret(path);
  throw new LastcallError('secret', `There is no secret at ${path}`, {
    hint:
      'The database was made with a secret that is not here, so no key in it would be recognised. ' +
      `Put the secret file back at ${path}, or set LASTCALL_SECRET to its content.`,
  });
}

function readSecret(path: string): Buffer | undefined {
  const file = open(path, constants.O_RDONLY | NO_FOLLOW | (constants.O_NONBLOCK ?? 0));
  if (file === undefined) return undefined;
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) throw new LastcallError('secret', `The secret at ${path} is not a regular file`);
    if (HAS_MODES && (stats.mode & 0o077) !== 0) {
      throw new LastcallError('secret', `The secret at ${path} is open to others`, {
        hint: `Run: chmod 600 on ${path}. If others may have read it, make a new database with a new secret.`,
      });
    }
    return parseSecret(path, file);
  } finally {
    closeSync(file);
  }
}

function parseSecret(path: string, file: number): Buffer {
  const bytes = Buffer.alloc(SECRET_BYTES * 2 + 3);
  const text = bytes.toString('latin1', 0, readSync(file, bytes, 0, bytes.length, 0));
  if (HEX_TEXT.test(text)) return Buffer.from(text.slice(0, SECRET_BYTES * 2), 'hex');
  throw new LastcallError('secret', `The file at ${path} is damaged: a secret has 64 hex digits and nothing else`, {
    hint: 'Restore it from a backup. If no database was made with it yet, remove the file and run again.',
  });
}

function createSecret(path: string): Buffer {
  const directory = dirname(path);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  refuseOpenDirectory(directory);
  const secret = randomBytes(SECRET_BYTES);
  const file = open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW);
  if (file === undefined) throw new LastcallError('secret', `The secret cannot be made at ${path}`);
  try {
    writeSync(file, `${secret.toString('hex')}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return secret;
}

/** Where everybody may write, everybody may swap the file; the sticky bit of /tmp forbids that. */
function refuseOpenDirectory(directory: string): void {
  const { mode } = statSync(directory);
  if (!HAS_MODES || (mode & 0o002) === 0 || (mode & 0o1000) !== 0) return;
  throw new LastcallError('secret', `Everybody may write in ${directory}, so a secret is not safe there`, {
    hint: `Take that right away (chmod o-w), or keep the secret in another directory.`,
  });
}

/** Undefined: there is no such file. */
function open(path: string, flags: number): number | undefined {
  try {
    return openSync(path, flags, 0o600);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return undefined;
    const reason =
      code === 'ELOOP' || code === 'EMLINK'
        ? 'is a symbolic link'
        : code === 'EEXIST'
          ? 'has just appeared'
          : 'cannot be opened';
    throw new LastcallError('secret', `The secret at ${path} ${reason}`, {
      hint:
        reason === 'has just appeared'
          ? 'Another run has made it at the same time: run again.'
          : 'It must be a regular file that you own, with mode 600.',
      cause: error,
    });
  }
}
