import fs from 'node:fs';
import path from 'node:path';
import { LastcallError } from '../../errors.ts';

/** By the magic number that statfs gives on Linux (man 2 statfs). */
const NETWORK_DISKS: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB'],
  [0x517b, 'SMB'],
  [0x5346414f, 'AFS'],
]);

/**
 * Refuses a database on the disk of another machine: SQLite's write-ahead log needs memory that all processes share, and
 * locks that hold (sqlite.org/wal.html).
 */
export function refuseNetworkDisk(file: string, typeOf: (place: string) => number = diskType): void {
  // A link counts as what it leads to.
  const place = fs.existsSync(file) ? file : path.dirname(path.resolve(file));
  const disk = NETWORK_DISKS.get(typeOf(place) >>> 0);
  if (disk === undefined) return;
  throw new LastcallError(
    'database',
    `The database "${file}" would lie on a network disk (${disk}), where no lock holds`,
    {
      hint: 'Put it on a local disk with --db; the logs may stay where they are.',
    },
  );
}

function diskType(place: string): number {
  try {
    return fs.statfsSync(place).type;
  } catch {
    return 0;
  }
}
