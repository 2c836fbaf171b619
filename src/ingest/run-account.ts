import type { IngestResult } from './context.ts';
import type { Problem } from './problem.ts';
import { SourceCheck } from './doubtful-sources.ts';
import type { Interpretation } from './interpret.ts';
import type { ReadingPlan } from './reading-plan.ts';
import type { StreamTotals } from './stream-ingest.ts';

/** What a run read, and what went wrong, in the order of the logs. */
export class RunAccount {
  /** Place among the logs of the one that problems are noted of. */
  order = 0;
  readonly #problems: { readonly order: number; readonly problem: Problem }[] = [];
  readonly #formats = new Map<string, number>();
  readonly #sources: SourceCheck;
  readonly #totals = { files: 0, records: 0, quarantined: 0, skipped: 0, duplicates: 0, bytes: 0 };

  /** The share of unreadable records up to which a source counts as read. */
  constructor(quarantineShare: number) {
    this.#sources = new SourceCheck(quarantineShare);
  }

  get records(): number {
    return this.#totals.records;
  }

  note(problem: Problem): void {
    this.#problems.push({ order: this.order, problem });
  }

  /** Adds a log that was read. */
  add(how: Interpretation, plan: ReadingPlan, totals: StreamTotals): void {
    this.#totals.files++;
    const { name: format } = plan.format;
    this.#formats.set(format, (this.#formats.get(format) ?? 0) + 1);
    for (const name of ['records', 'quarantined', 'skipped', 'duplicates', 'bytes'] as const) {
      this.#totals[name] += totals[name];
    }
    this.#sources.add(how, plan, totals);
  }

  noteDoubtfulSources(): void {
    for (const problem of this.#sources.problems()) this.note(problem);
  }

  result(): Omit<IngestResult, 'isInterrupted'> {
    const problems = this.#problems.toSorted((a, b) => a.order - b.order).map(({ problem }) => problem);
    return { ...this.#totals, problems, formats: this.#formats };
  }
}
