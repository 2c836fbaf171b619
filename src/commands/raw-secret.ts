import { rawSecretKind } from '../attribution/raw-secret.ts';

/**
 * Says whether a text is clearly a raw secret and not the id or the name of a key. Ids are short (`k_` fingerprints, AWS
 * access key ids, ULIDs) or of one letter case (UUIDs, digests), names are made of words, and masked forms have dots.
 */
export function isRawSecret(text: string): boolean {
  const kind = rawSecretKind(text);
  return kind === 'certain' || (kind === 'likely' && text.split(/[-_/]/).some(isRandom));
}

// In random text about six in ten neighbours differ in kind (lower case, upper case, digit); in words few do.
function isRandom(run: string): boolean {
  if (run.length < 30 || !/[a-z]/.test(run) || !/[A-Z]/.test(run) || !/\d/.test(run)) return false;
  const changes = run.match(/[a-z](?=[^a-z])|[A-Z](?=[^A-Z])|\d(?=\D)/g)?.length ?? 0;
  return changes / (run.length - 1) > 0.4;
}
