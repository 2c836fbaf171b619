import fs from 'node:fs';
import path from 'node:path';
import type { Ledger } from '../engines/sqlite/ledger.ts';
import type { Fault } from '../model.ts';
import { type LeftOut, mayHideCalls, rootOf } from '../sources/inputs.ts';
import { placeOf } from '../sources/log-file.ts';
import type { LogSettings } from './reading-plan.ts';
import type { Problem } from './problem.ts';

interface Context {
  readonly ledger: Ledger;
  readonly scan: number;
  readonly settingsOf: (path: string) => LogSettings;
}

/** Faults of this kind go when the directory can be listed, or the link is mended or gone: it held no calls itself. */
const UNLISTED = 'not listed';

/** Notes as unread what may hide calls and was left out of the logs, and says what was left out at all. */
export function noteLeftOut(
  leftOut: readonly LeftOut[],
  given: readonly string[],
  { ledger, scan, settingsOf }: Context,
): readonly Problem[] {
  const isGiven = withinAny(given);
  for (const place of ledger.placesMarked(UNLISTED)) {
    if (isGiven(place) && !isStillUnlisted(place))
      ledger.clearFaults({ path: place, stream: 0, source: undefined, file: '' });
  }
  for (const one of leftOut.filter(mayHideCalls)) {
    const { source } = settingsOf(one.path);
    const fault: Fault = { reason: 'unread-input', detail: WORDS[one.why], fromAt: undefined, toAt: undefined };
    ledger.addFault({ path: placeOf(one.path), stream: 0, source, file: UNLISTED }, fault, scan);
  }
  return problemsOf(leftOut);
}

const WORDS: Readonly<Record<LeftOut['why'], string>> = {
  'unreadable-directory': 'this directory cannot be listed: the logs in it were not read',
  'broken-link': 'this link leads nowhere: the logs behind it were not read',
  'not-a-file': 'it is no regular file and was passed over',
  'dot-file': 'dot files were passed over',
};

const HINTS: Readonly<Record<LeftOut['why'], string | undefined>> = {
  'unreadable-directory': 'Give this user the right to read it, or name the logs one by one.',
  'broken-link': 'Mend the link or remove it.',
  'not-a-file': 'What a pipe carries is read through standard input: lastcall ingest -',
  'dot-file': 'Name such a file itself if it is a log.',
};

/** What hides calls is told one by one, the rest together. */
export function problemsOf(leftOut: readonly LeftOut[]): readonly Problem[] {
  const hiding = leftOut.filter(mayHideCalls).map(({ path: file, why }) => problem(file, why, ''));
  const devices = leftOut
    .filter(({ why }) => why === 'not-a-file')
    .map(({ path: file, why }) => problem(file, why, ''));
  const dots = leftOut.filter(({ why }) => why === 'dot-file');
  const [first] = dots;
  const more = dots.length === 1 ? '' : ` (${dots.length})`;
  return [...hiding, ...devices, ...(first === undefined ? [] : [problem(first.path, 'dot-file', more)])];
}

function problem(file: string, why: LeftOut['why'], more: string): Problem {
  return { file, message: WORDS[why] + more, hint: HINTS[why], isIncomplete: mayHideCalls({ path: file, why }) };
}

function isStillUnlisted(place: string): boolean {
  const link = fs.lstatSync(place, { throwIfNoEntry: false });
  if (link === undefined) return false;
  try {
    if (fs.statSync(place).isDirectory()) fs.readdirSync(place);
    return false;
  } catch {
    return true;
  }
}

/** Whether a place lies within one of the logs that were given. */
function withinAny(given: readonly string[]): (place: string) => boolean {
  const roots = given.map(rootOf);
  return (place) => roots.some((root) => place === root || place.startsWith(`${root}${path.sep}`));
}
