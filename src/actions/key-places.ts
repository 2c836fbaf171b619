import type { SourceConfig } from '../config/config.ts';
import type { Format } from '../formats/format.ts';

/** More alternatives than this are what a format tries, and say little of one log. */
const FEW = 3;

/**
 * Where the records of a source carry keys, for people who have to find the place that sends one: as the source is
 * mapped, else as its format has it. For calls of which it is not known in which of these places their key stood.
 */
export function keyPlace(
  format: string,
  source: Pick<SourceConfig, 'fields' | 'keyHeaders' | 'keyPaths' | 'logFormatString'> | undefined,
  formats: readonly Format[],
): string {
  const mapped = pathsIn(source?.fields ?? {});
  const own = formats.find(({ name }) => name === format)?.fields ?? {};
  const paths = [
    ...(mapped.length > 0 ? mapped : pathsIn(own)),
    ...(source?.keyHeaders ?? []),
    ...(source?.keyPaths ?? []),
  ];
  if (paths.length === 0) {
    return source?.logFormatString === undefined ? 'a parameter of the query' : 'what its log format writes of the key';
  }
  return paths.length <= FEW ? paths.join(' or ') : `one of the headers and fields in which ${format} logs keys`;
}

function pathsIn({ key, keyId }: { readonly key?: string; readonly keyId?: string }): readonly string[] {
  return [key, keyId].flatMap((paths) => (paths === undefined ? [] : paths.split('||').map((path) => path.trim())));
}
