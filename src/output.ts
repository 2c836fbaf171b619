import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { LastcallError } from './errors.ts';

/**
 * Writes a file so that it is either the old one or the whole new one: a temporary file beside it, synced, renamed.
 * Throws `usage` when it cannot be written.
 */
export function writeWhole(file: string, pieces: Iterable<string>): void {
  const draft = path.join(path.dirname(file), `.${path.basename(file)}.${randomUUID()}`);
  try {
    const fd = fs.openSync(
      draft,
      fs.constants.O_WRONLY | fs.constants.O_CREAT | fs.constants.O_EXCL | fs.constants.O_NOFOLLOW,
      0o644,
    );
    try {
      for (const piece of pieces) fs.writeFileSync(fd, piece);
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
    fs.renameSync(draft, file);
  } catch (error) {
    fs.rmSync(draft, { force: true });
    const code = (error as { code?: unknown }).code;
    if (typeof code !== 'string') throw error;
    throw new LastcallError('usage', `Cannot write "${file}" (${code})`, {
      cause: error,
      hint: 'Check the directory and its permissions.',
    });
  }
}
