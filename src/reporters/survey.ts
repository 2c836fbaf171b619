import type { Survey, SurveyedInventory, SurveyedSource } from '../init/survey.ts';
import type { Usage } from '../model.ts';
import { count, percent, plural } from './figures.ts';
import { inert } from './inert.ts';
import type { View } from './reporter.ts';
import { truncate, wrap } from './text-width.ts';

/** For `lastcall init`: what was understood of each file, a call of each source without its key, and what was not. */
export function* renderSurvey(survey: Survey, view: View): Iterable<string> {
  const keyless = survey.sources.filter(({ calls }) => calls.every(({ keys }) => keys.length === 0));
  const asksOnce = keyless.length > MOST_QUESTIONS;
  for (const source of survey.sources) yield* sourceText(source, view, asksOnce);
  if (asksOnce) yield* askOnce(keyless, view);
  for (const inventory of survey.inventories) yield* inventoryText(inventory);
  yield* leftOutText(survey);
  yield* strangersText(survey);
}

/** Of more sources without keys, it is asked once where they are. */
const MOST_QUESTIONS = 3;

function* askOnce(keyless: readonly SurveyedSource[], view: View): Iterable<string> {
  const names = keyless.map(({ name }) => inert(name)).join(', ');
  const question = `${plural(keyless.length, 'source')} show no key: ${names}. Where do keys sit in them? Map the field, or give the log format string of the server (logFormatString); only if none of your keys is ever sent there, declare that (carriesKeys: false).`;
  yield* wrap(question, Math.max(40, view.columns), FIELD_LINES).map((line) => `${line}\n`);
}

function* sourceText(source: SurveyedSource, view: View, asksOnce: boolean): Iterable<string> {
  const { name, pattern, logs, detection, calls, fields } = source;
  yield `source ${inert(name)}: ${inert(pattern)}, ${plural(logs.length, 'file')}, ${detection.title ?? ''}\n`;
  const example = calls.find(({ keys }) => keys.length > 0) ?? calls[0];
  if (example !== undefined) yield `  ${truncate(inert(callText(example)), Math.max(40, view.columns - 2))}\n`;
  const keyed = calls.filter(({ keys }) => keys.length > 0).length;
  yield `  ${plural(keyed, 'call')} of ${count(calls.length)} sampled ones show a key`;
  yield `; ${plural(new Set(calls.map(({ system }) => system.name)).size, 'caller')}\n`;
  const masked = maskedText(calls);
  if (masked !== undefined) yield `  ${masked}\n`;
  for (const { file, why } of source.damaged) {
    yield `  ${inert(file)}: ${inert(why)}. Its days prove nothing until it is there whole\n`;
  }
  const mapped = Object.entries(fields);
  if (mapped.length > 0) yield `  mapped by name or shape: ${inert(mapped.map((pair) => pair.join('=')).join(', '))}\n`;
  if (detection.keyPaths !== undefined) {
    const places = detection.keyPaths.places.map(({ share, example: one }) => `${inert(one)} in ${percent(share)}`);
    yield `  ${places.join(' and ')} of the paths look like keys: if they are, ${inert(detection.keyPaths.setting)}\n`;
  }
  if (keyed === 0) yield* keylessText(source, view, asksOnce);
}

/** What calls say whose keys are not there whole; undefined: most show one. */
export function maskedText(calls: readonly Usage[]): string | undefined {
  const shown = calls.flatMap(({ keys }) => keys);
  const masked = shown.filter(({ kind }) => kind === 'masked');
  if (masked.length * 2 <= shown.length) return undefined;
  return masked.every(({ key }) => key === REDACTED)
    ? 'They are redacted: that a key is used can be seen, and not which. Have the server log keys, or their ids.'
    : 'They show a part of it: only a list with whole keys, or with their SHA-256, can tell which it is.';
}

const REDACTED = 'masked:...';

/** Of very many fields, so many lines. */
const FIELD_LINES = 6;

