import { describe, expect, test } from 'vitest';
import type { BlockerCode, Evidence, Gap, Verdict } from '../../src/model.ts';
import { judge } from '../../src/verdicts/judge.ts';
import type { World } from '../../src/verdicts/world.ts';
import {
  AS_OF,
  TODAY,
  daily,
  every,
  gap,
  key,
  logs,
  noonOf,
  system,
  together,
  unlistedKey,
  world,
  worldOf,
} from './history.ts';

const WHOLE = [logs(800)];
const DEAD = system('billing', { used: daily(790, 40) });

/** Each case: the blocker is the only one, it decides, and without its cause the key is safe. */
interface Case {
  readonly code: BlockerCode;
  readonly title: string;
  readonly verdict: Verdict;
  readonly blocked: readonly [Evidence, World];
  readonly free: readonly [Evidence, World];
  readonly text: RegExp;
  readonly safeOn?: string | null;
}

const NEVER_USED = { createdAt: noonOf(700) };

const moved = [
  key([system('py', { used: daily(790, 25), attribution: 'derived' })], { successor: 'key-2' }),
  key([system('py', { used: daily(24, 1), attribution: 'derived' })], {}, { key: 'key-2' }),
] as const;

const cases: readonly Case[] = [
  {
    code: 'recent-use',
    title: 'a call three days ago',
    verdict: 'in-use',
    blocked: [key([system('billing', { used: daily(790, 3) })]), world(WHOLE)],
    free: [key([DEAD]), world(WHOLE)],
    text: /billing called 3 days ago \(2026-12-17\)/,
    safeOn: '2027-01-17',
  },
  {
    code: 'recent-use',
    title: 'a call yesterday by a system that came years after the key, which is why it is safe so late',
    verdict: 'in-use',
    blocked: [key([system('billing', { used: daily(60, 1) })]), world(WHOLE)],
    free: [key([DEAD]), world(WHOLE)],
    text: /billing called yesterday \(2026-12-19, first called only after \d{3} days\)/,
  },
  {
    code: 'rhythm',
    title: 'a monthly job that missed two calls',
    verdict: 'waiting',
    blocked: [key([system('billing', { used: every(31, 790, 77) })]), world(WHOLE)],
    free: [key([system('billing', { used: every(31, 790, 108) })]), world(WHOLE)],
    text: /billing: silent 76 days, longest pause 31 days \(monthly job\), needs 93/,
    safeOn: '2027-01-06',
  },
  {
    code: 'too-few-uses',
    title: 'two uses long ago',
    verdict: 'waiting',
    blocked: [key([system('drill', { used: [374, 364] })], { createdAt: noonOf(374) }), world(WHOLE)],
    free: [key([system('drill', { used: [376, 366] })], { createdAt: noonOf(376) }), world(WHOLE)],
    text: /drill: silent 363 days, used on only 2 days, so it could be a yearly job and needs 365/,
  },
  {
    code: 'young-caller',
    title: 'a system that called daily for forty days',
    verdict: 'waiting',
    blocked: [key([system('trial', { used: daily(140, 100) })], { createdAt: noonOf(140) }), world(WHOLE)],
    free: [key([system('trial', { used: daily(440, 400) })], { createdAt: noonOf(440) }), world(WHOLE)],
    text: /trial: silent 99 days, in use for only 40 days, so it needs 325 to make a year/,
    safeOn: '2027-08-03',
  },
  {
    code: 'refused-recently',
    title: 'refusals last week after years of use',
    verdict: 'waiting',
    blocked: [key([system('billing', { used: daily(790, 60), refused: [8] })]), world(WHOLE)],
    free: [key([system('billing', { used: daily(790, 60), refused: [48] })]), world(WHOLE)],
    text: /billing: no use for 59 days, still tried on 2026-12-12 and was refused, needs 90/,
  },
  {
    code: 'too-new',
    title: 'a key made last month',
    verdict: 'waiting',
    blocked: [key([], { createdAt: noonOf(30) }), world(WHOLE)],
    free: [key([], NEVER_USED), world(WHOLE)],
    text: /never used; created on 2026-11-20; watched for 29 days with complete logs, needs 365/,
    safeOn: '2027-11-21',
  },
  {
    code: 'too-new',
    title: 'a key made after the last call with its id',
    verdict: 'waiting',
    blocked: [key([DEAD], { createdAt: noonOf(30) }), world(WHOLE)],
    free: [key([DEAD], { createdAt: noonOf(39) }), world(WHOLE)],
    text: /^created on 2026-11-20, after its last call; watched for 29 days with complete logs, needs 365$/,
    safeOn: '2027-11-21',
  },
  {
    code: 'never-used-watch',
    title: 'an old key under young logs',
    verdict: 'waiting',
    blocked: [key([]), world([logs(100)])],
    free: [key([]), world(WHOLE)],
    text: /never used; the logs begin on 2026-09-11; watched for 99 days with complete logs, needs 365/,
  },
  {
    code: 'no-created-at',
    title: 'a key without creation date under young logs',
    verdict: 'waiting',
    blocked: [key([], { createdAt: undefined }), world([logs(100)])],
    free: [key([], { createdAt: undefined }), world(WHOLE)],
    text: /no creation date is known/,
  },
  {
    code: 'no-created-at',
    title: 'a key without creation date that the inventory shows since last week',
    verdict: 'waiting',
    blocked: [key([], { createdAt: undefined }, { listedSince: noonOf(7) }), world(WHOLE)],
    free: [key([], { createdAt: undefined }), world(WHOLE)],
    text: /first listed on 2026-12-13/,
  },
  {
    code: 'coverage-gap',
    title: 'a silence that is mostly a hole in the logs',
    verdict: 'unknown',
    blocked: [key([DEAD]), world([logs(800, [gap(35, 15)])])],
    free: [key([DEAD]), world([logs(800, [gap(85, 65)])])],
    text: /billing: 18 of 39 days of silence have complete logs, 30 are required \(gateway: no records 2026-11-15 to 2026-12-05\)/,
    safeOn: '2027-01-01',
  },
  {
    code: 'coverage-gap',
    title: 'a gap that lasts until yesterday and is longer than the silence before it exceeds what is required',
    verdict: 'unknown',
    blocked: [key([system('billing', { used: daily(790, 200) })]), world([logs(800, [gap(86, 1)])])],
    free: [key([system('billing', { used: daily(790, 200) })]), world([logs(800, [gap(84, 1)])])],
    text: /the newest logs are incomplete: gateway: no records 2026-09-25 to 2026-12-19/,
    safeOn: null,
  },
  {
    code: 'coverage-gap',
    title: 'no log at all',
    verdict: 'unknown',
    blocked: [key([]), world([])],
    free: [key([]), world(WHOLE)],
    text: /no log has been read/,
    safeOn: null,
  },
  {
    code: 'silent-source',
    title: 'a source that stopped sending',
    verdict: 'unknown',
    blocked: [key([DEAD]), world([logs(800, [], { silent: true, lastDay: TODAY - 9 })])],
    free: [key([DEAD]), world(WHOLE)],
    text: /nothing arrives any more from gateway \(last record on 2026-12-11\)/,
    safeOn: null,
  },
  {
    code: 'late-window',
    title: 'a silence that only the late days would complete',
    verdict: 'waiting',
    blocked: [key([DEAD]), world([logs(800, [gap(12, 1, 'late-window')])])],
    free: [key([DEAD]), world([logs(800, [gap(9, 1, 'late-window')])])],
    text: /billing: 27 of 39 days of silence have complete logs/,
    safeOn: '2026-12-23',
  },
  {
    code: 'quarantine',
    title: 'unreadable records in the newest days',
    verdict: 'unknown',
    blocked: [key([DEAD]), world([logs(800, [gap(4, 4, 'quarantine')])])],
    free: [key([DEAD]), world([logs(800, [gap(20, 20, 'quarantine')])])],
    text: /gateway: too many unreadable records 2026-12-16/,
  },
  {
    code: 'unread-input',
    title: 'a file that was not read whole',
    verdict: 'unknown',
    blocked: [key([DEAD]), world([logs(800, [], { faults: [fault('unread-input')] })])],
    free: [key([DEAD]), world(WHOLE)],
    text: /gateway: a\.log at byte 7/,
  },
  {
    code: 'unread-input',
    title: 'a log that was rewritten last week',
    verdict: 'unknown',
    blocked: [key([DEAD]), world([logs(800, [gap(6, 6, 'rewritten-log')])])],
    free: [key([DEAD]), world([logs(800, [gap(16, 16, 'rewritten-log')])])],
    text: /gateway: rewritten log 2026-12-14/,
  },
  {
    code: 'sampled',
    title: 'sampled logs',
    verdict: 'unknown',
    blocked: [key([DEAD]), world([logs(800, [], { sampled: true })])],
    free: [key([DEAD]), world(WHOLE)],
    text: /only a sample of the requests is logged by gateway/,
  },
  {
    code: 'ambiguous-key',
    title: 'a masked key that could be another',
    verdict: 'unknown',
    blocked: [key([DEAD], {}, { ambiguousWith: ['key-9'] }), world(WHOLE)],
    free: [key([DEAD]), world(WHOLE)],
    text: /cannot be told from key-9/,
  },
  {
    code: 'uncovered-source',
    title: 'a source in the inventory without logs',
    verdict: 'unknown',
    blocked: [key([], { source: 'eu' }), world(WHOLE)],
    free: [key([], { source: 'gateway' }), world(WHOLE)],
    text: /no logs of eu/,
  },
  {
    code: 'uncovered-source',
    title: 'a configured source that never sent a line',
    verdict: 'unknown',
    blocked: [key([]), world([...WHOLE, logs(0, [], { source: 'eu', firstDay: undefined })])],
    free: [key([]), world([...WHOLE, logs(800, [], { source: 'eu' })])],
    text: /no logs of eu/,
  },
  {
    code: 'provider-disagrees',
    title: 'a later use that only the provider saw',
    verdict: 'unknown',
    blocked: [key([DEAD], { lastUsedAt: noonOf(38) }), world(WHOLE)],
    free: [key([DEAD], { lastUsedAt: noonOf(39) }), world(WHOLE)],
    text: /provider says that it was last used at 2026-11-12T12:00:00\.000Z, the logs show the last call at 2026-11-10/,
  },
  {
    code: 'provider-disagrees',
    title: 'a use that only the provider saw, of a key without any call',
    verdict: 'unknown',
    blocked: [key([], { lastUsedAt: noonOf(700) }), world(WHOLE)],
    free: [key([], { lastUsedAt: noonOf(900) }), world(WHOLE)],
    text: /the logs show no call/,
  },
  {
    code: 'clock',
    title: 'a call that is stamped tomorrow',
    verdict: 'in-use',
    blocked: [key([system('billing', { used: [...daily(790, 40), -1] })]), world(WHOLE)],
    free: [key([DEAD]), world(WHOLE)],
    text: /stamped later than the time of this report, 2026-12-20T12:00:00\.000Z: calls by billing on 2026-12-21/,
  },
  {
    code: 'clock',
    title: 'a source whose clock is wrong',
    verdict: 'unknown',
    blocked: [key([DEAD]), world([logs(800, [], { faults: [fault('clock')] })])],
    free: [key([DEAD]), world(WHOLE)],
    text: /time stamps cannot be trusted: gateway: a\.log at byte 7/,
  },
  {
    code: 'clock',
    title: 'a source that is declared retired and sends records',
    verdict: 'unknown',
    blocked: [key([DEAD]), world([logs(800, [], { retired: { on: TODAY - 30, contradictedOn: TODAY - 20 } })])],
    free: [key([DEAD]), world([logs(800, [], { retired: { on: TODAY - 30, contradictedOn: undefined } })])],
    text: /^gateway is declared retired on 2026-11-20, but has records of 2026-11-30: its clock is wrong, or it is not/,
  },
  {
    code: 'uncovered-source',
    title: 'a source that showed no keys and was retired less than a year ago',
    verdict: 'waiting',
    blocked: [key([DEAD]), world([...WHOLE, retiredUnseen(364)])],
    free: [key([DEAD]), world([...WHOLE, retiredUnseen(366)])],
    text: /^its use could not be seen in edge, retired on 2025-12-21: needs 365 days since then$/,
    safeOn: '2026-12-22',
  },
  {
    code: 'exempt',
    title: 'an exemption',
    verdict: 'waiting',
    blocked: [key([DEAD]), world(WHOLE, exemption(AS_OF + 1))],
    free: [key([DEAD]), world(WHOLE, exemption(AS_OF - 1))],
    text: /exempt: break glass/,
    safeOn: '2026-12-21',
  },
];

