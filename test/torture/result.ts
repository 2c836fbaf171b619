import os from 'node:os';

/** What a part of the torture came to. */
export interface Result {
  readonly done: number;
  readonly failures: readonly string[];
}

/** Told after each job, with what failed in it. */
export type OnDone = (done: number, failed: number, failure?: string) => void;

/** Where others need the machine too, more at once get more of it. */
const AT_ONCE = Number(process.env['TORTURE_AT_ONCE'] ?? Math.min(os.availableParallelism(), 4));

/** Does every job, a few at a time, and collects what failed. */
export async function inParallel<T>(
  jobs: readonly T[],
  act: (job: T) => Promise<void>,
  onDone: OnDone = () => undefined,
): Promise<Result> {
  const failures: string[] = [];
  const queue = jobs.values();
  let done = 0;
  const work = async (): Promise<void> => {
    for (const job of queue) {
      const failure = await act(job).then(() => undefined, explain);
      if (failure !== undefined) failures.push(failure);
      onDone(++done, failures.length, failure);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { done: jobs.length, failures };
}

export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? (error.stack ?? error.message) : `${error.message}: ${explain(error.cause)}`;
}

/** Every how manieth job; of those from one number on, and before another. */
export type Which = number | { readonly every: number; readonly from: number; readonly to: number };

/** A share of the jobs that is spread over all of them, the same in every run. */
export function share<T>(jobs: readonly T[], which: Which): T[] {
  const { every, from, to } = typeof which === 'number' ? { every: which, from: 0, to: Infinity } : which;
  return jobs.slice(from, to).filter((_, index) => index % every === 0);
}
