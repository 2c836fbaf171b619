import type { Problem } from './problem.ts';
import { parseTime } from '../formats/timestamp.ts';
import type { Interpretation } from './interpret.ts';
import { availableFields, readSample, type ReadingPlan } from './reading-plan.ts';
import type { StreamTotals } from './stream-ingest.ts';

/** What was read of each source. Many unreadable records, and records without a single key, are a sign of a wrong map. */
export class SourceCheck {
  readonly #sources = new Map<string, ReadSource>();

  readonly #quarantineShare: number;

  /** The share of unreadable records up to which a source counts as read. */
  constructor(quarantineShare: number) {
    this.#quarantineShare = quarantineShare;
  }

  add(how: Interpretation, plan: ReadingPlan, { records, keyed, quarantined }: StreamTotals): void {
    const { source } = how;
    const known = this.#sources.get(source) ?? { records: 0, keyed: 0, quarantined: 0, plan, how };
    known.records += records;
    known.keyed += keyed;
    known.quarantined += quarantined;
    this.#sources.set(source, known);
  }

  problems(): Problem[] {
    const problems: Problem[] = [];
    for (const [source, { records, keyed, quarantined, plan, how }] of this.#sources) {
      if (quarantined > (records + quarantined) * this.#quarantineShare) {
        const message = `${quarantined} of ${records + quarantined} records could not be read: the days of these prove nothing`;
        problems.push({
          file: source,
          message,
          hint: `See them: lastcall parse <log> | grep '"skip"'`,
          isIncomplete: true,
        });
      }
      if (records > 0 && assumesUtc(plan, how)) problems.push(zoneless(source));
      if (keyed > 0 || records === 0 || plan.format.name === 'aws-cloudtrail-digest') continue;
      const paths = [plan.fields.key, plan.fields.keyId].filter((path) => path !== undefined).join(' || ');
      problems.push({
        file: source,
        message: `${records === 1 ? 'the one record' : `none of the ${records} records`} read carries ${records === 1 ? 'no' : 'a'} key${plan.format.limits === undefined ? '' : `. ${plan.format.limits}`}`,
        hint: `Looked at ${paths === '' ? 'query strings' : shorten(paths, 120)}. Fields there: ${shorten(availableFields(plan).join(', '), 200)}. ${whatToDo(plan)}`,
        isIncomplete: false,
      });
    }
    return problems;
  }
}

interface ReadSource {
  records: number;
  keyed: number;
  quarantined: number;
  /** Of the first log of it. */
  readonly plan: ReadingPlan;
  readonly how: Interpretation;
}

/** Nobody said in which zone its times are, and they do not say it either. */
function assumesUtc(plan: ReadingPlan, { timezone }: Interpretation): boolean {
  if (timezone !== undefined || plan.format.isUtc === true) return false;
  return readSample(plan).calls.some(
    ({ time }) => time !== undefined && parseTime(time, ANOTHER_ZONE) !== parseTime(time, undefined),
  );
}

const ANOTHER_ZONE = '+12:00';

function zoneless(source: string): Problem {
  return {
    file: source,
    message: 'its times name no time zone and are taken for UTC',
    hint: 'Say what they are in, be it UTC: timezone: Europe/Berlin of the source in lastcall.yaml.',
    isIncomplete: false,
  };
}

/** Of lines of text, a format knows no more than it takes apart: a key that it does not read is in no field. */
function whatToDo({ format, fields }: ReadingPlan): string {
  if (format.syntax.kind !== 'text' || fields.key !== undefined)
    return 'Map the key: --field key=<path>. If no listed key is ever sent there, declare that of the source: carriesKeys: false.';
  return 'If its lines show more than that, give the log format string of the server: --log-format-string, or logFormatString of the source.';
}

function shorten(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)}...`;
}