test.each(cases)('$code blocks: $title', ({ code, verdict, blocked, free, text, safeOn }) => {
  const report = judge(...blocked);
  expect(report.blockers.map((blocker) => blocker.code)).toEqual([code]);
  expect(report).toMatchObject({ verdict, reason: code });
  expect(report.blockers[0]?.text).toMatch(text);
  if (safeOn !== undefined) expect(report.safeOn).toBe(safeOn);
  expect(judge(...free)).toMatchObject({ verdict: 'safe', blockers: [], reason: 'no-blocker', safeOn: null });
});

test('unnamed-caller-moved tells that a rule would let the move count', () => {
  const report = judge(moved[0], worldOf(moved, WHOLE));
  expect(report).toMatchObject({ verdict: 'waiting', reason: 'rhythm', safeOn: '2026-12-26' });
  expect(report.blockers.map(({ code }) => code)).toEqual(['rhythm', 'unnamed-caller-moved']);
  expect(report.blockers[1]?.text).toMatch(/py seems to have moved to key-2 on 2026-11-26.*21 days of silence/);
});

describe('an exemption', () => {
  test('can be said by the inventory, and is shown as such', () => {
    const kept = key([DEAD], { keepUntilAt: AS_OF + 86_400_000, keepReason: 'break glass' });
    expect(judge(kept, world(WHOLE))).toMatchObject({
      verdict: 'waiting',
      reason: 'exempt',
      exemption: { reason: 'the inventory says to keep it: break glass', until: '2026-12-21' },
      safeOn: '2026-12-22',
    });
    expect(judge(key([DEAD], { keepUntilAt: AS_OF - 1 }), world(WHOLE))).toMatchObject({
      verdict: 'safe',
      exemption: null,
    });
  });

  test('that lasts longer counts, wherever it stands', () => {
    const kept = key([DEAD], { keepUntilAt: AS_OF + 86_400_000 });
    const untilOf = (untilAt: number) => judge(kept, world(WHOLE, exemption(untilAt))).exemption;
    expect(untilOf(AS_OF + 2 * 86_400_000)).toEqual({ reason: 'break glass', until: '2026-12-22' });
    expect(untilOf(AS_OF - 1)).toEqual({ reason: 'the inventory says to keep it', until: '2026-12-21' });
  });

  test('without an end keeps the key and promises no date', () => {
    expect(judge(key([DEAD]), world(WHOLE, exemption(undefined)))).toMatchObject({
      verdict: 'waiting',
      reason: 'exempt',
      safeOn: null,
      exemption: { reason: 'break glass', until: null },
    });
  });

  test('that has ended is a finding, until it is given a new end or the key is deleted', () => {
    const ended = world(WHOLE, exemption(AS_OF - 1));
    expect(judge(key([DEAD]), ended)).toMatchObject({ verdict: 'safe', findings: ['exemption-ended'] });
    expect(judge(key([DEAD], { keepUntilAt: AS_OF - 1 }), world(WHOLE)).findings).toEqual(['exemption-ended']);
    expect(judge(key([DEAD], { keepUntilAt: AS_OF + 1 }), ended).findings).toEqual([]);
    expect(judge(key([DEAD], { status: 'deleted' }), ended).findings).toEqual([]);
  });

  test('does not hide that the key is in use', () => {
    const report = judge(key([system('billing', { used: daily(790, 1) })]), world(WHOLE, exemption(undefined)));
    expect(report).toMatchObject({ verdict: 'in-use', reason: 'recent-use' });
  });
});

