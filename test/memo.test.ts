import { describe, expect, it } from 'vitest';
import { memo } from '../src/memo.ts';

function counting(most?: number): { of: (text: string) => string; calls: () => number } {
  let calls = 0;
  const of = memo((text) => {
    calls++;
    return text.toUpperCase();
  }, most);
  return { of, calls: () => calls };
}

describe('memo', () => {
  it('computes each text once', () => {
    const { of, calls } = counting();
    expect([of('a'), of('b'), of('a')]).toEqual(['A', 'B', 'A']);
    expect(calls()).toBe(2);
  });

  it('begins anew when it holds as many results as it may', () => {
    const { of, calls } = counting(2);
    for (const text of ['a', 'b', 'c', 'a']) of(text);
    expect(calls()).toBe(4);
  });

  it('does not keep long texts', () => {
    const { of, calls } = counting();
    const long = 'x'.repeat(1000);
    expect(of(long)).toBe(of(long));
    expect(calls()).toBe(2);
  });
});
