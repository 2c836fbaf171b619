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

/** Windows has neither the flag nor the mode bits. */
const NO_FOLLOW: number = constants.O_NOFOLLOW ?? 0;
const HAS_MODES = platform() !== 'win32';

/** What a private file holds, for messages: `secret`, `signing key`. */
export interface PrivateFile {
  readonly path: string;
  readonly what: string;
}

/**
 * The first bytes of a file that only its owner can read; undefined when there is none. Refuses a file that others can
 * read, a symbolic link, and what is no file.
 */
export function readPrivateFile({ path, what }: PrivateFile, mostBytes: number): Buffer | undefined {
  const file = open({ path, what }, constants.O_RDONLY | NO_FOLLOW | (constants.O_NONBLOCK ?? 0));
  if (file === undefined) return undefined;
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) throw new LastcallError('secret', `The ${what} at ${path} is not a regular file`);
    if (HAS_MODES && (stats.mode & 0o077) !== 0) {
      throw new LastcallError('secret', `The ${what} at ${path} is open to others`, {
        hint: `Run: chmod 600 on ${path}. If others may have read it, make a new database with a new secret.`,
      });
    }
    return readFirst(file, { path, what }, mostBytes);
  } finally {
    closeSync(file);
  }
}

function readFirst(file: number, { path, what }: PrivateFile, mostBytes: number): Buffer {
  const bytes = Buffer.alloc(mostBytes);
  try {
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, 0));
  } catch (error) {
    const reason = (error as { code?: string }).code ?? 'error';
    throw new LastcallError('secret', `The ${what} at ${path} cannot be read (${reason})`, { cause: error });
  }
}

/** Makes a file that only its owner can read, where there is none yet. Its folder is made too. */
export function createPrivateFile({ path, what }: PrivateFile, text: string): void {
  const directory = dirname(path);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  refuseOpenDirectory(directory, what);
  const file = open({ path, what }, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW);
  if (file === undefined) throw new LastcallError('secret', `The ${what} cannot be made at ${path}`);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Where everybody may write, everybody may swap the file; the sticky bit of /tmp forbids that. */
function refuseOpenDirectory(directory: string, what: string): void {
  const { mode } = statSync(directory);
  if (!HAS_MODES || (mode & 0o002) === 0 || (mode & 0o1000) !== 0) return;
  throw new LastcallError('secret', `Everybody may write in ${directory}, so a ${what} is not safe there`, {
    hint: `Take that right away (chmod o-w), or keep the ${what} in another directory.`,
  });
}

/** Undefined: there is no such file. */
function open({ path, what }: PrivateFile, flags: number): number | undefined {
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
    throw new LastcallError('secret', `The ${what} at ${path} ${reason}`, {
      hint:
        reason === 'has just appeared'
          ? 'Another run has made it at the same time: run again.'
          : 'It must be a regular file that you own, with mode 600.',
      cause: error,
    });
  }
}
