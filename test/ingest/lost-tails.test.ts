import { describe, expect, it } from 'vitest';
import type { StreamRecord } from '../../src/engines/sqlite/stream-record.ts';
import { isRotatedOut, lostTail } from '../../src/ingest/lost-tails.ts';

const log = (firstAt: number, lastAt: number): StreamRecord =>
  ({ path: '/logs/a.log', firstAt, lastAt }) as StreamRecord;

describe('a rotated log whose turn it is to go', () => {
  const minutes = (n: number): number => n * 60_000;
  const lost = { ...log(100, 200), size: 50, position: 50, readLength: 50, modifiedNs: '0' };
  const next = { ...log(150, 400), id: 7 };
  const isOut = (
    of: Partial<StreamRecord>,
    other: Partial<StreamRecord> = {},
    seenAt = minutes(10),
    moved = [7],
  ): boolean =>
    isRotatedOut(
      { lost: { ...lost, ...of }, next: { ...next, ...other }, noticedAt: minutes(900), seenAt },
      new Set(moved),
    );

  it('had no more to come when it was read to its end, was quiet, and its successor takes its place', () => {
    expect(isOut({})).toBe(true);
  });

  it.each([
    ['was not read to its end', isOut({ size: -1 })],
    ['ended within a line', isOut({ position: 40 })],
    ['was written to shortly before it was read', isOut({}, {}, minutes(10) - 1)],
    ['gave its place to a log that had not been seen before', isOut({}, {}, minutes(10), [])],
    ['gave its place to an older log', isOut({}, { firstAt: 50, lastAt: 90 })],
    ['gave its place to a log without records', isOut({}, { firstAt: undefined, lastAt: undefined })],
  ])('may have had more when it %s', (_, isRotated) => {
    expect(isRotated).toBe(false);
  });
});

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
