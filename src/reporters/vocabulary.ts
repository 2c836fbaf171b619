import type {
  Attribution,
  BlockerCode,
  ChangeKind,
  FindingKind,
  GapReason,
  KeyReport,
  SourceState,
  SystemState,
  Verdict,
} from '../model.ts';

/** The words of a report for people. Each table names every member of its type, in the order in which reports list them. */
export const VERDICT_WORDS: Readonly<Record<Verdict, { readonly word: string; readonly meaning: string }>> = {
  safe: { word: 'safe', meaning: 'can be deleted today' },
  'in-use': { word: 'in use', meaning: 'at least one system depends on it' },
  waiting: { word: 'waiting', meaning: 'safe on the date shown if nobody calls' },
  unknown: { word: 'unknown', meaning: 'the logs cannot answer' },
};

export const FINDING_WORDS: Readonly<Record<FindingKind, string>> = {
  shadow: 'in the traffic, but in no inventory',
  zombie: 'disabled or deleted, but still called',
  straddling: 'one system calls with old and new key',
  revived: 'was safe, and was called again',
  'silent-source': 'its source has stopped sending logs',
  'provider-disagrees': 'the provider saw a later use',
  'exemption-ended': 'its exemption has ended',
};

/** What is urgent comes first. */
export const CHANGE_WORDS: Readonly<Record<ChangeKind, string>> = {
  revived: FINDING_WORDS.revived,
  withdrawn: 'was safe, and is not any more',
  shadow: FINDING_WORDS.shadow,
  zombie: FINDING_WORDS.zombie,
  'provider-disagrees': FINDING_WORDS['provider-disagrees'],
  'silent-source': FINDING_WORDS['silent-source'],
  straddling: FINDING_WORDS.straddling,
  'exemption-ended': FINDING_WORDS['exemption-ended'],
  'newly-safe': 'can be deleted today, and could not',
};

export const BLOCKER_WORDS: Readonly<Record<BlockerCode, string>> = {
  'recent-use': 'used recently',
  rhythm: 'not silent long enough for its rhythm',
  'too-few-uses': 'too few uses to know its rhythm',
  'young-caller': 'in use for too short a time to know its rhythm',
  'too-new': 'too new',
  'never-used-watch': 'never used, not watched long enough',
  'refused-recently': 'refused recently',
  'coverage-gap': 'gaps in the logs',
  'silent-source': 'a source fell silent',
  'late-window': 'late records may still come',
  quarantine: 'unreadable records',
  'unread-input': 'input not fully read',
  sampled: 'logs are sampled',
  'ambiguous-key': 'cannot be told from another key',
  'unnamed-caller-moved': 'an unnamed caller may have moved',
  'no-created-at': 'no creation date',
  'uncovered-source': 'no logs that would show it',
  'provider-disagrees': 'the provider saw a later use',
  clock: 'clocks disagree',
  exempt: 'kept by an exemption',
};

export const GAP_WORDS: Readonly<Record<GapReason, string>> = {
  'before-first-record': 'before the first record',
  'no-records': 'no records',
  'few-records': 'fewer records than usual',
  'unread-input': 'input not fully read',
  quarantine: 'too many unreadable records',
  'declared-outage': 'declared outage',
  'rewritten-log': 'log was rewritten',
  sampled: 'only a sample is logged',
  'older-copy': 'lost with a newer copy of the database',
  'late-window': 'records may be late',
};

export const STATUS_WORDS: Readonly<Record<KeyReport['status'], string>> = {
  active: 'active',
  disabled: 'disabled',
  deleted: 'deleted',
  unlisted: 'in no inventory',
};

export const STATE_WORDS: Readonly<Record<SystemState, string>> = {
  active: 'active',
  quiet: 'quiet',
  gone: 'gone',
  moved: 'moved',
};

export const SOURCE_STATE_WORDS: Readonly<Record<SourceState, string>> = {
  active: 'active',
  silent: 'nothing arrives any more',
  retired: 'retired',
};

export const ATTRIBUTION_WORDS: Readonly<Record<Attribution, string>> = {
  rule: 'named by a rule',
  field: 'named by the log',
  derived: 'named from agent and network',
  overflow: 'more callers than can be told apart',
};

/** The words of a table in their order, typed. */
export function wordsOf<Word extends string>(table: Readonly<Record<Word, unknown>>): readonly Word[] {
  return Object.keys(table) as Word[];
}
