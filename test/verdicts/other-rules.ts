import type { KeyReport } from '../../src/model.ts';
import { DAY_MS } from '../../src/verdicts/calendar.ts';
import { AS_OF } from './history.ts';

/** What another rule makes of a key of which the provider saw exactly what our logs show. */
export interface OtherAnswer {
  readonly answer: string;
  /** It says that the key may go. */
  readonly isRemoval: boolean;
}

type Seen = Pick<KeyReport, 'createdAt' | 'lastUsedAt' | 'lastRefusedAt' | 'status'>;

/** By the title of their column. */
export const OTHER_RULES: Readonly<Record<string, (seen: Seen) => OtherAnswer>> = {
  AWS: accessAnalyzer,
  Prowler: prowler,
  '90 days': ninetyDays,
};

/**
 * IAM Access Analyzer, unused access, with the tracking period of 90 days that AWS gives as its example (AWS Config's
 * `iam-user-unused-credentials-check` has the same default): active keys that are older than that and were not used in
 * it. Last use is the last signed request, denied or not; what an inactive key tries is not counted.
 */
function accessAnalyzer(seen: Seen): OtherAnswer {
  if (seen.status !== 'active') return { answer: '-', isRemoval: false };
  const isUnused = daysSince(latestOf(seen.createdAt, seen.lastUsedAt, seen.lastRefusedAt)) >= 90;
  return { answer: isUnused ? 'unused' : 'used', isRemoval: isUnused };
}

/** `iam_user_accesskey_unused`: active keys last used more than 45 days ago fail; keys that were never used pass. */
function prowler(seen: Seen): OtherAnswer {
  const days = daysSince(latestOf(seen.lastUsedAt, seen.lastRefusedAt));
  const isUnused = seen.status === 'active' && days < Infinity && Math.floor(days) > 45;
  return { answer: isUnused ? 'FAIL' : 'PASS', isRemoval: isUnused };
}

/** The habit: no call that got through in 90 days, or none since it was made 90 days ago. */
function ninetyDays(seen: Seen): OtherAnswer {
  const isUnused = daysSince(latestOf(seen.createdAt, seen.lastUsedAt)) > 90;
  return { answer: isUnused ? 'delete' : 'keep', isRemoval: isUnused };
}

/** The latest instant; before all time if there is none. */
function latestOf(...instants: readonly (string | null)[]): number {
  return Math.max(...instants.map((instant) => (instant === null ? -Infinity : Date.parse(instant))));
}

function daysSince(at: number): number {
  return (AS_OF - at) / DAY_MS;
}
