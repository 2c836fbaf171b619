import type { ScanExports } from './scan-module.ts';

/**
 * The groups that a kernel knows, for the kernel of another thread, which need not ask what they say and counts their records
 * by number. The raw text of records is in them: they never leave the memory of this process.
 */
export interface SharedGroups {
  readonly count: number;
  /** Places by hash, and addresses by number. */
  readonly table: Uint8Array<SharedArrayBuffer>;
  /** What tells each of them apart. */
  readonly groups: Uint8Array<SharedArrayBuffer>;
}

export function copyGroups({ memory, TABLE, GROUPS, ARENA, groupCount, arenaEnd }: ScanExports): SharedGroups {
  const tableEnd = GROUPS.value + groupCount.value * ADDRESS_BYTES;
  return {
    count: groupCount.value,
    table: shared(memory.buffer, TABLE.value, tableEnd),
    groups: shared(memory.buffer, ARENA.value, arenaEnd.value),
  };
}

/** In place of those that the kernel knew, and with nothing counted of them. */
export function adoptGroups(kernel: ScanExports, { count, table, groups }: SharedGroups): void {
  const { memory, TABLE, ARENA } = kernel;
  Buffer.from(memory.buffer, TABLE.value, table.length).fill(table);
  if (groups.length > 0) Buffer.from(memory.buffer, ARENA.value, groups.length).fill(groups);
  kernel.adoptGroups(count, ARENA.value + groups.length);
}

const ADDRESS_BYTES = 4;

/** By `fill`, as everything that goes into or out of shared memory: see `sources/piece-ring.ts`. */
function shared(buffer: ArrayBuffer, from: number, to: number): Uint8Array<SharedArrayBuffer> {
  const copy = new Uint8Array(new SharedArrayBuffer(to - from));
  if (to > from) Buffer.from(copy.buffer).fill(Buffer.from(buffer, from, to - from));
  return copy;
}
