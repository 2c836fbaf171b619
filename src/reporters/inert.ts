/**
 * What may act instead of show: controls, line separators, bidi and format controls, zero-width and other ignorable
 * characters, tags, variation selectors, lone surrogates, noncharacters. The signs taken out are visible Arabic,
 * Syriac and Kaithi number marks. `##name[` starts a command of a CI service wherever it stands in a line.
 */
const HAZARD =
  /[[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]--[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}]]|##(?=\w*\[)/gv;

/** No script stacks more marks than this on one letter; piles of them paint over the lines above and below. */
const MARKS_BEYOND_ANY_SCRIPT = /(?<=\p{M}{8})\p{M}/gu;

/** What a CI service takes for a command at the start of a line, which any text may come to stand at. */
const COMMAND_AT_START = /^(\s*):(?=:[A-Za-z].*::)/;

/** Most text: printable ASCII without `#`; in JSON also the line feeds between tokens. */
const PRINTABLE_ASCII = /^[ !"$-~]*$/;
const PRINTABLE_JSON = /^[\n !"$-~]*$/;

/** Makes untrusted text safe for a terminal and for one line of any text: what may act is shown as `\x1b` or `\u202e`. */
export function inert(text: string): string {
  const shown = PRINTABLE_ASCII.test(text)
    ? text
    : text.replace(HAZARD, escapeVisibly).replace(MARKS_BEYOND_ANY_SCRIPT, escapeVisibly);
  return shown.includes('::') ? shown.replace(COMMAND_AT_START, String.raw`$1\x3a`) : shown;
}

/** The same for JSON text: hazards become `\uXXXX`, so nothing is lost. Line feeds between tokens stay. */
export function inertJson(json: string): string {
  if (PRINTABLE_JSON.test(json)) return json;
  return json.replace(HAZARD, (hazard) => {
    if (hazard === '\n') return hazard;
    if (hazard === '##') return String.raw`\u0023#`;
    return hazard.split('').map(jsonEscape).join('');
  });
}

function escapeVisibly(hazard: string): string {
  if (hazard === '##') return String.raw`\x23#`;
  const code = hazard.codePointAt(0) ?? 0;
  if (code <= 0xff) return `\\x${hex(code, 2)}`;
  return code <= 0xffff ? `\\u${hex(code, 4)}` : `\\u{${hex(code, 1)}}`;
}

function jsonEscape(unit: string): string {
  return `\\u${hex(unit.charCodeAt(0), 4)}`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}
