import type { ChangeKind, KeyReport, Report } from '../model.ts';
import { barred, bullet } from './columns.ts';
import { count, plural } from './figures.ts';
import { gapLines } from './gaps.ts';
import { inert } from './inert.ts';
import { KEYS_SHOWN } from './key-groups.ts';
import { keyName } from './key-names.ts';
import type { View } from './reporter.ts';
import { type Paint, painter } from './style.ts';
import { viewWidth, wrap } from './text-width.ts';
import { CHANGE_WORDS, SOURCE_STATE_WORDS, VERDICT_WORDS, wordsOf } from './vocabulary.ts';

/** The keys of which one thing is new. */
export interface ChangeGroup {
  readonly kind: ChangeKind;
  readonly words: string;
  readonly total: number;
  /** The first ones, as the report lists them. */
  readonly shown: readonly KeyReport[];
}

/** What has changed, gathered in one walk: groups that are not empty, in the order of their words. */
export function groupChanges({ keys, since }: Report): readonly ChangeGroup[] {
  const shown = new Map<ChangeKind, KeyReport[]>(wordsOf(CHANGE_WORDS).map((kind) => [kind, []]));
  for (const key of keys) {
    for (const kind of key.since?.changes ?? []) {
      const group = shown.get(kind);
      if (group !== undefined && group.length < KEYS_SHOWN) group.push(key);
    }
  }
  return [...shown]
    .map(([kind, some]) => ({ kind, words: CHANGE_WORDS[kind], total: since?.keys[kind] ?? 0, shown: some }))
    .filter(({ total }) => total > 0);
}

/** For `--since` at a terminal and in mails: nothing at all when nothing has changed. */
export function* tableChanges(report: Report, view: View): Iterable<string> {
  const groups = groupChanges(report);
  const sources = report.since?.sources ?? [];
  if (groups.length + sources.length === 0) return;
  const width = viewWidth(view.columns);
  const paint = painter(view.color);
  for (const line of wrap(`lastcall: ${sinceText(report)}`, width, 2)) yield `${paint(line, 'strong')}\n`;
  for (const group of groups) yield* groupLines(group, width, paint);
  if (sources.length > 0) yield `\n${paint('SOURCES', 'alarm')}\n`;
  for (const source of sources) yield* barred(sourceLines(source, width - 2), paint, 'alarm');
}

/** `changes since scan 411 of 2026-11-30 09:00 UTC` */
export function sinceText({ since }: Report): string {
  if (since === undefined) return '';
  if (since.scan === 0) return 'all that is new, since there is no earlier scan';
  const time = inert(since.asOf)
    .replace('T', ' ')
    .replace(/:\d\d\.\d{3}Z$/, ' UTC');
  return `changes since scan ${count(since.scan)} of ${time}`;
}

const ALARMING: ReadonlySet<ChangeKind> = new Set(wordsOf(CHANGE_WORDS).filter((kind) => kind !== 'newly-safe'));

function* groupLines({ kind, words, total, shown }: ChangeGroup, width: number, paint: Paint): Iterable<string> {
  const style = ALARMING.has(kind) ? 'alarm' : 'safe';
  yield `\n${paint(kind.toUpperCase().replaceAll('-', ' '), style)}  ${paint(`${plural(total, 'key')}: ${words}`, 'faint')}\n`;
  for (const key of shown) yield* barred(keyLines(key, width - 2, paint), paint, style);
  if (total > shown.length)
    yield* barred([`and ${plural(total - shown.length, 'more key')}: see all with -o json`], paint, style);
}

function* keyLines(key: KeyReport, width: number, paint: Paint): Iterable<string> {
  const id = keyName(key) === inert(key.key) ? [] : [inert(key.key)];
  const owner = key.owner === null ? [] : [inert(key.owner)];
  const was = key.since?.earlier ?? null;
  const now = VERDICT_WORDS[key.verdict].word;
  const moved = was === key.verdict ? now : `${was === null ? 'new' : VERDICT_WORDS[was].word} → ${now}`;
  yield* wrap([keyName(key), ...id, ...owner, moved].join('  '), width, 3).map((line) => paint(line, 'strong'));
  yield* wrap(inert(key.sentence), width - 2, 6).map((line) => `  ${line}`);
}

function* sourceLines(change: NonNullable<Report['since']>['sources'][number], width: number): Iterable<string> {
  yield* wrap(inert(change.source), width, 2);
  if (change.fellSilent) yield `  ${SOURCE_STATE_WORDS.silent}`;
  yield* gapLines(change.newGaps).flatMap((gap) =>
    bullet(`not covered ${gap}`, width - 2, 2).map((line) => `  ${line}`),
  );
}
