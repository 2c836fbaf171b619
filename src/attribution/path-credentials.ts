import { LastcallError } from '../errors.ts';
import { carriedBy, type CarriedCredential } from './url-credentials.ts';

/** Finds the keys in the path of an address. */
export type KeyPaths = (path: string) => readonly CarriedCredential[];

const KEY = '{key}';

/**
 * Where keys stand in paths: `/v3/{key}`, `/bot{key}/`, `/hooks/{key}`. A template says how a path begins; `*` is any
 * text between two slashes. Throws `config` for one without exactly one `{key}`.
 */
export function compileKeyPaths(templates: readonly string[] | undefined): KeyPaths | undefined {
  if (templates === undefined || templates.length === 0) return undefined;
  const readers = templates.map(readerOf);
  return (path) => readers.flatMap((read) => read(path));
}

function readerOf(template: string): KeyPaths {
  const problem = keyPathProblem(template);
  if (problem !== undefined) throw new LastcallError('config', `"${template}" ${problem}`);
  const wanted = segmentsOf(template.replace(/\/$/, ''));
  const place = wanted.findIndex((segment) => segment.includes(KEY));
  const [before = '', after = ''] = (wanted[place] as string).split(KEY);
  return (path) => {
    const segments = segmentsOf(path);
    const key = segments[place];
    if (key === undefined || segments.length < wanted.length) return [];
    if (!wanted.every((segment, i) => i === place || segment === '*' || segment === segments[i])) return [];
    if (key.length < before.length + after.length || !key.startsWith(before) || !key.endsWith(after)) return [];
    return carriedBy(`path ${template}`, decoded(key.slice(before.length, key.length - after.length)), 'secret');
  };
}

/** What is wrong with a template. */
export function keyPathProblem(template: string): string | undefined {
  if (!template.startsWith('/')) return 'must begin with a slash, as paths do';
  return template.split(KEY).length === 2 ? undefined : `must hold ${KEY} once, e.g. /v3/${KEY}`;
}

/** What stands between the slashes of a path. */
export function segmentsOf(path: string): readonly string[] {
  return path.replace(/^\/+/, '').split('/');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
