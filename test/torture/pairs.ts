import { deepStrictEqual } from 'node:assert/strict';
import fs from 'node:fs';
import { pause, seeded } from '../ingest/child.ts';
import type { Night, Reference } from './reference.ts';
import { inParallel, type OnDone, type Result } from './result.ts';

/** Two runs that start within a second of each other: one of them reads, or both do in turn; nothing counts twice. */
export async function runInPairs(reference: Reference, count: number, seed: number, onDone?: OnDone): Promise<Result> {
  const random = seeded(seed);
  const jobs = Array.from({ length: count }, (_, n) => ({ night: ((n % 2) + 1) as Night, wait: random() * 700 }));
  return inParallel(
    jobs,
    async ({ night, wait }) => {
      const dir = reference.begin(night);
      const first = reference.run(dir);
      await pause(wait);
      const ends = await Promise.all([first, reference.run(dir)]);
      for (const { status, stderr } of ends) {
        if (![0, 3, 4].includes(status ?? -1)) throw new Error(`one of a pair ended with ${status}: ${stderr}`);
        if (status === 4) deepStrictEqual(/Another run holds/.test(stderr), true);
      }
      if (ends.every(({ status }) => status === 4)) throw new Error('each of a pair left it to the other');
      await reference.checkRepair(dir, night);
      fs.rmSync(dir, { recursive: true });
    },
    onDone,
  );
}
