import fs from 'node:fs';

/** Databases of ours, of any version, begin like this: SQLite's first bytes, and our mark where it keeps such. */
const SQLITE_HEADER = Buffer.from('SQLite format 3\0', 'latin1');
const MARK = Buffer.from('LCL', 'latin1');
const MARK_AT = 68;
/** Databases are as long as their pages, of 512 bytes at least. */
const PAGE_BYTES = 512;

const SIDE_FILE = /(?:-wal|-shm|-journal|\.lock)$/;
/** A database that a killed run was about to make. */
const DRAFT = /\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.new(?:-journal)?$/;

/** Tells files of our own from logs: by what they are, whatever they are called. */
export class OwnFiles {
  readonly #identities: ReadonlySet<string>;

  /** `known`: files of this run, if they exist. */
  constructor(known: readonly string[]) {
    const stats = known.flatMap((file) => statOf(file) ?? []);
    this.#identities = new Set(stats.filter((stat) => stat.isFile()).map(identityOf));
  }

  has(file: string, stat: fs.Stats): boolean {
    if (this.#identities.has(identityOf(stat)) || DRAFT.test(file)) return true;
    if (SIDE_FILE.test(file)) return isDatabaseOfOurs(file.replace(SIDE_FILE, ''));
    return stat.size > 0 && stat.size % PAGE_BYTES === 0 && isDatabaseOfOurs(file);
  }
}

/** Undefined where nothing is, nothing that this user can reach, and for links that lead nowhere or to themselves. */
export function statOf(file: string): fs.Stats | undefined {
  try {
    return fs.statSync(file, { throwIfNoEntry: false });
  } catch (error) {
    if (['ELOOP', 'EACCES', 'ENOTDIR'].includes(String((error as { code?: unknown }).code))) return undefined;
    throw error;
  }
}

function identityOf({ dev, ino }: fs.Stats): string {
  return `${dev} ${ino}`;
}

function isDatabaseOfOurs(file: string): boolean {
  const head = Buffer.alloc(MARK_AT + MARK.length);
  let fd: number | undefined;
  try {
    fd = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
    fs.readSync(fd, head, 0, head.length, 0);
  } catch {
    // It is for the reader of logs to say what is wrong with it.
    return false;
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
  return head.subarray(0, SQLITE_HEADER.length).equals(SQLITE_HEADER) && head.subarray(MARK_AT).equals(MARK);
}
