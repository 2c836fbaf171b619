import { expect, it } from 'vitest';
import { handOver, type Hands } from '../../src/handoff/hand-over.ts';
import type { Plan } from '../../src/handoff/permit.ts';

/** What handing over looks at of a key that is ready. */
const READY = {
  changes: [],
  facts: { evidence: {} },
  report: {},
  next: { step: 'disable', entry: {}, action: { by: 'command', command: ['true'] } },
  undo: undefined,
  shownAs: () => [],
};
const PLAN = { permits: [{ key: 'a', label: null, step: 'disable' }] } as unknown as Plan;

it.each([
  { interruptedAt: Infinity, result: 'done', done: ['intent', 'run', 'outcome'] },
  // Whoever presses Ctrl-C while the logs are read for the last time wants nothing done.
  { interruptedAt: 2, result: 'declined', done: [] },
])('a hand-off that is stopped at look $interruptedAt: $result', async ({ interruptedAt, result, done }) => {
  let looks = 0;
  const log: string[] = [];
  const hands = {
    isExecuted: true,
    isConfirmed: true,
    verify: async () => {
      looks++;
      return READY;
    },
    show: () => {},
    tell: () => {},
    record: (_: unknown, { kind }: { kind: string }) => void log.push(kind),
    run: async () => {
      log.push('run');
      return { result: 'done', detail: '' };
    },
    now: () => 0,
    isInterrupted: () => looks >= interruptedAt,
  } as unknown as Hands;
  expect(await handOver(PLAN, hands)).toMatchObject([{ key: 'a', result }]);
  expect(log).toEqual(done);
});
