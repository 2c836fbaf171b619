import fs from 'node:fs';
import type { Ledger } from '../engines/sqlite/ledger.ts';
import type { StreamRecord } from '../engines/sqlite/stream-record.ts';
import { STDIN } from '../sources/inputs.ts';
import type { FileStat } from '../sources/log-file.ts';
import type { ObjectStore } from '../sources/object-store.ts';

/** Has objects fetched that come next among the logs and are not known yet. */
export class ReadAhead {
  readonly #files: readonly string[];
  readonly #objects: ObjectStore | undefined;
  readonly #ledger: Ledger;
  /** The log up to which others were looked at. */
  #next = 0;

  constructor(files: readonly string[], objects: ObjectStore | undefined, ledger: Ledger) {
    this.#files = files;
    this.#objects = objects;
    this.#ledger = ledger;
    this.#noteListings();
  }

  /** `index`: the log that is read now. */
  from(index: number): void {
    if (this.#objects === undefined) return;
    for (this.#next = Math.max(this.#next, index); this.#next < this.#files.length; this.#next++) {
      if (!this.#objects.hasRoom) return;
      const path = this.#files[this.#next] ?? '';
      const stat = this.#objects.statOf(path);
      if (stat !== undefined && knownAs(path, stat, this.#ledger) === undefined) this.#objects.prefetch(path);
    }
  }

  /** What could not be listed before can be now. */
  #noteListings(): void {
    if (!this.#ledger.inTransaction) this.#ledger.begin();
    for (const path of this.#objects?.listed ?? []) {
      this.#ledger.clearFaults({ path, stream: 0, source: undefined, file: '' });
    }
  }
}

/** The log that was read whole at this place and has not changed since. */
export function knownAs(place: string, stat: FileStat, ledger: Ledger): StreamRecord | undefined {
  if (place === STDIN) return undefined;
  const known = ledger.streamByHint(place, stat.device, stat.inode);
  const isUnchanged =
    known?.size === stat.size && known.modifiedNs === stat.modifiedNs && known.changedNs === stat.changedNs;
  return isUnchanged ? known : undefined;
}

/** Whether no log was read before that went by this path. */
export function isNewAt(place: string, { device, inode }: FileStat, ledger: Ledger): boolean {
  return ledger.streamByHint(place, device, inode) === undefined;
}

/** Bytes of all logs together, as they are stored; undefined when standard input is among them. */
export function sizeOf(files: readonly string[], objects: ObjectStore | undefined): number | undefined {
  if (files.includes(STDIN)) return undefined;
  const sizeOfOne = (file: string): number =>
    (objects?.statOf(file) ?? fs.statSync(file, { throwIfNoEntry: false }))?.size ?? 0;
  return files.reduce((sum, file) => sum + sizeOfOne(file), 0);
}
