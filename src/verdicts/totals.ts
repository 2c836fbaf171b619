import type { EpochMs, Totals } from '../model.ts';

export const NO_CALLS: Totals = Object.freeze({
  requests: 0,
  refused: 0,
  firstSeenAt: undefined,
  lastUsedAt: undefined,
  lastRefusedAt: undefined,
});

/** Associative and commutative. */
export function addTotals(a: Totals, b: Totals): Totals {
  return {
    requests: a.requests + b.requests,
    refused: a.refused + b.refused,
    firstSeenAt: earlier(a.firstSeenAt, b.firstSeenAt),
    lastUsedAt: later(a.lastUsedAt, b.lastUsedAt),
    lastRefusedAt: later(a.lastRefusedAt, b.lastRefusedAt),
  };
}

function earlier(a: EpochMs | undefined, b: EpochMs | undefined): EpochMs | undefined {
  return a === undefined || (b !== undefined && b < a) ? b : a;
}

function later(a: EpochMs | undefined, b: EpochMs | undefined): EpochMs | undefined {
  return a === undefined || (b !== undefined && b > a) ? b : a;
}
