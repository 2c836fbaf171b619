import { z } from 'zod';
import type { NameProblem } from './field-names.ts';

/** Some text. */
export const text: z.ZodString = z.string().trim().min(1, { error: 'must not be empty' });

const LAG = /^(\d+(?:\.\d+)?) (minute|hour|day|week)s?$/;
const UNITS_IN_DAY: Readonly<Record<string, number>> = { minute: 1440, hour: 24, day: 1, week: 1 / 7 };
/** A duration, in days. */
export const lag: z.ZodType<number, string> = text
  .regex(LAG, { error: 'is no duration; examples are "14 days" and "3 hours"' })
  .transform((value) => {
    const [, amount = '', unit = ''] = LAG.exec(value) ?? [];
    return Number(amount) / (UNITS_IN_DAY[unit] ?? Number.NaN);
  });

/** A mapping whose names are checked, so that a mistyped name is an error with a near miss. */
export function namedTexts(
  problemOf: (name: string) => NameProblem | undefined,
): z.ZodRecord<z.ZodString, z.ZodString> {
  return z.record(z.string(), text).superRefine((mapping, context) => {
    for (const name of Object.keys(mapping)) {
      const problem = problemOf(name);
      if (problem === undefined) continue;
      context.addIssue({ code: 'custom', path: [name], message: problem.message, params: { hint: problem.hint } });
    }
  });
}