describe('several sources', () => {
  test('a caller seen in two sources is silent only on days on which both are complete', () => {
    const caller = together(DEAD, system('billing', { used: [500], source: 'eu' }));
    expect(judge(key([caller]), world([...WHOLE, eu(800)])).verdict).toBe('safe');
    const holes = judge(key([caller]), world([...WHOLE, eu(800, [gap(30, 12)])]));
    expect(holes).toMatchObject({ verdict: 'unknown', reason: 'coverage-gap' });
  });

  test('a second source that began late does not shorten the pauses of before', () => {
    const caller = together(system('job', { used: every(31, 790, 46) }), system('job', { used: [77], source: 'eu' }));
    expect(judge(key([caller]), world([...WHOLE, eu(80)])).systems[0]?.rhythm?.requiredSilenceDays).toBe(93);
  });

  test('the source that the inventory names counts beside those where the key was seen', () => {
    const report = judge(key([DEAD], { source: 'eu' }), world([...WHOLE, eu(800, [gap(30, 12)])]));
    expect(report).toMatchObject({ verdict: 'unknown', reason: 'coverage-gap' });
  });

  test('a key that was never used needs every source, since it could have been used in any', () => {
    expect(judge(key([]), world([...WHOLE, eu(100)]))).toMatchObject({
      verdict: 'waiting',
      reason: 'never-used-watch',
    });
    expect(judge(key([], { source: 'gateway' }), world([...WHOLE, eu(100)])).verdict).toBe('safe');
  });

  test('a refusal in one source does not make that the only one where it could have been used', () => {
    const refused = key([system('scanner', { refused: [500] })]);
    expect(judge(refused, world([...WHOLE, eu(100)]))).toMatchObject({
      verdict: 'waiting',
      reason: 'never-used-watch',
    });
  });
});

