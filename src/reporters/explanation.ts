import type { Explanation, KeyReport } from '../model.ts';
import { barred, bullet } from './columns.ts';
import { count, plural } from './figures.ts';
import { gapLines } from './gaps.ts';
import { inert } from './inert.ts';
import { dayOfInstant, keyName, ownerName } from './key-names.ts';
import type { View } from './reporter.ts';
import { placesText } from './place-text.ts';
import { type Paint, painter } from './style.ts';
import { timeline } from './timeline.ts';
import { viewWidth, wrap } from './text-width.ts';
import { STATUS_WORDS, VERDICT_WORDS } from './vocabulary.ts';

/** Longer texts than this are not ours. */
const MANY_LINES = 12;

/** For `lastcall explain`: the verdict, a strip of days per caller, the rules with their numbers, what would change it. */
export function* renderExplanation(explanation: Explanation, view: View): Iterable<string> {
  const width = viewWidth(view.columns);
  const paint = painter(view.color);
  yield* header(explanation, width, paint);
  yield* timeline(explanation, width, paint);
  yield* list('MOVE TO THE SUCCESSOR', migrationLines(explanation), width, paint);
  yield* list('BLOCKERS', blockerLines(explanation.key), width, paint);
  yield* list('DAYS THAT PROVE NOTHING', missingDays(explanation), width, paint);
  yield* list('STRICTER POLICY FOR THIS KEY', explanation.stricterPolicy, width, paint);
  yield* list('WHAT WOULD CHANGE IT', explanation.whatWouldChangeIt, width, paint);
}

function* header({ key, substitution }: Explanation, width: number, paint: Paint): Iterable<string> {
  const { word } = VERDICT_WORDS[key.verdict];
  const meaning = meaningOf(key);
  const day = key.safeOn !== null && key.verdict === 'waiting' ? ` until ${inert(key.safeOn)}` : '';
  const room = width - word.length - day.length - 2;
  const explained = meaning.length <= room ? `  ${paint(meaning, 'faint')}` : '';
  yield `${paint(`${word.toUpperCase()}${day}`, key.verdict)}${explained}\n`;
  const name = keyName(key);
  const shown = key.label === null || key.display === key.key ? '' : `  ${inert(key.display)}`;
  const facts = [
    `owner ${ownerName(key, 'not known')}`,
    STATUS_WORDS[key.status],
    key.createdAt === null ? 'creation date not known' : `created ${dayOfInstant(key.createdAt, '')}`,
    ...key.findings,
  ];
  const use = [
    plural(key.requests, 'call'),
    key.refused > 0 ? `${count(key.refused)} of them refused` : '',
    `last use ${dayOfInstant(key.lastUsedAt, 'never')}`,
    key.lastRefusedAt === null ? '' : `last refused ${dayOfInstant(key.lastRefusedAt, '')}`,
  ].filter((part) => part !== '');
  yield* barred(
    [
      ...wrap(`${name}${shown}`, width - 2, 3).map((line) => paint(line, 'strong')),
      ...(name === inert(key.key) ? [] : wrap(inert(key.key), width - 2, 4)),
      ...wrap(inert(facts.join(', ')), width - 2, 4),
      ...wrap(use.join(', '), width - 2, 2),
      '',
      ...wrap(inert(key.sentence), width - 2, MANY_LINES),
      ...[...substitution, ...exemptionLines(key)].flatMap((line) => wrap(inert(line), width - 2, 3)),
    ],
    paint,
    key.verdict,
  );
}

/** A safe key that was disabled may be watched for a while before it goes. */
function meaningOf({ verdict, status }: KeyReport): string {
  if (verdict === 'safe' && status === 'deleted') return 'deleted already';
  if (verdict === 'safe' && status === 'disabled') return 'disabled: lastcall plan says when it can go';
  return VERDICT_WORDS[verdict].meaning;
}

function exemptionLines({ exemption }: KeyReport): string[] {
  return exemption === null ? [] : [`exempt${untilText(exemption.until)}: ${exemption.reason}`];
}

function blockerLines(key: KeyReport): string[] {
  return key.blockers.map(({ code, text, until }) => `${code}${untilText(until)}: ${text}`);
}

function missingDays({ gaps }: Explanation): string[] {
  const sources = [...new Set(gaps.map(({ source }) => source))];
  return sources.flatMap((name) =>
    gapLines(gaps.filter(({ source }) => source === name)).map((gap) => `${name}: ${gap}`),
  );
}

/** Reading the logs again would not always tell: the old ones may be gone. */
const WHERE_FROM =
  '"What may be" is where the source carries keys: those calls were counted by a server, or before their place was kept.';

function migrationLines({ migration, key }: Explanation): string[] {
  const successor = key.substitution?.successor ?? '';
  const lines = migration.map(({ system, standing, since, lastUsedOn, safeOn, places }) => {
    const last = `last call with this key ${lastUsedOn ?? 'never'}`;
    if (standing === 'moved')
      return `${system}: moved on ${since ?? 'an unknown day'}, ${last}. Nothing left to change`;
    const both = standing === 'straddling' ? `calls with both since ${since ?? 'an unknown day'}` : 'has not moved';
    const free = safeOn === null ? '' : `; if it stops today, it keeps this key until ${safeOn}`;
    return `${system}: ${both}, ${last}. To change: send ${successor} in ${placesText(places)}${free}`;
  });
  if (lines.length === 0) return [];
  const date = key.verdict === 'safe' ? 'safe now' : (key.safeOn ?? 'no date, as long as the logs cannot answer');
  return [
    ...lines,
    ...(migration.some(({ places }) => places.some(({ seen }) => !seen)) ? [WHERE_FROM] : []),
    `This key: ${key.verdict === 'safe' || key.safeOn === null ? date : `safe on ${date} at the earliest`}`,
  ];
}

function untilText(until: string | null): string {
  return until === null ? '' : ` until ${until}`;
}

function* list(title: string, items: readonly string[], width: number, paint: Paint): Iterable<string> {
  if (items.length === 0) return;
  yield `\n${paint(title, 'strong')}\n`;
  yield* barred(
    items.flatMap((item) => bullet(inert(item), width - 2, MANY_LINES)),
    paint,
  );
}
