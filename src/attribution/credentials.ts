import type { KeyKind } from '../model.ts';

export { extractCredentials, type Credential } from './header-credentials.ts';
export { extractFromCookie, extractFromUrl, KEY_PARAMETERS } from './url-credentials.ts';

/** What kind of key a public id is: AWS says it in the first letters. */
export function kindOfPublicId(text: string): KeyKind {
  if (!AWS_KEY_ID.test(text)) return 'public_id';
  return text.startsWith('ASIA') ? 'aws_sts_session_key' : 'aws_access_key';
}

const AWS_KEY_ID = /^A[KS]IA[A-Z0-9]{12,124}$/;
