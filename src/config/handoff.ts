import { z } from 'zod';
import { lag, namedTexts, text } from './values.ts';
import { matchColumnProblem } from './field-names.ts';

/** How keys are handed to what disables and deletes them. */
export interface HandoffConfig {
  /** How long a permit is good for. */
  readonly expiryMs: number;
  /** Covered days without a call that a disabled key has to see before it is deleted. */
  readonly quietDays: number;
  /** More than this share of the keys cannot have become safe at once. */
  readonly maxNewlySafeShare: number;
  readonly timeoutMs: number;
  /** Variables that commands get beside PATH, HOME and the language. */
  readonly environment: readonly string[];
  /** The first that matches a key is its own. */
  readonly providers: readonly HandoffProvider[];
}

export interface HandoffProvider {
  /** Inventory column -> glob; a key must match them all. */
  readonly match: Readonly<Record<string, string>>;
  readonly disable?: HandoffAction | undefined;
  readonly delete?: HandoffAction | undefined;
  /** Only ever shown: what takes a disabling back. */
  readonly undo?: HandoffAction | undefined;
  /** Inventory column: no key is disabled while another one in force has the same value there. */
  readonly onlyKeyOf?: string | undefined;
}

/** A program with its arguments, a module of the user's, or what a person has to do. */
export type HandoffAction =
  | { readonly by: 'driver'; readonly module: string }
  | { readonly by: 'command'; readonly command: readonly string[] }
  | { readonly by: 'hand'; readonly steps: readonly string[] };

const PLACEHOLDER = /\{([^{}]*)\}/g;
const KNOWN_PLACEHOLDER = /^(?:keyId|column\..+)$/;

/** Text in which `{keyId}` and `{column.<name>}` stand for what the inventory says of a key. */
const template = z
  .string()
  .min(1, { error: 'must not be empty' })
  .superRefine((value, context) => {
    for (const [whole, name = ''] of value.matchAll(PLACEHOLDER)) {
      if (KNOWN_PLACEHOLDER.test(name)) continue;
      const hint = 'Known are {keyId} and {column.<name>}, for a column of the inventory.';
      context.addIssue({ code: 'custom', message: `${whole} is no placeholder`, params: { hint } });
    }
  });

const command = z
  .array(template)
  .min(1, { error: 'must name a program' })
  .refine(([program = '']) => !program.includes('{'), { error: 'the program must not depend on the key' })
  .refine((words) => words.some((word) => word.includes('{keyId}')), { error: 'must name the key: {keyId}' })
  .transform((words): HandoffAction => ({ by: 'command', command: words }));

const byHand = z
  .strictObject({
    steps: z.array(template).min(1, { error: 'must have a step' }).describe('what a person has to do'),
  })
  .transform(({ steps }): HandoffAction => ({ by: 'hand', steps }));

const byDriver = z
  .strictObject({ driver: text.describe('a module with a function for the step; it is code that runs') })
  .transform(({ driver }): HandoffAction => ({ by: 'driver', module: driver }));

const ALTERNATIVES = '{ driver: <module> }, or { steps: [...] } to follow by hand';
const action = z
  .union([command, byDriver, byHand], { error: `must be a program with its arguments, ${ALTERNATIVES}` })
  .optional();

const actions = {
  disable: action.describe('makes the key refuse calls, in a way that can be taken back'),
  delete: action.describe('deletes the key, after the quiet period'),
  undo: z
    .union([command, byHand], { error: 'must be a program with its arguments, or { steps: [...] } to follow by hand' })
    .optional()
    .describe('takes the disabling back; shown, never run'),
  onlyKeyOf: text
    .optional()
    .describe('inventory column, such as owner: disable no key while another in force has the same value there'),
};

/** The part `handoff` of lastcall.yaml. */
export const handoffSchema: z.ZodType<HandoffConfig, object> = z
  .strictObject({
    expiry: lag.default(1).describe('how long a permit is good for; default 24 hours'),
    quietPeriod: lag
      .default(7)
      .describe('how long a disabled key is watched, in days with complete logs; default 7 days'),
    maxNewlySafeShare: z.number().gt(0).max(1).default(0.25).describe('more keys than that do not become safe at once'),
    timeoutSeconds: z.number().int().min(1).max(3600).default(60).describe('how long a command may take'),
    environment: z
      .array(text.regex(/^(?!LASTCALL_)[A-Za-z_][A-Za-z0-9_]*$/, { error: 'is no variable that a command may have' }))
      .default([])
      .describe('variables that commands get beside PATH, HOME and the language'),
    ...actions,
    providers: z
      .array(
        z.strictObject({
          match: namedTexts(matchColumnProblem).describe('inventory column: glob; a key must match them all'),
          ...actions,
        }),
      )
      .default([])
      .describe('where keys come from several places; the first that matches a key counts'),
  })
  .refine(({ expiry }) => expiry > 0 && expiry <= 7, { error: 'must be 7 days at most', path: ['expiry'] })
  .refine(({ quietPeriod }) => Number.isInteger(quietPeriod) && quietPeriod >= 1 && quietPeriod <= 365, {
    error: 'must be a number of days, from 1 to 365',
    path: ['quietPeriod'],
  })
  .superRefine(({ providers, ...all }, context) => {
    for (const [index, one] of [...providers.entries(), [undefined, all] as const]) {
      if (one.delete === undefined || one.disable !== undefined) continue;
      const message = 'needs a way to disable the key first, so that who misses it can be helped';
      const path = index === undefined ? ['delete'] : ['providers', index, 'delete'];
      context.addIssue({
        code: 'custom',
        message,
        path,
        params: { hint: 'Where there is none, give { steps: [...] }.' },
      });
    }
  })
  .transform(
    ({
      expiry,
      quietPeriod,
      timeoutSeconds,
      disable,
      delete: remove,
      undo,
      onlyKeyOf,
      providers,
      ...rest
    }): HandoffConfig => ({
      ...rest,
      expiryMs: Math.round(expiry * 86_400_000),
      quietDays: quietPeriod,
      timeoutMs: timeoutSeconds * 1000,
      providers: [
        ...providers,
        ...(disable === undefined ? [] : [{ match: {}, disable, delete: remove, undo, onlyKeyOf }]),
      ],
    }),
  );
