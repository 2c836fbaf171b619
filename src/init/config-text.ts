import path from 'node:path';
import { stringify } from 'yaml';
import type { EpochMs, InventoryEntry } from '../model.ts';
import { dayOf, isoDay } from '../verdicts/calendar.ts';
import { percent, plural } from '../reporters/figures.ts';
import { inert, inertJson } from '../reporters/inert.ts';
import { callingText, maskedText, UNSEEN } from '../reporters/survey.ts';
import { wrap } from '../reporters/text-width.ts';
import { type CallerCluster, clusterCallers } from './callers.ts';
import { DESCRIBED } from './format-strings.ts';
import type { LeftOut } from './left-out.ts';
import type { Survey, SurveyedInventory, SurveyedSource } from './survey.ts';

/** A commented `lastcall.yaml` of what was found. `folder`: where it will lie; paths are relative to it. */
export function configText({ sources, leftOut, inventories }: Survey, folder: string, now: EpochMs): string {
  return [
    '# What lastcall reads and knows. Written by `lastcall init`: a proposal, to be read once and kept by you.',
    '# Lines that begin with # are ideas; take the # away from those that are right.',
    '',
    'sources:',
    ...sources.flatMap((source) => [...sourceLines(source, folder), '']),
    ...leftOut.flatMap((one) => [...leftOutLines(one, folder), '']),
    ...inventoryLines(inventories, folder),
    '',
    ...systemLines(sources),
    '',
    ...exemptionLines(
      inventories.flatMap(({ entries }) => entries),
      isoDay(dayOf(now) + 365),
    ),
    '# Where nobody answers for the exit code but cron: what should be a failure?',
    '# failOn: [zombie, shadow, silent-source]',
    '',
  ].join('\n');
}

function sourceLines(source: SurveyedSource, folder: string): readonly string[] {
  const { name, pattern, format, formatStrings, logs, fields, detection } = source;
  const mapped = Object.entries(fields) as [string, string][];
  const taken = new Set(mapped.map(([, at]) => at));
  const others = detection.suggestions.filter(({ field, path: at }) => !(field in fields) && !taken.has(at));
  const ideas = [
    ...others.map(
      ({ field, path: at, share }) => `      # ${field}: ${scalar(at)} # in ${percent(share)} of the records`,
    ),
    ...(isKeyless(source) && !others.some(({ field }) => field === 'key')
      ? ['      # key: FIELD # the one in which the key sits, or keyId for an id that is no secret']
      : []),
  ];
  return [
    `  # ${plural(logs.length, 'file')}: ${detection.title ?? format}.`,
    ...(detection.limits === undefined ? [] : [`  # ${detection.limits}`]),
    ...keyShare(source),
    `  - name: ${scalar(name)}`,
    `    paths: [${scalar(fromFolder(pattern, folder))}]`,
    ...(format === DESCRIBED
      ? [`    logFormatString: ${quoted(formatStrings[0]!)} # as the configuration of the server has it`]
      : [`    format: ${scalar(format)}`, ...formatStringIdeas(source)]),
    ...keyPathsIdea(detection),
    '    # deliveryLag: 1 day # after how long no late record comes any more; leave it out if you are not sure',
    ...(mapped.length === 0 ? [] : ['    fields:']),
    ...mapped.map(([field, at]) => `      ${field}: ${scalar(at)}`),
    ...(mapped.length === 0 && ideas.length > 0 ? ['    # fields:'] : []),
    ...ideas,
  ];
}

/** As what it would be, behind #. */
function leftOutLines({ source, why }: LeftOut, folder: string): readonly string[] {
  const lines = sourceLines(source, folder).filter((line) => !line.trimStart().startsWith('#'));
  return [`  # Left out: ${inert(why)}.`, ...lines.map((line) => line.replace(/^ {2}/, '  # '))];
}

/** A format of text that shows no key may be the start of a longer line, as many servers are told to write. */
function formatStringIdeas({ format, formatStrings, calls, detection }: SurveyedSource): readonly string[] {
  if (formatStrings.length > 1) {
    return formatStrings.map(
      (one) =>
        `    # logFormatString: ${quoted(one)} # in place of format, if this log is written so: more than one fits`,
    );
  }
  if (!detection.isText || keyedCalls(calls) > 0) return [];
  const example = format === 'haproxy' ? "'%ci:%cp [%tr] ... %hr'" : NGINX_WITH_KEY;
  return [
    `    # logFormatString: ${example} # where keys come in a header: as the server's configuration has it, in place of format`,
  ];
}

function isKeyless({ calls, detection }: SurveyedSource): boolean {
  return !detection.isText && keyedCalls(calls) === 0;
}

/** What nginx is told most often where keys come in a header. */
const NGINX_WITH_KEY = `'$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" "$http_x_api_key"'`;

/** Only the user can tell keys in paths from ids. */
function keyPathsIdea({ keyPaths }: SurveyedSource['detection']): readonly string[] {
  if (keyPaths === undefined) return [];
  const places = keyPaths.places.map(({ share, example }) => `${inert(example)} in ${percent(share)} of the calls`);
  return [`    # ${inert(keyPaths.setting)} # if what stands there are keys: ${places.join(', ')}`];
}

function keyedCalls(calls: SurveyedSource['calls']): number {
  return calls.filter(({ keys }) => keys.length > 0).length;
}

