import fs from 'node:fs';
import path from 'node:path';
import type { Detection } from '../ingest/detect-format.ts';

/** Configurations of servers; what includes them mostly bears these endings too. */
const CONFIGURATION = /\.(?:conf|cfg)$/i;
const MAX_BYTES = 1024 * 1024;

const QUOTED = String.raw`'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*"`;
/** `log_format main '...' '...';` */
const NGINX = new RegExp(String.raw`^[ \t]*log_format\s+\w+\s+(?:escape=\w+\s+)?((?:(?:${QUOTED})\s*)+);`, 'gm');
/** `LogFormat "..." name`, and `CustomLog "logs/access.log" "..."`. */
const APACHE = new RegExp(String.raw`^[ \t]*(?:LogFormat|CustomLog[ \t]+(?:"[^"\n]*"|\S+))[ \t]+(${QUOTED})`, 'gm');

/** The log format strings that a server's configuration holds; undefined: the file is none, or holds none. */
export function formatStringsIn(file: string): readonly string[] | undefined {
  if (!CONFIGURATION.test(path.basename(file))) return undefined;
  const text = textOf(file);
  const found = [NGINX, APACHE].flatMap((directive) => [...text.matchAll(directive)].map(([, quoted = '']) => quoted));
  return found.length === 0 ? undefined : [...new Set(found.map(joined))];
}

function textOf(file: string): string {
  try {
    return fs.statSync(file).size > MAX_BYTES ? '' : fs.readFileSync(file, 'utf8');
  } catch {
    // Why it cannot be read is said where it is looked at as a log.
    return '';
  }
}

/** As one string, without what its quotes ask for. */
function joined(quoted: string): string {
  const parts = quoted.match(new RegExp(QUOTED, 'g')) ?? [];
  return parts.map((part) => part.slice(1, -1).replace(/\\(?:\r?\n[ \t]*|(['"]))/g, '$1')).join('');
}

/** What a log is called that such a string describes. */
export const DESCRIBED = 'custom';

/** Whether a format string fits each of the first lines of a log, which is no log of another kind. */
export function fitsLines({ format, problem, records, skipped }: Detection, other: Detection): boolean {
  const isText = other.isText || other.format === undefined;
  return (
    isText && format !== undefined && problem === undefined && records > 0 && skipped['malformed-line'] === undefined
  );
}

/** Whether it shows more keys than what the log is taken for otherwise, or that is nothing. */
export function tellsMore(detection: Detection, other: Detection): boolean {
  return other.format === undefined || other.problem !== undefined || keyShare(detection) > keyShare(other);
}

function keyShare({ fields }: Detection): number {
  return Math.max(0, ...fields.filter(({ field }) => field === 'key' || field === 'keyId').map(({ share }) => share));
}