test('a key without entry is not older than its first refused call', () => {
  const report = judge(unlistedKey([system('scanner', { refused: [200] })]), world(WHOLE));
  expect(report).toMatchObject({ verdict: 'waiting', reason: 'never-used-watch', status: 'unlisted' });
  expect(report.blockers[0]?.text).toMatch(/first seen on 2026-06-03/);
});

function eu(from: number, gaps: readonly Gap[] = []) {
  return logs(from, gaps, { source: 'eu' });
}

function retiredUnseen(daysAgo: number) {
  const retired = { on: TODAY - daysAgo, contradictedOn: undefined };
  return logs(800, [], { source: 'edge', keyKinds: [], retired });
}

function fault(reason: 'unread-input' | 'clock') {
  return { reason, detail: 'a.log at byte 7', fromAt: undefined, toAt: undefined } as const;
}

function exemption(untilAt: number | undefined): Partial<World> {
  return { exemptions: new Map([['key-1', { reason: 'break glass', untilAt }]]) };
}

describe('a key that was never used', () => {
  const unused = key([], { createdAt: noonOf(700), match: { by: 'fingerprint', key: 'k_1' } });
  const silentFor = (...coverage: ReturnType<typeof logs>[]): ReturnType<typeof judge> =>
    judge(unused, world(coverage));

  test('is safe when all the sources that show keys of its kind were watched for long enough', () => {
    expect(silentFor(logs(800)).verdict).toBe('safe');
  });

  test('is unknown when no record has ever shown a key', () => {
    const report = silentFor(logs(800, [], { keyKinds: [] }));
    expect(report).toMatchObject({ verdict: 'unknown', reason: 'uncovered-source' });
    expect(report.blockers[0]?.text).toBe(
      'the records of gateway have never shown a key of this kind: their silence proves nothing',
    );
  });

  test('is unknown when only keys of another kind were ever shown', () => {
    expect(silentFor(logs(800, [], { keyKinds: ['aws_access_key'] })).verdict).toBe('unknown');
  });

  test('is unknown while one more source shows no keys at all', () => {
    const edge = logs(800, [], { source: 'edge', keyKinds: [] });
    expect(silentFor(logs(800), edge)).toMatchObject({ verdict: 'unknown', reason: 'uncovered-source' });
  });

  test('does not ask sources that show other kinds of keys, or that are declared to carry none', () => {
    const aws = logs(10, [], { source: 'aws', keyKinds: ['aws_access_key'] });
    const fixed = logs(10, [], { source: 'static', keyKinds: undefined });
    expect(silentFor(logs(800), aws, fixed).verdict).toBe('safe');
  });

  test('is unknown when the source that its entry names shows no such keys', () => {
    const named = key([], { createdAt: noonOf(700), source: 'edge' });
    const report = judge(named, world([logs(800), logs(800, [], { source: 'edge', keyKinds: [] })]));
    expect(report).toMatchObject({ verdict: 'unknown', reason: 'uncovered-source' });
  });
});

