import path from 'node:path';
import type { SurveyedLog } from './survey.ts';

/** Logs that are one stream, by where they lie and what they are. */
export interface LogGroup {
  /** Unique among the groups. */
  readonly name: string;
  /** A file, or a pattern that also takes the files to come. */
  readonly pattern: string;
  readonly format: string;
  readonly formatStrings: readonly string[];
  /** Sorted. */
  readonly logs: readonly SurveyedLog[];
}

/**
 * Rotated files of one log are one source, whatever date, number or compression their names end with; so are the many
 * files of a folder whose names have little in common, and the folders by date below one.
 */
export function groupLogs(logs: readonly SurveyedLog[], strangers: readonly string[]): readonly LogGroup[] {
  const byPlace = Map.groupBy(logs, ({ file, format, formatStrings }) =>
    JSON.stringify([undatedFolder(file), format, formatStrings]),
  );
  const groups = [...byPlace.values()].flatMap((together) => {
    const stems = Map.groupBy(together, ({ file }) => stemOf(file));
    // Where folders go by date, a name that comes only once is the name of a part.
    const isDated = together.some(({ file }) => path.dirname(file) !== undatedFolder(file));
    const areParts = stems.size > MAX_STEMS || (isDated && stems.size > 1 && stems.size === together.length);
    return areParts ? [ofFolder(together, strangers)] : [...stems].map(([stem, ones]) => ofStem(stem, ones));
  });
  return uniquelyNamed(groups.toSorted((a, b) => (a.pattern < b.pattern ? -1 : 1)));
}

/** More different names than this in one folder are names of parts, not of logs. */
const MAX_STEMS = 8;

const DATE_SEGMENT = /^(?:(?:year|month|day|hour|dt|date)=)?\d{1,4}(?:-\d\d){0,3}$/i;

/** The folder without the dates that it ends with. */
function undatedFolder(file: string): string {
  const parts = path.dirname(file).split(path.sep);
  while (parts.length > 1 && DATE_SEGMENT.test(parts.at(-1)!)) parts.pop();
  return parts.join(path.sep);
}

const COMPRESSION = /\.(?:gz|zst|zstd|bz2|xz)$/i;

/** A day, a month, a week or a year (of the days of IIS, `261122`, the last two digits), with what numbers the part of a day: `-2026-01-31T0500Z_7xgocspS`, `_2026-01`. */
const DATE =
  /[-_.]?(?<!\d)(?:19|20)\d\d(?:[-_.]?\d\d[-_.]?\d\d(?:[-_.T]?\d\d[-_:]?\d{0,2}[-_:]?\d{0,2}(?:Z(?:_.*(?=\.\w+$))?)?)?|[-_.]?W?\d\d|)(?!\d)|(?<!\d)[2-4]\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])?(?=\.[a-z]+$)/gi;

/** `gateway-2026-01-31.jsonl.gz`, `gateway-2026-01.jsonl` and `gateway.jsonl.3` are `gateway.jsonl`. */
function stemOf(file: string): string {
  const plain = plainName(file);
  const stem = plain.replace(DATE, '').replace(/[-_.]\d{6,14}(?=\.|$)/g, '');
  return stem === '' ? plain : stem;
}

function plainName(file: string): string {
  return path
    .basename(file)
    .replace(COMPRESSION, '')
    .replace(/\.\d{1,5}$/, '');
}

function ofFolder(logs: readonly SurveyedLog[], strangers: readonly string[]): LogGroup {
  const folder = undatedFolder(logs[0]!.file);
  const ending = commonEnding(logs.map(({ file }) => path.basename(file)));
  const inside = logs.some(({ file }) => path.dirname(file) !== folder) ? '**/*' : '*';
  // Other files of the folder must not be read as logs.
  const isAlone = !strangers.some((file) => file.startsWith(`${folder}${path.sep}`));
  const pattern = path.join(escapeGlob(folder), isAlone ? inside : `${inside}${ending}`);
  return { name: nameOf(folder), pattern, ...formatOf(logs), logs };
}

