import type { Skip } from '../model.ts';
import type { Captures, FieldMap, Pairs, Sample } from './format.ts';

/** Reads one line: its captures, why it is no request, or undefined when it does not fit. */
export type LineReader = (line: string) => Captures | Pairs | Skip | undefined;

export function capturesIn(found: Captures | Pairs): Iterable<readonly [string, string | undefined]> {
  return isPairs(found) ? found : Object.entries(found);
}

function isPairs(found: Captures | Pairs): found is Pairs {
  return Array.isArray(found);
}

/** A field map for captures that bear the names of the usage fields they fill. */
export function sameNames(names: string): FieldMap {
  return Object.fromEntries(names.split(/\s+/).map((name) => [name, name]));
}

/** Share of the lines that fit, not counting those that are known to be no requests. */
export function shareOfLines(sample: Sample, read: LineReader): number {
  const results = sample.lines
    .map((line) => {
      const result = read(line);
      return result !== undefined && isObject(line) ? undefined : result;
    })
    .filter((result) => result === undefined || !('quarantined' in result));
  return results.length === 0 ? 0 : results.filter((result) => result !== undefined).length / results.length;
}

/** A line of JSON may hold one that fits; that is an envelope. */
function isObject(line: string): boolean {
  if (!line.startsWith('{')) return false;
  try {
    return typeof JSON.parse(line) === 'object';
  } catch {
    return false;
  }
}

/** Cuts the port from `1.2.3.4:80`, `[::1]:80` and `::1:80`, where the log always writes one. */
export function withoutPort(address: string): string {
  const colon = address.lastIndexOf(':');
  const host = colon < 0 ? address : address.slice(0, colon);
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}

/** The host of an absolute URL, without user and port. */
export function hostOf(url: string | undefined): string | undefined {
  const authority = /^[a-z]{2,10}:\/\/([^/?#]{0,512})/i.exec(url ?? '')?.[1];
  const host = authority?.slice(authority.lastIndexOf('@') + 1).replace(/:\d{0,5}$/, '');
  return host === '' ? undefined : host;
}
