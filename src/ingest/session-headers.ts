import { isRedacted } from '../attribution/key-shape.ts';
import type { FieldMap, Format } from '../formats/format.ts';
import { isSkip, REDACTED } from '../formats/reader.ts';
import type { RawFields, Skip } from '../model.ts';

/**
 * A source may declare headers that carry the sessions of people and no listed key. Where one of them was redacted, and
 * no other place of the record holds a key, no key was used. What is not redacted still counts, so that a key that is sent
 * there all the same is seen.
 */
export function withSessionHeaders(
  format: Format,
  fields: FieldMap,
  headers: readonly string[],
): { readonly format: Format; readonly fields: FieldMap } {
  if (headers.length === 0) return { format, fields };
  const isSession = headers.map(headerTest);
  const others = (fields.key ?? '').split('||').filter((path) => !isSession.some((test) => test(path.trim())));
  const { refineReads: _, refine = (raw: RawFields) => raw, redactions = [], ...rest } = format;
  return {
    format: {
      ...rest,
      redactions: redactions.filter((text) => !isSession.some((test) => test(text.split(':')[0] ?? ''))),
      refine: (raw) => withoutRedacted(raw, refine),
    },
    fields: others.length === 0 ? fields : { ...fields, [`identity.${OTHER_PLACE}`]: others.join('||') },
  };
}

/** Holds a value of the record's other key headers, only to say that there is one. */
const OTHER_PLACE = 'key-beside-sessions';

function withoutRedacted(raw: RawFields, refine: (raw: RawFields) => RawFields | Skip): RawFields | Skip {
  const other = raw.identity[OTHER_PLACE];
  delete raw.identity[OTHER_PLACE];
  const refined = refine(raw);
  if (isSkip(refined) || other !== undefined) return refined;
  refined.keys = refined.keys.filter(({ text }) => text === REDACTED || !isRedacted(text));
  return refined;
}

/** Whether a path, column or capture ends with the header, as gateways and log formats spell it. */
function headerTest(header: string): (path: string) => boolean {
  const name = header.toLowerCase().replace(/[^a-z0-9]/g, (mark) => (mark === '-' ? '[-_]' : `\\${mark}`));
  const pattern = new RegExp(`(?:^|[^a-z0-9])(?:request_|http_|header\\.)?${name}["'\\]}]*$`, 'i');
  return (path) => pattern.test(path);
}
