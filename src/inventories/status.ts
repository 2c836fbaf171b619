import type { EpochMs, KeyStatus } from '../model.ts';
import { isAbsent, readDate, readEnd } from './dates.ts';

const TRUE = new Set(['true', 'yes', 'y', '1', 'on']);
const FALSE = new Set(['false', 'no', 'n', '0', 'off']);

/** Columns that hold a word for the status. Names and words as `plainName` writes them. */
const WORD_COLUMNS = ['status', 'state', 'keystatus', 'keystate', 'accesskeystatus'];

/** Columns that say yes or no, or since when; and what a yes means. */
const FLAG_COLUMNS: Readonly<Record<string, KeyStatus>> = {
  enabled: 'active',
  isenabled: 'active',
  active: 'active',
  isactive: 'active',
  disabled: 'disabled',
  isdisabled: 'disabled',
  disabledat: 'disabled',
  inactive: 'disabled',
  suspended: 'disabled',
  blocked: 'disabled',
  expired: 'disabled',
  revoked: 'deleted',
  isrevoked: 'deleted',
  revokedat: 'deleted',
  deleted: 'deleted',
  isdeleted: 'deleted',
  deletedat: 'deleted',
  deletetime: 'deleted',
  deletiontime: 'deleted',
};

const WORDS: Readonly<Record<KeyStatus, readonly string[]>> = {
  active: ['active', 'enabled', 'enable', 'live', 'valid', 'current', 'issued', 'inuse'],
  disabled: [
    'inactive',
    'disabled',
    'disable',
    'suspended',
    'paused',
    'blocked',
    'locked',
    'archived',
    'expired',
    'deactivated',
  ],
  deleted: ['deleted', 'removed', 'revoked', 'destroyed'],
};

const STATUS_OF_WORD = new Map<string, KeyStatus>(
  (['active', 'disabled', 'deleted'] as const).flatMap((status) =>
    WORDS[status].map((word) => [word, status] as const),
  ),
);

/** Names of columns that tell the status. */
export const STATUS_COLUMNS: readonly string[] = [...WORD_COLUMNS, ...Object.keys(FLAG_COLUMNS)];

/** Words that a status column may hold, for people. */
export const STATUS_WORDS: readonly string[] = [...STATUS_OF_WORD.keys()];

/** What one cell says; `column` and `word` as `plainName` writes them. Undefined: nothing. */
export function readStatus(column: string, word: string, text: string): KeyStatus | 'unknown' | undefined {
  if (isAbsent(text)) return undefined;
  const flag = Object.hasOwn(FLAG_COLUMNS, column) ? FLAG_COLUMNS[column] : undefined;
  if (flag === undefined) return STATUS_OF_WORD.get(word) ?? 'unknown';
  if (TRUE.has(word)) return flag;
  if (FALSE.has(word)) return flag === 'active' ? 'disabled' : undefined;
  if (flag === 'active') return STATUS_OF_WORD.get(word) ?? 'unknown';
  const since = readDate(text);
  return since === 'impossible' ? (STATUS_OF_WORD.get(word) ?? 'unknown') : since === undefined ? undefined : flag;
}

/** When a key was disabled or deleted, where one of the columns of the last kind says when; a day stands for its end. */
export function readDisabledAt(column: string, text: string): EpochMs | undefined {
  if (FLAG_COLUMNS[column] === undefined || FLAG_COLUMNS[column] === 'active') return undefined;
  const at = readEnd(text);
  return at === 'impossible' ? undefined : at;
}

/** The one that is nearer to the end of a key: columns such as `active` and `revoked` stand side by side. */
export function laterStatus(a: KeyStatus, b: KeyStatus): KeyStatus {
  return a === 'deleted' || b === 'deleted' ? 'deleted' : a === 'disabled' || b === 'disabled' ? 'disabled' : 'active';
}
