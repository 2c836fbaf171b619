import { readInventories } from '../engines/sqlite/inventories.ts';
import type { Store } from '../engines/sqlite/store.ts';
import { displayOf } from '../attribution/fingerprint.ts';
import { type ExitCode, LastcallError, worseExit } from '../errors.ts';
import { loadFormats } from '../extensions.ts';
import type { Format } from '../formats/format.ts';
import { keyPlace } from './key-places.ts';
import type { Problem } from '../ingest/problem.ts';
import type { LoadedInventory } from '../report/known-keys.ts';
import type { Evidence, Explanation, KeyPlace, KeyReport } from '../model.ts';
import { didYouMean } from '../near-miss.ts';
import { nothingRead } from './nothing-read.ts';
import type { Options } from '../options.ts';
import { type PlaceSet, placesIn } from '../tally/place-set.ts';
import { type Outside, writeAs } from '../outside.ts';
import { reportOnSources, type Stock, withStock } from '../report/report.ts';
import { inert, inertJson } from '../reporters/inert.ts';
import { listKeys } from '../reporters/key-names.ts';
import { isoInstant } from '../verdicts/calendar.ts';
import { explain } from '../verdicts/explain.ts';
import { judge } from '../verdicts/judge.ts';
import type { World } from '../verdicts/world.ts';

// The commands that look at one thing in the database and change nothing. What draws their answer is loaded when there is one:
// that takes longer than the answer itself.

/** `lastcall explain <key>` */
export async function explainKey(
  store: Store,
  inventories: readonly LoadedInventory[],
  options: Options,
  outside: Outside,
): Promise<ExitCode> {
  const formats = await allFormats(options);
  const explanation = explanationOf(store, inventories, options, outside.version, formats);
  const { renderExplanation } = await import('../reporters/explanation.ts');
  const { renderExplanationJson } = await import('../reporters/json.ts');
  await writeAs(
    options,
    outside,
    (view) => renderExplanation(explanation, view),
    () => renderExplanationJson(explanation),
  );
  return 0;
}

/** Those of the user's and ours. Loaded here: to judge a key takes none of them. */
export async function allFormats({ formats }: Options): Promise<readonly Format[]> {
  const { FORMATS } = await import('../formats/index.ts');
  return [...(await loadFormats(formats)), ...FORMATS];
}

/** The evidence behind the verdict on the key that was asked for. */
export function explanationOf(
  store: Store,
  inventories: readonly LoadedInventory[],
  options: Options,
  version: string,
  formats: readonly Format[],
): Explanation {
  return withStock(store, options, inventories, (stock) => {
    const evidence = oneKey(stock, options.key ?? '');
    const world = withSuccessor(stock, options, evidence.key);
    const report = judge(evidence, world);
    const daysOf: Parameters<typeof explain>[3] = (caller) => stock.daysOf(evidence, caller);
    const placesOf: Parameters<typeof explain>[4] = (caller) => {
      const seen = stock.placesOf(evidence, caller);
      return caller.sources.flatMap((source) => placesAt(source, seen.get(source), stock, options, formats));
    };
    const explained = explain(evidence, world, report, daysOf, placesOf);
    return { ...explained, tool: { name: 'lastcall', version } as const };
  });
}

/** Both keys may have been named with their labels. Of a successor that is typed, there has to be one. */
function withSuccessor(stock: Stock, { key: typed = '', successors, config }: Options, key: string): World {
  const { world, evidence } = stock;
  const named = successors.find((one) => one.key === typed);
  if (named === undefined) return world;
  const isConfigured = named.origin === `${config}: successors`;
  const [found, ...others] = isConfigured ? evidence.find(named.successor) : [oneKey(stock, named.successor)];
  const successor = found === undefined || others.length > 0 ? named.successor : found.key;
  if (successor === key) throw new LastcallError('usage', `${named.origin}: "${typed}" cannot be its own successor`);
  return { ...world, successors: new Map([...(world.successors ?? []), [key, successor]]) };
}

/** Where the key was seen in a source; where that is not known, where the source may carry it. */
function placesAt(
  source: string,
  seen: PlaceSet | undefined,
  { activity }: Stock,
  { sources }: Options,
  formats: readonly Format[],
): readonly KeyPlace[] {
  if (seen !== undefined) return placesIn(seen).map((place) => ({ source, place, seen: true }));
  const format = activity.find((one) => one.source === source)?.format ?? '';
  const configured = sources.find(({ name }) => name === source);
  return [{ source, place: keyPlace(format, configured, formats), seen: false }];
}

