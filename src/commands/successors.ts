import { LastcallError } from '../errors.ts';
import { readPairs } from './pairs.ts';
import { isRawSecret } from './raw-secret.ts';
import type { Setting } from './settings.ts';

/** A key that replaces another, both by their ids, and where that was said. */
export interface SuccessorOption {
  readonly key: string;
  readonly successor: string;
  readonly origin: string;
}

/**
 * What was typed, then what the configuration says of other keys. Beside one key that is `explained`, its successor alone
 * is enough.
 */
export function readSuccessors(
  setting: Setting | undefined,
  configured: Readonly<Record<string, string>>,
  configuredAt: string,
  explained: string | undefined,
): readonly SuccessorOption[] {
  // Others can see arguments, and what is wrong is repeated in the error.
  if (setting?.texts.some((text) => text.split('=').some(isRawSecret)) === true) {
    throw new LastcallError('usage', `${setting.origin} takes the ids of keys, and this looks like a key itself`, {
      hint: 'Name the keys as `lastcall report` does: by id or k_ fingerprint.',
    });
  }
  const pairs = setting && { ...setting, texts: setting.texts.map((text) => withKey(text, explained)) };
  const typed = Object.entries(readPairs(pairs, () => undefined));
  const others = Object.entries(configured).filter(([key]) => !typed.some(([name]) => name === key));
  const all = [
    ...typed.map(([key, successor]) => ({ key, successor, origin: setting?.origin ?? '' })),
    ...others.map(([key, successor]) => ({ key, successor, origin: configuredAt })),
  ];
  const own = all.find(({ key, successor }) => key === successor);
  if (own !== undefined) throw new LastcallError('usage', `${own.origin}: "${own.key}" cannot be its own successor`);
  return all;
}

function withKey(text: string, explained: string | undefined): string {
  return explained === undefined || text.includes('=') ? text : `${explained}=${text}`;
}