function ofStem(stem: string, logs: readonly SurveyedLog[]): LogGroup {
  const folder = undatedFolder(logs[0]!.file);
  const inside = logs.some(({ file }) => path.dirname(file) !== folder) ? ['**'] : [];
  const pattern = path.join(escapeGlob(folder), ...inside, datedPattern(logs) ?? plainPattern(stem, logs));
  const word = stem.replace(/\..*$/, '');
  return { name: GENERIC.test(word) ? nameOf(folder, word) : slug(word), pattern, ...formatOf(logs), logs };
}

/** The same for all that are together. */
function formatOf([log]: readonly SurveyedLog[]): Pick<LogGroup, 'format' | 'formatStrings'> {
  return { format: log!.format, formatStrings: log!.formatStrings };
}

/** Where each name has a date, it is that which changes: the files of the next month are of this log too. */
function datedPattern(logs: readonly SurveyedLog[]): string | undefined {
  const parts = logs.map(({ file }) => {
    const name = plainName(file);
    const [date] = name.matchAll(DATE);
    return date === undefined
      ? undefined
      : [name.slice(0, date.index), /^[-_.]?/.exec(date[0])![0], name.slice(date.index + date[0].length)];
  });
  const [first] = parts;
  if (first === undefined || parts.some((part) => part?.[0] !== first[0] || part?.[1] !== first[1])) return undefined;
  const [start = '', separator = '', rest = ''] = first;
  const ending = parts.every((part) => part?.[2] === rest) ? escapeGlob(rest) : '';
  return `${escapeGlob(`${start}${separator}`)}[0-9]*${ending === '' ? '' : `${ending}*`}`;
}

function plainPattern(stem: string, logs: readonly SurveyedLog[]): string {
  const start = commonStart(logs.map(({ file }) => path.basename(file)));
  return `${escapeGlob(logs.length === 1 && start.replace(COMPRESSION, '') === stem ? stem : start)}*`;
}

/** Names that say nothing of whose log it is. */
const GENERIC =
  /^(?:access|access_log|requests?|files?|logs?|audit|output|data|events?|api_json|production_json|current|)$/i;

const REGION = /^[a-z]{2}(?:-[a-z]+)+-\d$/;

function nameOf(folder: string, otherwise = 'logs'): string {
  const parts = folder.split(path.sep).filter((part) => part !== '' && part !== '.' && part !== '..');
  const at = parts.findLastIndex((part) => !GENERIC.test(part));
  // A region alone does not say of what.
  const name = parts.slice(REGION.test(parts[at] ?? '') ? Math.max(0, at - 1) : at, at + 1).join('-');
  return slug(at === -1 ? otherwise : name) || 'logs';
}

function slug(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^\p{Letter}\p{Number}]+/gu, '-')
    .replaceAll(/^-|-$/g, '');
}

function uniquelyNamed(groups: readonly LogGroup[]): readonly LogGroup[] {
  const taken = new Map<string, number>();
  return groups.map((group) => {
    const times = (taken.get(group.name) ?? 0) + 1;
    taken.set(group.name, times);
    return times === 1 ? group : { ...group, name: `${group.name}-${times}` };
  });
}

function commonStart(names: readonly string[]): string {
  let [start = ''] = names;
  for (const name of names) while (!name.startsWith(start)) start = start.slice(0, -1);
  return start.replace(/[-_.]?\d*$/, '');
}

function commonEnding(names: readonly string[]): string {
  let [ending = ''] = names;
  for (const name of names) while (!name.endsWith(ending)) ending = ending.slice(1);
  return /\.[\w.]*$/.exec(ending)?.[0] ?? '';
}

/** So that a name with brackets means itself. */
function escapeGlob(text: string): string {
  return text.replaceAll(/[[\]{}()*?!]/g, String.raw`\$&`);
}
