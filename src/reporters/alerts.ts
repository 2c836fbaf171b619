import type { FindingKind, KeyReport } from '../model.ts';
import { isDeletable } from './key-names.ts';
import { FINDING_WORDS, VERDICT_WORDS, wordsOf } from './vocabulary.ts';

/** What other tools are told of a key: that it can be deleted, and each finding. */
export type AlertName = 'safe' | FindingKind;

/** As other tools grade: 1 is for information only, 4 is high. */
export type Severity = 1 | 2 | 3 | 4;

const SEVERITIES: Readonly<Record<AlertName, Severity>> = {
  safe: 1,
  shadow: 4,
  zombie: 3,
  straddling: 2,
  revived: 4,
  'silent-source': 3,
  'provider-disagrees': 3,
  'exemption-ended': 2,
};

export interface Alert {
  readonly name: AlertName;
  readonly title: string;
  readonly severity: Severity;
}

/** Every alert that there may be, in the order in which they are listed. */
export const ALERTS: readonly Alert[] = [
  { name: 'safe', title: VERDICT_WORDS.safe.meaning, severity: SEVERITIES.safe },
  ...wordsOf(FINDING_WORDS).map((name) => ({ name, title: FINDING_WORDS[name], severity: SEVERITIES[name] })),
];

/** Those of one key. A key that only waits, is in use, cannot be known or is deleted asks nothing of anybody. */
export function alertsOf(key: KeyReport): readonly Alert[] {
  return ALERTS.filter(({ name }) => (name === 'safe' ? isDeletable(key) : key.findings.includes(name)));
}
