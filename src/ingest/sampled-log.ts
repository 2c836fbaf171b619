import { hideSecrets } from '../attribution/raw-secret.ts';
import type { ReadingPlan } from './reading-plan.ts';
import { sampleValues } from './sample-values.ts';

/**
 * The field by which the first records say that others like them were not logged, and what it holds: `sample_rate: 10`.
 * Loggers that keep one of many requests say so in each that they keep: as a share (`0.1`, `10%`) or as how many it stands
 * for. What is said of traces alone, such as a flag that one is sampled, says nothing of logs.
 */
export function sampleField({
  sample,
  format,
  fields,
}: Pick<ReadingPlan, 'sample' | 'format' | 'fields'>): string | undefined {
  if (!/sampl/i.test(sample.text)) return undefined;
  const known = new Set(Object.values(fields));
  for (const values of sampleValues(sample, format.syntax)) {
    for (const [place, value] of values) {
      const name = plainNames(place).find((one) => NAMES.test(one));
      if (name !== undefined && !known.has(place) && isSampled(name, value.trim()))
        return `${hideSecrets(place, undefined, NONE)}: ${value.trim()}`;
    }
  }
  return undefined;
}

const NONE: ReadonlySet<string> = new Set();
const NAMES = /^(?:sampl(?:e|ing)(?:rate|ratio|probability|fraction|interval|percent|percentage)|sampling)$/;

/** The last name of a path, alone and behind the one before, less case and punctuation: `meta.sampling.ratio`. */
function plainNames(place: string): readonly string[] {
  const names = place.split(/[.[\]{}"*]+/).filter((name) => name !== '');
  const [last = '', before = ''] = names.map((name) => name.toLowerCase().replaceAll(/[^a-z]/g, '')).toReversed();
  return [last, before + last];
}

/** Nobody logs fewer than one of so many; what is higher is the rate of something else, such as sound. */
const FEWEST = 1000;

function isSampled(name: string, value: string): boolean {
  const [, number = '', mark, below] = /^(\d{1,4}(?:\.\d{1,9})?)\s*(?:(%)|\/\s*(\d{1,6}))?$/.exec(value) ?? [];
  if (number === '') return false;
  const rate = Number(number);
  if (below !== undefined) return rate < Number(below);
  if (mark !== undefined || name.includes('percent')) return rate < 100;
  return rate !== 1 && rate > 0 && rate <= FEWEST;
}
