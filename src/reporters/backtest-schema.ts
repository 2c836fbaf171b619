import {
  COUNT,
  DAY,
  DAY_OR_NULL,
  INSTANT,
  type JsonSchema,
  listOf,
  objectOf,
  TEXT,
  TEXT_OR_NULL,
} from './json-schema.ts';
import { DRAFT, TOOL_SCHEMA } from './report-schema.ts';

const SHARE_OR_NULL: JsonSchema = { type: ['number', 'null'], minimum: 0 };
const DAYS_OR_NULL: JsonSchema = { type: ['number', 'null'], minimum: 0 };

const RULE_SCHEMA = objectOf({
  rule: { type: 'string', enum: ['policy', 'no-use'] },
  days: { ...DAYS_OR_NULL, description: 'Of `no-use`: the days without use after which a key counts as dead.' },
  firstVerdicts: { ...COUNT, description: 'Keys that the rule called safe for the first time.' },
  misses: { ...COUNT, description: 'Those of them that were used later.' },
  missRate: { ...SHARE_OR_NULL, description: 'From 0 to 1; null without a verdict.' },
  missRateAtMost: {
    ...SHARE_OR_NULL,
    description: 'With 95 % confidence the rate is not higher, as far as the history can show (Clopper-Pearson).',
  },
  medianDaysToSafe: {
    ...DAYS_OR_NULL,
    description: 'From the last use to the first verdict, over the keys that had been used.',
  },
});

const MISS_SCHEMA = objectOf({
  key: TEXT,
  label: TEXT_OR_NULL,
  display: TEXT,
  owner: TEXT_OR_NULL,
  safeOn: { ...DAY, description: 'The day of the verdict.' },
  sentence: { ...TEXT, description: 'As it stood on that day. Untrusted, as in a report.' },
  usedOn: { ...DAY, description: 'The first day of use after that.' },
  systems: listOf(TEXT, 'Who called on that day. Untrusted.'),
});

/** JSON Schema (2020-12) of `lastcall backtest -o json`. The order of its members is the order of the output. */
export const backtestSchema: JsonSchema = {
  $schema: DRAFT,
  $id: 'lastcall.backtest/1',
  title: 'lastcall backtest',
  ...objectOf({
    schema: { type: 'string', const: 'lastcall.backtest/1' },
    tool: TOOL_SCHEMA,
    asOf: INSTANT,
    historyDays: { ...COUNT, description: 'Since the first day with complete logs.' },
    from: { ...DAY_OR_NULL, description: 'First day of judgement.' },
    to: { ...DAY_OR_NULL, description: 'Last day of judgement.' },
    everyDays: COUNT,
    audits: COUNT,
    keys: COUNT,
    rules: listOf(RULE_SCHEMA, 'The policy first, then the fixed-day rules.'),
    misses: listOf(MISS_SCHEMA, 'Of the policy.'),
    notes: listOf(TEXT, 'What these figures do and do not show.'),
  }),
};
