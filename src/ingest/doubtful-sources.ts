import type { Problem } from './ingest.ts';
import { availableFields, type ReadingPlan } from './reading-plan.ts';
import type { StreamTotals } from './stream-ingest.ts';

/** What was read of each source. Many unreadable records, and records without a single key, are a sign of a wrong map. */
export class SourceCheck {
  readonly #sources = new Map<string, { records: number; keyed: number; quarantined: number; plan: ReadingPlan }>();

  readonly #quarantineShare: number;

  /** The share of unreadable records up to which a source counts as read. */
  constructor(quarantineShare: number) {
    this.#quarantineShare = quarantineShare;
  }

  add(source: string, plan: ReadingPlan, { records, keyed, quarantined }: StreamTotals): void {
    const known = this.#sources.get(source) ?? { records: 0, keyed: 0, quarantined: 0, plan };
    known.records += records;
    known.keyed += keyed;
    known.quarantined += quarantined;
    this.#sources.set(source, known);
  }

  problems(): Problem[] {
    const problems: Problem[] = [];
    for (const [source, { records, keyed, quarantined, plan }] of this.#sources) {
      if (quarantined > (records + quarantined) * this.#quarantineShare) {
        const message = `${quarantined} of ${records + quarantined} records could not be read: the days of these prove nothing`;
        problems.push({
          file: source,
          message,
          hint: `See them: lastcall parse <log> | grep '"skip"'`,
          isIncomplete: true,
        });
      }
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

/** Of lines of text, a format knows no more than it takes apart: a key that it does not read is in no field. */
function whatToDo({ format, fields }: ReadingPlan): string {
  if (format.syntax.kind !== 'text' || fields.key !== undefined)
    return 'Map the key: --field key=<path>. If no listed key is ever sent there, declare that of the source: carriesKeys: false.';
  return 'If its lines show more than that, give the log format string of the server: --log-format-string, or logFormatString of the source.';
}

function shorten(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)}...`;
}