function* keylessText({ detection }: SurveyedSource, view: View, asksOnce: boolean): Iterable<string> {
  const { isText, available } = detection;
  if (!asksOnce) yield isText ? WHERE_IN_TEXT : WHERE_IN_FIELDS;
  if (isText || available.length === 0) return;
  const fields = wrap(`Fields there: ${inert(available.join(', '))}`, Math.max(40, view.columns - 2), FIELD_LINES);
  yield* fields.map((line) => `  ${line}\n`);
}

const WHERE_IN_TEXT =
  '  Where do keys sit in it? If its lines show them, give the log format string of the server (logFormatString);\n  only if none of your keys is ever sent there, declare that (carriesKeys: false).\n';
const WHERE_IN_FIELDS =
  '  Where do keys sit in it? Map the field; only if none of your keys is ever sent there, declare that\n  (carriesKeys: false).\n';

/** `2026-10-30 08:15:02  acme_...4Zk2  billing @ 10.0.4.0/24  GET /v1/items  accepted` */
function callText({ at, keys, system, method, action, outcome }: Usage): string {
  const time = new Date(at).toISOString().slice(0, 19).replace('T', ' ');
  const call = [method, action].filter((text) => text !== undefined).join(' ');
  const key = keys[0]?.display ?? 'no key';
  return [time, key, system.name, call, outcome].filter((text) => text !== '').join('  ');
}

function* inventoryText(inventory: SurveyedInventory): Iterable<string> {
  const { file, newest, format, entries, seen, partial, remedy } = inventory;
  yield `inventory ${inert(file)}: ${plural(entries.length, 'key')} (${format}), ${callingText(seen)}\n`;
  if (newest !== undefined) yield `  Read is the last one by name, now ${inert(newest)}\n`;
  if (seen === 0) yield `  ${UNSEEN}\n`;
  if (partial !== undefined) yield `  Not complete: ${inert(partial)}\n`;
  if (remedy !== undefined) yield `  ${inert(remedy)}\n`;
}

/** Until one of them was seen, nothing tells that the list and the logs speak of the same keys. */
export const UNSEEN =
  'Do the logs show keys as this list does: whole, as SHA-256, masked, or by id? Else none of them can be found there.';

/** `1 of them calls in the samples` */
export function callingText(seen: number): string {
  return `${count(seen)} of them ${seen === 1 ? 'calls' : 'call'} in the samples`;
}

const MOST_STRANGERS = 10;

function* leftOutText({ leftOut }: Survey): Iterable<string> {
  if (leftOut.length === 0) return;
  yield `left out: ${plural(leftOut.length, 'file or group of files', 'files or groups of files')}\n`;
  for (const { source, why } of leftOut.slice(0, MOST_STRANGERS)) {
    yield `  ${inert(source.pattern)}: ${inert(why)}\n`;
    yield* asListText(source.logs[0]?.asList);
  }
  if (leftOut.length > MOST_STRANGERS) yield `  and ${leftOut.length - MOST_STRANGERS} more\n`;
  yield '  If one is a log of calls, take it in: it stands in the configuration, behind #.\n';
}

function* asListText(asList: string | undefined): Iterable<string> {
  if (asList !== undefined) yield `    as a list of keys: ${inert(asList)}\n`;
}

function* strangersText({ strangers }: Survey): Iterable<string> {
  if (strangers.length === 0) return;
  yield `neither a log nor a list of keys: ${plural(strangers.length, 'file')}\n`;
  for (const { file, why, asList } of strangers.slice(0, MOST_STRANGERS)) {
    yield `  ${inert(file)}: ${inert(why)}\n`;
    yield* asListText(asList);
  }
  if (strangers.length > MOST_STRANGERS) yield `  and ${strangers.length - MOST_STRANGERS} more\n`;
  yield '  If one is a log: lastcall formats detect <file> says what its values look like, and how to describe it.\n';
  yield '  If one is a list of keys: lastcall keys import <file> --key-field id=<column> says what its columns are.\n';
}
