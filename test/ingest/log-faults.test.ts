import { describe, expect, it } from 'vitest';
import type { StreamRecord } from '../../src/engines/sqlite/stream-record.ts';
import { lostTail } from '../../src/ingest/log-faults.ts';

const log = (firstAt: number, lastAt: number): StreamRecord =>
  ({ path: '/logs/a.log', firstAt, lastAt }) as StreamRecord;

describe('what a lost log may have held', () => {
  it('lies between its last record and the first one of its successor', () => {
    expect(lostTail({ lost: log(100, 200), next: log(300, 400), noticedAt: 900 })).toMatchObject({
      fromAt: 200,
      toAt: 300,
    });
  });

  it('has no end while its successor is empty', () => {
    expect(lostTail({ lost: log(100, 200) })).toMatchObject({ fromAt: 200, toAt: undefined });
  });

  it('may be of any time up to the run that noticed, where its successor begins with a late record', () => {
    expect(lostTail({ lost: log(100, 200), next: log(150, 400), noticedAt: 900 })).toMatchObject({
      fromAt: 200,
      toAt: 900,
    });
  });
});
