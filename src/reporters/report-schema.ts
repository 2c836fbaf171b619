import {
  COUNT,
  COUNT_OR_NULL,
  DAY,
  DAY_OR_NULL,
  INSTANT,
  INSTANT_OR_NULL,
  type JsonSchema,
  listOf,
  objectOf,
  orNull,
  TEXT,
  TEXT_OR_NULL,
} from './json-schema.ts';
import {
  ATTRIBUTION_WORDS,
  BLOCKER_WORDS,
  FINDING_WORDS,
  GAP_WORDS,
  SOURCE_STATE_WORDS,
  STATE_WORDS,
  STATUS_WORDS,
  VERDICT_WORDS,
  wordsOf,
} from './vocabulary.ts';

export const DRAFT = 'https://json-schema.org/draft/2020-12/schema';
const DAYS: JsonSchema = { type: 'number', minimum: 0 };

export const TOOL_SCHEMA: JsonSchema = objectOf({ name: { type: 'string', const: 'lastcall' }, version: TEXT });

export const GAP_REASON_SCHEMA: JsonSchema = { type: 'string', enum: wordsOf(GAP_WORDS) };

export const GAPS_SCHEMA: JsonSchema = listOf(
  objectOf({ from: DAY, to: DAY, reason: GAP_REASON_SCHEMA }),
  'Days that prove nothing; `to` is inclusive.',
);

const SUMMARY_SCHEMA = objectOf({
  keys: COUNT,
  safe: COUNT,
  inUse: COUNT,
  waiting: COUNT,
  unknown: COUNT,
  findings: {
    description: 'Keys with each finding; a finding that no key has may be absent.',
    type: 'object',
    properties: Object.fromEntries(wordsOf(FINDING_WORDS).map((finding) => [finding, COUNT])),
    additionalProperties: false,
  },
  records: COUNT,
  quarantined: COUNT,
});

const ACCOUNT_SCHEMA = objectOf(
  { counted: COUNT, quarantined: COUNT, skipped: COUNT, structure: COUNT, pending: COUNT },
  'What became of the bytes, which it adds up to. `structure`: line ends and the shell of documents. `pending`: of a last line or document that is not closed.',
);

const WHOLE_SOURCE = objectOf({
  source: TEXT,
  format: TEXT,
  state: { type: 'string', enum: wordsOf(SOURCE_STATE_WORDS) },
  firstAt: INSTANT_OR_NULL,
  lastAt: INSTANT_OR_NULL,
  records: COUNT,
  quarantined: COUNT,
  skipped: COUNT,
  bytes: COUNT,
  account: ACCOUNT_SCHEMA,
  coveredDays: COUNT,
  gaps: GAPS_SCHEMA,
});

/** A source of which some logs were read by an earlier version has no account. */
const SOURCE_SCHEMA: JsonSchema = {
  ...WHOLE_SOURCE,
  required: Object.keys(WHOLE_SOURCE.properties ?? {}).filter((name) => name !== 'account'),
};

const SESSION_SCHEMA = objectOf({ issuer: TEXT, credentials: COUNT, requests: COUNT, lastUsedAt: INSTANT_OR_NULL });

const SYSTEM_SCHEMA = objectOf({
  system: { ...TEXT, description: 'Untrusted: may be text from a log.' },
  state: { type: 'string', enum: wordsOf(STATE_WORDS) },
  movedTo: TEXT_OR_NULL,
  firstSeenAt: INSTANT_OR_NULL,
  lastUsedAt: INSTANT_OR_NULL,
  requests: COUNT,
  refused: COUNT,
  silentDays: COUNT_OR_NULL,
  silentCoveredDays: COUNT_OR_NULL,
  rhythm: orNull(objectOf({ kind: TEXT, longestPauseDays: DAYS, requiredSilenceDays: DAYS })),
  safeOn: DAY_OR_NULL,
  attribution: { type: 'string', enum: wordsOf(ATTRIBUTION_WORDS) },
});

