import { kindOfPublicId } from '../attribution/credentials.ts';
import type { Evidence, KeyKind, SourceActivity, SourceCoverage } from '../model.ts';

/** How the logs would show this key if it were used. */
export function possibleKinds({ entry, kind }: Evidence): readonly KeyKind[] {
  if (entry === undefined) return [kind];
  const { match } = entry;
  if (match.by === 'fingerprint' || (match.by === 'masked' && match.keys === undefined)) return ['secret', 'masked'];
  if (kindOfPublicId(entry.id) === 'aws_access_key') return ['aws_access_key'];
  return ['secret', 'masked', 'public_id'];
}

/**
 * Whether the use of a key of these kinds shows in the records of a source. Only what has shown keys of a kind before can
 * prove that one was not used: the logs of a web server that does not write the key header prove nothing, however long.
 */
export function showsKinds({ keyKinds = [] }: SourceCoverage, kinds: readonly KeyKind[]): boolean {
  return keyKinds.some((kind) => kinds.includes(kind));
}

/**
 * Whether a key of these kinds might be used there: where such keys are seen, and where no keys are seen at all, unless
 * it is declared that the source carries none. Sources that show keys of other kinds only are for other keys.
 */
export function mayCarryKinds(coverage: SourceCoverage, kinds: readonly KeyKind[]): boolean {
  if (coverage.keyKinds === undefined) return false;
  return coverage.keyKinds.length === 0 || showsKinds(coverage, kinds);
}

/** Formats whose vendors log the id of each key that signs a call, of whatever kind it is, and the kind that is deleted. */
const TOLD: ReadonlyMap<string, KeyKind> = new Map([['aws-cloudtrail', 'aws_access_key']]);

/** Made anew for each session, and logged where a key is. */
const OF_SESSIONS: KeyKind = 'aws_sts_session_key';

/**
 * In such a format, a source that shows ids of sessions would show those of keys, too, as the sources beside it do: a quiet
 * region, in which only roles and services call, proves that no key was used there. One without any id proves nothing:
 * they may have been taken out on the way. `isMapped`: somebody says where keys sit in it, and may be wrong.
 */
export function withKindsOfFormat(
  activity: readonly SourceActivity[],
  isMapped: (source: string) => boolean,
): readonly SourceActivity[] {
  const told = activity.filter(
    ({ source, format, keyKinds }) => !isMapped(source) && keyKinds.some((kind) => kind === TOLD.get(format)),
  );
  const formats = new Set(told.map(({ format }) => format));
  return activity.map((one) => {
    const { source, format, keyKinds } = one;
    const kind = TOLD.get(format);
    if (kind === undefined || !formats.has(format) || isMapped(source) || keyKinds.length === 0) return one;
    return keyKinds.every((seen) => seen === OF_SESSIONS) ? { ...one, keyKinds: [...keyKinds, kind] } : one;
  });
}