function keyShare({ calls, detection }: SurveyedSource): readonly string[] {
  const keyed = keyedCalls(calls);
  if (keyed > 0) {
    const masked = maskedText(calls);
    const share = `${percent(keyed / calls.length)} of ${plural(calls.length, 'sampled call')} show a key.`;
    return [share, ...(masked === undefined ? [] : [masked])].map((line) => `  # ${line}`);
  }
  if (detection.isText) {
    return [
      '  # No sampled call shows a key. If its lines show them, give the log format string of the server below. Only if none of',
      '  # your keys is ever sent there, say so: `carriesKeys: false`. Keys that are sent but not logged count as unseen.',
    ];
  }
  const { available } = detection;
  return [
    '  # No sampled call shows a key. If keys are in a field that has another name, map it below. Only if none of your keys is',
    '  # ever sent there, say so: `carriesKeys: false`. Keys that are sent but not logged count as unseen.',
    ...(available.length === 0 ? [] : wrap(`Fields there: ${inert(available.join(', '))}`, WIDTH, FIELD_LINES)).map(
      (line) => `  # ${line}`,
    ),
  ];
}

function inventoryLines(inventories: readonly SurveyedInventory[], folder: string): readonly string[] {
  if (inventories.length === 0) {
    return [
      '# No list of keys was found. With one, every key gets a verdict, also those that nobody uses:',
      '# inventories:',
      '#   - path: keys.csv # columns such as id, label, owner, created, status and key, sha256 or masked',
    ];
  }
  return [
    'inventories:',
    ...inventories.flatMap(({ file, newest, format, entries, seen, partial, remedy }) => [
      `  # ${plural(entries.length, 'key')} (${format}); ${callingText(seen)}.`,
      ...[
        newest === undefined ? undefined : 'Of several files, the last one by name is read.',
        seen === 0 ? UNSEEN : undefined,
        partial === undefined ? undefined : `Not complete: ${partial}.`,
        remedy,
      ]
        .filter((text) => text !== undefined)
        .map((text) => `  # ${inert(text)}`),
      `  - path: ${scalar(fromFolder(file, folder))}`,
    ]),
  ];
}

/** Of a comment; of very many fields, so many lines. */
const WIDTH = 116;
const FIELD_LINES = 6;
const MAX_CLUSTERS = 20;

function systemLines(sources: readonly SurveyedSource[]): readonly string[] {
  const rules = sources.flatMap((source) =>
    clusterCallers(source.calls, MAX_CLUSTERS).map((cluster) => `#   ${ruleOf(cluster, source.name)}`),
  );
  return [
    '# Who calls, where the log does not name the caller. The first rule that matches counts. Only a system that is named can',
    '# be seen to move to another key, so take over what you know to be one system, and give it its real name.',
    ...(rules.length === 0
      ? ["# systems:\n#   - { name: billing, userAgent: 'billing/*' }"]
      : ['# systems:', ...rules]),
  ];
}

function ruleOf({ name, userAgent, networks, calls, keys }: CallerCluster, source: string): string {
  const where = networks.length === 0 ? [] : [`ip: [${networks.slice(0, 4).map(scalar).join(', ')}]`];
  const criteria = [
    `name: ${scalar(name ?? 'WHO')}`,
    `source: ${scalar(source)}`,
    ...(userAgent === undefined ? [] : [`userAgent: ${scalar(userAgent)}`]),
    ...(name === undefined ? where : []),
  ];
  const from = name === undefined || networks.length === 0 ? '' : ` from ${networks.slice(0, 3).join(', ')}`;
  return `- { ${criteria.join(', ')} } # ${plural(calls, 'call')} with ${plural(keys, 'key')}${from}`;
}

/** Labels of keys that are kept for a day that must never come. */
const EMERGENCY = /break.?glass|emergency|disaster|last.?resort|fail.?over|recovery/i;

function exemptionLines(entries: readonly InventoryEntry[], until: string): readonly string[] {
  const kept = entries.filter(({ id, label }) => EMERGENCY.test(`${id} ${label ?? ''}`)).slice(0, MAX_CLUSTERS);
  return [
    '# A key that is kept for emergencies is never used until the day it is needed: no log can say that it may go.',
    '# exemptions:',
    ...(kept.length === 0
      ? [`#   - { key: break-glass, reason: needed when the identity provider is down, until: ${until} }`]
      : []),
    ...kept.map(
      ({ id, label }) =>
        `#   - { key: ${scalar(id)}, reason: ${scalar(label ?? 'kept for emergencies')}, until: ${until} }`,
    ),
    '',
  ];
}

function fromFolder(file: string, folder: string): string {
  const relative = path.relative(folder, file).split(path.sep).join('/');
  return relative.startsWith('../../') ? file.split(path.sep).join('/') : relative;
}

/** In single quotes, as one would write it: such a string has the double ones in it. */
function quoted(text: string): string {
  return inert(text) === text ? `'${text.replaceAll("'", "''")}'` : scalar(text);
}

/** As YAML, on one line, in flow or block, whatever the text: who looks at the file sees what may act. */
function scalar(text: string): string {
  const plain = stringify(text, { lineWidth: 0 }).replace(/\n$/, '');
  const isPlain = inert(plain) === plain && !/[[\]{},#&*!|>%@`"'?:]/.test(plain);
  return isPlain ? plain : inertJson(JSON.stringify(text));
}
