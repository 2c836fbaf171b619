import type { EpochMs } from '../../model.ts';
import type { Tally } from '../../tally/rollup.ts';

/** What one run has read. */
export interface ReadSince {
  readonly streams: ReadonlySet<number>;
  /** The time of the records. */
  readonly fromAt: EpochMs | undefined;
  readonly toAt: EpochMs | undefined;
}

export class Reading implements ReadSince {
  readonly streams: Set<number> = new Set();
  fromAt: EpochMs | undefined;
  toAt: EpochMs | undefined;

  note(stream: number, tallies: readonly Tally[]): void {
    this.streams.add(stream);
    for (const { firstAt, lastAt } of tallies) {
      if (firstAt !== undefined) this.fromAt = Math.min(this.fromAt ?? firstAt, firstAt);
      if (lastAt !== undefined) this.toAt = Math.max(this.toAt ?? lastAt, lastAt);
    }
  }
}
