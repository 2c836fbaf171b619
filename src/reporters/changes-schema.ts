import type { ChangeKind } from '../model.ts';
import { COUNT, INSTANT, type JsonSchema, listOf, objectOf, TEXT } from './json-schema.ts';
import { DRAFT, GAPS_SCHEMA, KEY_SCHEMA, TOOL_SCHEMA } from './report-schema.ts';
import { CHANGE_WORDS, VERDICT_WORDS, wordsOf } from './vocabulary.ts';

const KINDS: readonly ChangeKind[] = wordsOf(CHANGE_WORDS);

/** JSON Schema (2020-12) of `lastcall report --since <scan|date> -o json`. The order of its members is that of the output. */
export const changesSchema: JsonSchema = {
  $schema: DRAFT,
  $id: 'lastcall.changes/1',
  title: 'lastcall report --since',
  ...objectOf({
    schema: { type: 'string', const: 'lastcall.changes/1' },
    tool: TOOL_SCHEMA,
    generatedAt: INSTANT,
    asOf: INSTANT,
    database: objectOf({ id: TEXT, scan: COUNT }),
    since: objectOf({ scan: COUNT, asOf: INSTANT }, 'The audit that this one is compared with.'),
    summary: {
      description: 'Keys by what is new; what no key has is absent.',
      type: 'object',
      properties: Object.fromEntries(KINDS.map((kind) => [kind, COUNT])),
      additionalProperties: false,
    },
    sources: listOf(
      objectOf({ source: TEXT, fellSilent: { type: 'boolean' }, newGaps: GAPS_SCHEMA }),
      'Only those of which something is new.',
    ),
    keys: listOf(
      objectOf({
        changes: listOf({ type: 'string', enum: KINDS }),
        earlier: {
          description: 'The verdict then; null for a key that was not known.',
          type: ['string', 'null'],
          enum: [...wordsOf(VERDICT_WORDS), null],
        },
        now: KEY_SCHEMA,
      }),
      'Only those of which something is new.',
    ),
  }),
};
