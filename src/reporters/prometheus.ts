import type { Report, SourceReport, Verdict } from '../model.ts';
import { dayNumber } from './day-strip.ts';
import { totalGapDays } from './gaps.ts';
import { inert } from './inert.ts';
import { dayOfInstant, isDeletable } from './key-names.ts';
import type { Reporter } from './reporter.ts';
import { FINDING_WORDS, VERDICT_WORDS, wordsOf } from './vocabulary.ts';

/** For the textfile collector of the node exporter. No label names a key or a system: their number has no bound. */
export const prometheus: Reporter = {
  render: (report) => renderPrometheus(report),
};

/** Sources come from configuration and logs: more of them than this are counted together. */
const MOST_SOURCES = 200;

const DAY_SECONDS = 86_400;

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

function* renderPrometheus(report: Report): Iterable<string> {
  const { summary, tool, database, asOf, generatedAt } = report;
  yield* gauge('info', 'The version of lastcall that made this report.', [[{ version: tool.version }, 1]]);
  yield* gauge('scan', 'Number of the newest finished scan.', [[{}, database.scan]]);
  yield* gauge('as_of_timestamp_seconds', 'The time that the verdicts are of.', [[{}, seconds(asOf)]]);
  yield* gauge('report_timestamp_seconds', 'When this report was made.', [[{}, seconds(generatedAt)]]);
  const keys: Readonly<Record<Verdict, number>> = {
    safe: summary.safe,
    'in-use': summary.inUse,
    waiting: summary.waiting,
    unknown: summary.unknown,
  };
  const verdicts = wordsOf(VERDICT_WORDS).map((verdict): Sample => [{ verdict }, keys[verdict]]);
  yield* gauge('keys', 'API keys by verdict.', verdicts);
  yield* gauge('deletable_keys', 'Safe API keys that are not deleted yet.', [[{}, count(report.keys, isDeletable)]]);
  const findings = wordsOf(FINDING_WORDS).map((finding): Sample => [{ finding }, summary.findings[finding] ?? 0]);
  yield* gauge('findings', 'API keys with each finding.', findings);
  const exempt = count(report.keys, ({ exemption }) => exemption !== null);
  yield* gauge('exempt_keys', 'API keys that an exemption keeps.', [[{}, exempt]]);
  const silences = [...longestSilences(report)].map(([verdict, days]): Sample => [{ verdict }, days * DAY_SECONDS]);
  yield* gauge(
    'longest_silence_seconds',
    'Whole days since the last call of the key that was silent longest and is not safe, by verdict.',
    silences,
  );
  yield* gauge('records', 'Log records read.', [[{}, summary.records]]);
  yield* gauge('quarantined_records', 'Log records that could not be read.', [[{}, summary.quarantined]]);
  yield* sourceGauges(report.sources);
}

function* sourceGauges(all: readonly SourceReport[]): Iterable<string> {
  const sources = all.slice(0, MOST_SOURCES);
  const of = (valueOf: (source: SourceReport) => number): Sample[] =>
    sources.map((source) => [{ source: source.source }, valueOf(source)]);
  yield* gauge('sources', 'Sources of logs; no more than 200 are shown by name.', [[{}, all.length]]);
  yield* gauge(
    'source_covered_seconds',
    'Time for which the logs of a source are complete.',
    of(({ coveredDays }) => coveredDays * DAY_SECONDS),
  );
  yield* gauge(
    'source_missing_seconds',
    'Time since the first record of a source that proves nothing.',
    of(({ gaps }) => totalGapDays(gaps) * DAY_SECONDS),
  );
  yield* gauge(
    'source_silent',
    '1 when nothing arrives from a source any more.',
    of(({ state }) => (state === 'silent' ? 1 : 0)),
  );
  yield* gauge(
    'source_records',
    'Log records of a source.',
    of(({ records }) => records),
  );
  yield* gauge(
    'source_quarantined_records',
    'Log records of a source that could not be read.',
    of(({ quarantined }) => quarantined),
  );
  const last = sources.flatMap(({ source, lastAt }): Sample[] =>
    lastAt === null ? [] : [[{ source }, seconds(lastAt)]],
  );
  yield* gauge('source_last_record_timestamp_seconds', 'The time of the newest record of a source.', last);
}

/** Keys that were never used have no silence. */
function longestSilences({ keys, asOf }: Report): ReadonlyMap<Verdict, number> {
  const today = dayNumber(dayOfInstant(asOf, ''));
  const longest = new Map<Verdict, number>([
    ['in-use', 0],
    ['waiting', 0],
    ['unknown', 0],
  ]);
  for (const { verdict, lastUsedAt } of keys) {
    if (verdict === 'safe' || lastUsedAt === null) continue;
    const days = Math.max(0, today - dayNumber(dayOfInstant(lastUsedAt, '')));
    longest.set(verdict, Math.max(days, longest.get(verdict) ?? 0));
  }
  return longest;
}

function count<Item>(items: Iterable<Item>, isMeant: (item: Item) => boolean): number {
  let total = 0;
  for (const item of items) if (isMeant(item)) total++;
  return total;
}

function seconds(instant: string): number {
  return Date.parse(instant) / 1000;
}

function* gauge(name: string, help: string, samples: readonly Sample[]): Iterable<string> {
  if (samples.length === 0) return;
  yield `# HELP lastcall_${name} ${help}\n# TYPE lastcall_${name} gauge\n`;
  const seen = new Set<string>();
  for (const [labels, value] of samples) {
    const text = Object.entries(labels).map(([label, of]) => `${label}="${labelValue(of)}"`);
    const series = `lastcall_${name}${text.length === 0 ? '' : `{${text.join(',')}}`}`;
    // Two samples of one series would make the whole file worthless.
    if (seen.has(series)) continue;
    seen.add(series);
    yield `${series} ${value}\n`;
  }
}

const LONGEST_LABEL = 200;

function labelValue(text: string): string {
  return inert(text)
    .slice(0, LONGEST_LABEL)
    .toWellFormed()
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('"', String.raw`\"`);
}