/** `lastcall check <key>`: 0 only when the key is safe, by logs that were read now or within a day. */
export async function checkKey(
  store: Store,
  inventories: readonly LoadedInventory[],
  options: Options,
  outside: Outside,
): Promise<ExitCode> {
  const key = verdictOn(store, inventories, options);
  const text = `${key.verdict} ${key.key}: ${key.sentence}\n`;
  await writeAs(
    options,
    outside,
    () => [inert(text.trimEnd()), '\n'],
    () => [inertJson(`${JSON.stringify(key, null, 2)}\n`)],
  );
  const unread = nothingRead(store, options);
  if (unread !== undefined) outside.warn(unread);
  if (options.asOf !== options.now) outside.warn(ofAnotherTime(options));
  return worseExit(key.verdict === 'safe' ? 0 : 1, unread?.isIncomplete === true ? 3 : 0);
}

function ofAnotherTime({ asOf }: Options): Problem {
  return {
    file: '--as-of',
    message: `this is the answer as of ${isoInstant(asOf)}, not of now`,
    hint: 'Before a deletion, ask without --as-of.',
    isIncomplete: false,
  };
}

/** The verdict on the key that was asked for. */
export function verdictOn(store: Store, inventories: readonly LoadedInventory[], options: Options): KeyReport {
  return withStock(store, options, inventories, (stock) => judge(oneKey(stock, options.key ?? ''), stock.world));
}

/** `lastcall coverage` */
export async function showCoverage(store: Store, options: Options, outside: Outside): Promise<ExitCode> {
  const { renderCoverage } = await import('../reporters/coverage.ts');
  const report = withStock(store, options, [], (stock) => reportOnSources(store, stock, options, outside.version));
  await writeAs(
    options,
    outside,
    (view) => renderCoverage(report, view),
    () => [inertJson(`${JSON.stringify({ asOf: report.asOf, sources: report.sources }, null, 2)}\n`)],
  );
  return 0;
}

/** `lastcall backtest` */
export async function showBacktest(
  store: Store,
  inventories: readonly LoadedInventory[],
  options: Options,
  outside: Outside,
): Promise<ExitCode> {
  const { backtest } = await import('../verdicts/backtest.ts');
  const { renderBacktest } = await import('../reporters/backtest.ts');
  const { renderBacktestJson } = await import('../reporters/json.ts');
  const replayed = withStock(store, options, inventories, (stock) =>
    backtest({ ...stock, evidence: stock.evidence.all() }, options.everyDays),
  );
  const result = { ...replayed, tool: { name: 'lastcall', version: outside.version } as const };
  await writeAs(
    options,
    outside,
    (view) => renderBacktest(result, view),
    () => renderBacktestJson(result),
  );
  return 0;
}

/** `lastcall keys list` */
export async function listInventories(store: Store, options: Options, outside: Outside): Promise<ExitCode> {
  const stored = readInventories(store.db);
  const { renderInventories, renderInventoriesJson } = await import('../reporters/inventories.ts');
  await writeAs(
    options,
    outside,
    (view) => renderInventories(stored, view),
    () => renderInventoriesJson(stored),
  );
  return 0;
}

function oneKey({ evidence }: Stock, wanted: string): Evidence {
  const [found, ...others] = evidence.find(wanted);
  if (found === undefined) {
    throw new LastcallError('usage', `No key is called "${shown(wanted)}"`, {
      hint: shownAlike(wanted, evidence) ?? didYouMean(wanted, namesOf(evidence)) ?? 'lastcall report lists them.',
    });
  }
  if (others.length > 0) {
    throw new LastcallError('usage', `"${shown(wanted)}" may be one of ${others.length + 1} keys:`, {
      details: listKeys(
        [found, ...others].map(({ key, display, entry }) => ({ key, display, label: entry?.label ?? null })),
      ),
      hint: 'Name one of these ids.',
    });
  }
  return found;
}

/** Of a key that was typed as it is, what is called by its display may be it. */
function shownAlike(wanted: string, evidence: Stock['evidence']): string | undefined {
  const display = shown(wanted);
  const ids = display === wanted ? [] : evidence.find(display).map(({ key }) => key);
  if (ids.length === 0) return undefined;
  return `Keys are named by their ids or labels. Shown like this one: ${ids.slice(0, MAX_ALIKE).join(', ')}`;
}

const MAX_ALIKE = 3;

function namesOf(evidence: Stock['evidence']): readonly string[] {
  return [...evidence.someIds(MAX_NEAR_MISSES), ...evidence.someLabels(MAX_NEAR_MISSES)];
}

const MAX_NEAR_MISSES = 5000;

/** Somebody may type the key itself: what is as long as one is not repeated in a message. */
function shown(wanted: string): string {
  return wanted.length >= 20 && !wanted.startsWith('k_') ? displayOf(wanted) : wanted;
}
