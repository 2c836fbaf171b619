import {
  COUNT, COUNT_OR_NULL, DAY, DAY_OR_NULL, INSTANT, INSTANT_OR_NULL, type JsonSchema, listOf, objectOf, TEXT, TEXT_OR_NULL,
} from './json-schema.ts'; // prettier-ignore
import { DRAFT, TOOL_SCHEMA } from './report-schema.ts';

const STEP: JsonSchema = { type: 'string', enum: ['disable', 'delete'] };
const SHA256: JsonSchema = { type: 'string', pattern: '^[0-9a-f]{64}$' };
const SEAL: JsonSchema = { ...SHA256, description: 'HMAC-SHA-256 under a key of the installation, over RFC 8785.' };
const SIGNATURE: JsonSchema = {
  ...TEXT_OR_NULL,
  description: 'Ed25519 over the same bytes, in base64; null: not signed.',
};
const YES_OR_NO: JsonSchema = { type: 'boolean' };
const LABEL: JsonSchema = { ...TEXT_OR_NULL, description: 'From the inventory.' };

const PERMIT_SCHEMA = objectOf({
  schema: { type: 'string', const: 'lastcall.permit/1' },
  plan: TEXT,
  nonce: { type: 'string', pattern: '^[0-9a-f]{32}$', description: 'Serves once.' },
  step: { ...STEP, description: 'The one thing that it permits.' },
  tool: TOOL_SCHEMA,
  database: objectOf({ id: TEXT, scan: COUNT }),
  key: { ...TEXT, description: "The inventory's id." },
  label: LABEL,
  owner: LABEL,
  createdAt: { ...INSTANT_OR_NULL, description: 'A key of the same id with another date is another key.' },
  verdict: { type: 'string', const: 'safe' },
  issuedAt: INSTANT,
  expiresAt: INSTANT,
  lastUsedAt: INSTANT_OR_NULL,
  lastRefusedAt: INSTANT_OR_NULL,
  evidence: { ...SHA256, description: 'Of every call that was counted.' },
  inventory: { ...SHA256, description: "Of the key's entry in the inventory." },
  policy: { ...SHA256, description: 'Of the constants by which it was judged.' },
  coverage: listOf(
    objectOf({ source: TEXT, from: DAY_OR_NULL, to: DAY, coveredDays: COUNT }),
    'The sources that could have shown the key. Their names may come from a log: untrusted.',
  ),
  seal: SEAL,
  signature: SIGNATURE,
});

/** JSON Schema (2020-12) of what `lastcall plan -o json` writes. */
export const planSchema: JsonSchema = {
  $schema: DRAFT,
  $id: 'lastcall.plan/1',
  title: 'lastcall plan',
  ...objectOf({
    schema: { type: 'string', const: 'lastcall.plan/1' },
    plan: objectOf({
      plan: { ...TEXT, description: 'Its id.' },
      tool: TOOL_SCHEMA,
      database: objectOf({ id: TEXT, scan: COUNT, scanAt: INSTANT_OR_NULL, ledger: COUNT }),
      issuedAt: INSTANT,
      expiresAt: INSTANT,
      policy: { type: 'object', description: 'The constants that hold for every key.' },
      inventories: listOf(objectOf({ file: TEXT, sha256: TEXT })),
      forced: { ...TEXT_OR_NULL, description: 'Why the circuit breaker was overruled.' },
      signedBy: { ...TEXT_OR_NULL, description: 'The first 16 hex digits of the SHA-256 of the public key (DER).' },
    }),
    permits: listOf(PERMIT_SCHEMA, 'Sorted by key.'),
    trailer: objectOf(
      { count: COUNT, seal: SEAL, signature: SIGNATURE },
      'Over the header and the seals of all permits.',
    ),
  }),
};

const CHANGES: JsonSchema = listOf(objectOf({ code: TEXT, text: { ...TEXT, description: 'For people. Untrusted.' } }));

/** JSON Schema (2020-12) of `lastcall plan verify -o json`. */
export const verificationSchema: JsonSchema = {
  $schema: DRAFT,
  $id: 'lastcall.verification/1',
  title: 'lastcall plan verify',
  ...objectOf({
    schema: { type: 'string', const: 'lastcall.verification/1' },
    tool: TOOL_SCHEMA,
    plan: TEXT_OR_NULL,
    expiresAt: INSTANT_OR_NULL,
    isValid: YES_OR_NO,
    problems: { ...CHANGES, description: 'Of the plan as a whole: then no permit may be used.' },
    permits: listOf(objectOf({ key: TEXT, label: LABEL, step: STEP, isValid: YES_OR_NO, changes: CHANGES })),
  }),
};

const CALLS: JsonSchema = listOf(
  objectOf({
    system: { ...TEXT, description: 'Untrusted: may be text from a log.' },
    at: INSTANT,
    isRefused: YES_OR_NO,
  }),
);
const MISSED = objectOf({
  key: TEXT,
  label: LABEL,
  status: { type: 'string', enum: ['disabled', 'deleted'] },
  since: INSTANT,
  calls: CALLS,
});

/** JSON Schema (2020-12) of `lastcall handoff -o json`. */
export const handoffSchema: JsonSchema = {
  $schema: DRAFT,
  $id: 'lastcall.handoff/1',
  title: 'lastcall handoff',
  ...objectOf({
    schema: { type: 'string', const: 'lastcall.handoff/1' },
    tool: TOOL_SCHEMA,
    plan: TEXT,
    isExecuted: { ...YES_OR_NO, description: 'False: a dry run, nothing was done.' },
    keys: listOf(
      objectOf({
        key: TEXT,
        label: LABEL,
        step: STEP,
        result: { type: 'string', enum: ['ready', 'refused', 'declined', 'done', 'failed', 'unknown'] },
        changes: CHANGES,
        detail: { ...TEXT_OR_NULL, description: 'What the command said, cut short. Untrusted.' },
        at: INSTANT,
      }),
    ),
    undecided: listOf(
      objectOf({ key: TEXT, label: LABEL, step: STEP, since: INSTANT }),
      'Steps of which nobody knows whether they happened.',
    ),
    missed: listOf(MISSED, 'Keys that were called after they had been disabled or deleted.'),
  }),
};

/** JSON Schema (2020-12) of `lastcall handoff history -o json`. */
export const handoffsSchema: JsonSchema = {
  $schema: DRAFT,
  $id: 'lastcall.handoffs/1',
  title: 'lastcall handoff history',
  ...objectOf({
    schema: { type: 'string', const: 'lastcall.handoffs/1' },
    tool: TOOL_SCHEMA,
    brokenAt: { ...COUNT_OR_NULL, description: 'The first line that does not follow from those before it.' },
    keys: listOf(
      objectOf({
        key: TEXT,
        label: LABEL,
        status: { type: 'string', enum: ['untouched', 'disabled', 'deleted'] },
        since: INSTANT_OR_NULL,
        undecided: { type: ['string', 'null'], enum: ['disable', 'delete', null] },
        calls: CALLS,
      }),
    ),
    lines: listOf(
      objectOf({
        seq: COUNT,
        at: INSTANT,
        kind: { type: 'string', enum: ['plan', 'intent', 'outcome', 'call', 'decision'] },
        plan: TEXT_OR_NULL,
        key: TEXT_OR_NULL,
        text: { ...TEXT, description: 'For people. Untrusted.' },
      }),
    ),
  }),
};