describe('a key that was used and fell silent', () => {
  const dead = key([DEAD], { createdAt: noonOf(1000) });
  const unread = { reason: 'unread-input', detail: 'x.log: not read', fromAt: undefined, toAt: undefined } as const;
  const besides = (rest: Parameters<typeof logs>[2]): ReturnType<typeof judge> =>
    judge(dead, world([logs(800), logs(800, [], { source: 'edge', ...rest })]));

  test('is safe beside a source that shows such keys and not this one', () => {
    expect(besides({}).verdict).toBe('safe');
  });

  test.each([
    ['could not be read in part', { faults: [unread] }],
    ['could not be read at all', { firstDay: undefined, lastDay: undefined, faults: [unread] }],
    ['is full of unreadable records', { quarantineShare: 0.5, gaps: [gap(800, 1, 'quarantine')] }],
    ['never shows a key', { keyKinds: [] }],
  ])('is not safe beside a source that %s', (_, rest) => {
    expect(besides(rest).verdict).not.toBe('safe');
  });
});

test('a key that was never used is unknown when nothing of its inventory was ever seen', () => {
  const unseen = key([], { createdAt: noonOf(700) }, { isMatchProven: false });
  const report = judge(unseen, world(WHOLE));
  expect(report).toMatchObject({ verdict: 'unknown', reason: 'uncovered-source' });
  expect(report.blockers[0]?.text).toContain('no key that keys.csv describes in this way was ever seen');
});
