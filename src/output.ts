import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { LastcallError } from './errors.ts';
import { syncDirectory } from './sync-directory.ts';

/** Throws `usage` when an output would replace a file that the run needs, or has no directory to stand in. */
export function checkDestinations(outputs: readonly string[], needed: readonly string[]): void {
  const precious = new Map(needed.map((file) => [identityOf(file) ?? path.resolve(file), file]));
  for (const output of outputs) {
    const victim = precious.get(identityOf(output) ?? path.resolve(output));
    if (victim !== undefined) {
      throw new LastcallError('usage', `The output "${output}" would replace "${victim}"`, {
        hint: 'Name another file.',
      });
    }
    if (!fs.existsSync(path.dirname(path.resolve(output)))) {
      throw new LastcallError('usage', `There is no directory for the output "${output}"`, { hint: 'Make it first.' });
    }
  }
}

/**
 * Writes a file so that it is either the old one or the whole new one: a temporary file beside it, synced, renamed.
 * Devices and pipes are written to as they are. Throws `usage` when it may not be written, and
 * `storage` when the disk is full or broken. Waits for `pause` now and then: what it throws leaves the old file.
 */
export async function writeWhole(
  file: string,
  pieces: Iterable<string>,
  pause: () => Promise<void> = async () => {},
): Promise<void> {
  try {
    const known = fs.statSync(file, { throwIfNoEntry: false });
    if (known === undefined || known.isFile()) await replace(file, pieces, pause);
    else fs.writeFileSync(file, [...pieces].join(''));
  } catch (error) {
    // What goes wrong where the report comes from is no trouble with the file.
    if (!(error instanceof Error) || !('syscall' in error)) throw error;
    const code = String((error as NodeJS.ErrnoException).code);
    const isDisk = ['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO', 'EROFS'].includes(code);
    throw new LastcallError(isDisk ? 'storage' : 'usage', `Cannot write "${file}" (${code})`, {
      cause: error,
      hint: isDisk
        ? 'Free space, or name another place. lastcall report writes a report again from what is stored.'
        : 'Check the directory and its permissions.',
    });
  }
}

async function replace(file: string, pieces: Iterable<string>, pause: () => Promise<void>): Promise<void> {
  const draft = path.join(path.dirname(file), `.${path.basename(file)}.${randomUUID()}`);
  try {
    const fd = fs.openSync(
      draft,
      fs.constants.O_WRONLY | fs.constants.O_CREAT | fs.constants.O_EXCL | fs.constants.O_NOFOLLOW,
      0o644,
    );
    try {
      for (const text of inBatches(pieces)) {
        fs.writeFileSync(fd, text);
        await pause();
      }
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
    fs.renameSync(draft, file);
    syncDirectory(path.dirname(file));
  } catch (error) {
    fs.rmSync(draft, { force: true });
    throw error;
  }
}

const BATCH_CHARACTERS = 1024 * 1024;

/** A piece is a key or a line: to write each by itself takes longer than to make it. */
function* inBatches(pieces: Iterable<string>): Iterable<string> {
  let batch = '';
  for (const piece of pieces) {
    batch += piece;
    if (batch.length < BATCH_CHARACTERS) continue;
    yield batch;
    batch = '';
  }
  if (batch !== '') yield batch;
}

/** Of a regular file, whatever link leads to it. Undefined also where this user may not look: what reads it will say so. */
function identityOf(file: string): string | undefined {
  const stat = fs.existsSync(file) ? fs.statSync(file, { throwIfNoEntry: false }) : undefined;
  return stat?.isFile() === true ? `${stat.dev} ${stat.ino}` : undefined;
}
