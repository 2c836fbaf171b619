import type { Ledger } from '../engines/sqlite/ledger.ts';
import { headerLine } from '../formats/csv.ts';
import type { Sample } from '../formats/format.ts';
import { takeSample } from '../formats/sample.ts';
import type { LogHandle } from '../sources/log-file.ts';
import { spreadLines } from '../sources/spread-lines.ts';
import type { Interpretation } from './interpret.ts';
import { fieldsOfListed, type KeyInField, keysInFields } from './keys-in-fields.ts';
import { type KeyInPath, keysInPaths, placesOfListed } from './keys-in-paths.ts';
import type { ReadingPlan } from './reading-plan.ts';
import { sampleField } from './sampled-log.ts';

/** What may be keys in the first records of a log, where none is read, and whether it is but a sample. */
export interface UnreadKeys {
  /** By which field it is seen: `sample_rate: 10`. */
  readonly sampledBy: string | undefined;
  readonly inPaths: readonly KeyInPath[];
  readonly inFields: readonly KeyInField[];
}

/** `log`: of which fields are looked at behind the first records, too. */
export function unreadKeys(plan: ReadingPlan, how: Interpretation, log: LogHandle | Buffer | undefined): UnreadKeys {
  const further = log === undefined ? undefined : furtherSample(plan, log);
  return {
    sampledBy: sampleField(plan),
    inPaths: keysInPaths(plan, how),
    inFields: [
      ...keysInFields(plan, plan.sample, how),
      ...(further === undefined ? [] : keysInFields(plan, further, how, Infinity)),
    ],
  };
}

/** One caller of many may send its key elsewhere. In documents, and behind an envelope, a line is no record. */
function furtherSample(
  { recordsPath, envelopes, format, sample }: ReadingPlan,
  log: LogHandle | Buffer,
): Sample | undefined {
  if (recordsPath !== undefined || envelopes.length > 0) return undefined;
  const lines = spreadLines(log);
  if (lines.length === 0) return undefined;
  const header = format.syntax.kind === 'delimited' ? `${headerLine(sample.lines)}\n` : '';
  return takeSample(Buffer.concat([Buffer.from(header), lines]));
}

/** Where keys of the inventories stand that are not read there. */
export interface UnreadPlaces extends Pick<UnreadKeys, 'sampledBy'> {
  readonly paths: readonly string[];
  readonly fields: readonly string[];
}

export function unreadPlaces(
  { sampledBy, inPaths, inFields }: UnreadKeys,
  ledger: Pick<Ledger, 'isListed'>,
): UnreadPlaces {
  return { sampledBy, paths: placesOfListed(inPaths, ledger), fields: fieldsOfListed(inFields, ledger) };
}
