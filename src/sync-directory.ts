import fs from 'node:fs';

/** So that a new name outlasts a power cut. Some file systems know no such thing. */
export function syncDirectory(directory: string): void {
  try {
    const fd = fs.openSync(directory, fs.constants.O_RDONLY);
    try {
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
  } catch {
    // The file itself is synced.
  }
}