/** One key of a report. `safe` and an empty list of blockers imply each other. */
export const KEY_SCHEMA: JsonSchema = {
  ...objectOf({
    key: { ...TEXT, description: "The inventory's id, else `k_` and the fingerprint." },
    label: TEXT_OR_NULL,
    display: { ...TEXT, description: 'Prefix and last 4 characters at most, never the key.' },
    owner: TEXT_OR_NULL,
    createdAt: INSTANT_OR_NULL,
    status: { type: 'string', enum: wordsOf(STATUS_WORDS) },
    verdict: { type: 'string', enum: wordsOf(VERDICT_WORDS) },
    reason: {
      description: 'The blocker that decides; `no-blocker` when safe.',
      type: 'string',
      enum: [...wordsOf(BLOCKER_WORDS), 'no-blocker'],
    },
    sentence: { ...TEXT, description: 'For people. Untrusted: names systems and keys as the logs and inventories do.' },
    safeOn: DAY_OR_NULL,
    blockers: listOf(
      objectOf({ code: { type: 'string', enum: wordsOf(BLOCKER_WORDS) }, text: TEXT, until: DAY_OR_NULL }),
    ),
    findings: listOf({ type: 'string', enum: wordsOf(FINDING_WORDS) }),
    exemption: orNull(objectOf({ reason: TEXT, until: DAY_OR_NULL })),
    firstSeenAt: INSTANT_OR_NULL,
    lastUsedAt: INSTANT_OR_NULL,
    lastRefusedAt: INSTANT_OR_NULL,
    requests: COUNT,
    refused: COUNT,
    systems: listOf(SYSTEM_SCHEMA),
    substitution: orNull(
      objectOf({ successor: TEXT, moved: listOf(TEXT), straddling: listOf(TEXT), remaining: listOf(TEXT) }),
    ),
  }),
  anyOf: [
    {
      properties: {
        verdict: { const: 'safe' },
        reason: { const: 'no-blocker' },
        blockers: { type: 'array', maxItems: 0 },
      },
    },
    {
      properties: {
        verdict: { enum: wordsOf(VERDICT_WORDS).filter((verdict) => verdict !== 'safe') },
        reason: { enum: wordsOf(BLOCKER_WORDS) },
        blockers: { type: 'array', minItems: 1 },
      },
    },
  ],
};

/** JSON Schema (2020-12) of `lastcall report -o json`. The order of its members is the order of the output. */
export const reportSchema: JsonSchema = {
  $schema: DRAFT,
  $id: 'lastcall.report/1',
  title: 'lastcall report',
  ...objectOf({
    schema: { type: 'string', const: 'lastcall.report/1' },
    tool: TOOL_SCHEMA,
    generatedAt: INSTANT,
    asOf: INSTANT,
    database: objectOf({ id: TEXT, scan: COUNT }),
    summary: SUMMARY_SCHEMA,
    sources: listOf(SOURCE_SCHEMA),
    sessions: listOf(SESSION_SCHEMA, 'Temporary credentials, counted by the role or user that issued them.'),
    keys: listOf(KEY_SCHEMA),
  }),
};

const KEY_PLACE = objectOf({
  source: TEXT,
  place: { ...TEXT, description: 'A path of the field map, a parameter of the query, a cookie.' },
  seen: {
    type: 'boolean',
    description: 'False: not known of its calls, and the place is where records of the source may carry keys.',
  },
});

/** JSON Schema (2020-12) of `lastcall explain <key> -o json`. */
export const explanationSchema: JsonSchema = {
  $schema: DRAFT,
  $id: 'lastcall.explanation/1',
  title: 'lastcall explanation',
  ...objectOf({
    schema: { type: 'string', const: 'lastcall.explanation/1' },
    tool: TOOL_SCHEMA,
    asOf: INSTANT,
    key: KEY_SCHEMA,
    from: DAY,
    to: DAY,
    callers: listOf(
      objectOf({
        system: TEXT,
        attribution: { type: 'string', enum: wordsOf(ATTRIBUTION_WORDS) },
        sources: listOf(TEXT, 'Only gaps of these matter for it.'),
        days: listOf(objectOf({ day: DAY, requests: COUNT, refused: COUNT }), '`refused` is part of `requests`.'),
        places: listOf(KEY_PLACE, 'Where it sends the key.'),
        rules: listOf(TEXT),
      }),
    ),
    watch: orNull(objectOf({ sources: listOf(TEXT), rules: listOf(TEXT) }, 'Of a key that nobody ever used.')),
    gaps: listOf(objectOf({ source: TEXT, from: DAY, to: DAY, reason: GAP_REASON_SCHEMA })),
    substitution: listOf(TEXT),
    migration: listOf(
      objectOf({
        system: { ...TEXT, description: 'Untrusted: may be text from a log.' },
        standing: { type: 'string', enum: ['moved', 'straddling', 'remaining'] },
        since: { ...DAY_OR_NULL, description: 'First day with the successor.' },
        lastUsedOn: { ...DAY_OR_NULL, description: 'Last day with this key.' },
        safeOn: { ...DAY_OR_NULL, description: 'When it no longer keeps this key if it stops today.' },
        places: listOf(KEY_PLACE, 'Where it sends the key that it has to replace.'),
      }),
      'How far each system is on its way to the successor.',
    ),
    stricterPolicy: listOf(TEXT, 'Constants in which the policy of this key is stricter than the general one.'),
    whatWouldChangeIt: listOf(TEXT),
  }),
};
