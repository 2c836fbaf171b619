/** An escape made by `inert`, or one letter with its marks: what is never cut in two. */
const UNIT = /\\x[0-9a-f]{2}|\\u[0-9a-f]{4}|\\u\{[0-9a-f]{1,6}\}|[^]\p{M}*/gu;

const PRINTABLE_ASCII = /^[ -~]*$/;

/** Marks without an advance of their own, and the Hangul vowels and finals that join the syllable before them. */
const ZERO = /[\p{Mn}\p{Me}\u1160-\u11ff]/u;

/** East Asian Width W and F, and emoji that show as pictures. */
const WIDE =
  /[\p{Emoji_Presentation}\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\u4dbf\u4e00-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18aff}\u{18b00}-\u{18d08}\u{1aff0}-\u{1b2fb}\u{1f200}-\u{1f265}\u{1f300}-\u{1f320}\u{20000}-\u{3fffd}]/u;

/** Columns that text takes on a terminal: wide East Asian letters and emoji 2, marks 0, others 1. */
export function displayWidth(text: string): number {
  if (PRINTABLE_ASCII.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += widthOf(character);
  return width;
}

/** The text, or its start and an ellipsis when it is wider than `width`. Cuts no letter and no escape in two. */
export function truncate(text: string, width: number): string {
  if (width < 1) return '';
  return displayWidth(text) <= width ? text : `${takeUnits(text, width - 1)}…`;
}

/** The text with spaces up to `width`, before it when `right`. */
export function pad(text: string, width: number, right = false): string {
  const spaces = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return right ? spaces + text : text + spaces;
}

/** Lines no wider than `width`, broken at spaces where possible; what exceeds `maxLines` ends in an ellipsis. */
export function wrap(text: string, width: number, maxLines: number): string[] {
  const lines: string[] = [];
  let rest = text.trim();
  while (rest !== '' && lines.length < maxLines - 1 && displayWidth(rest) > width) {
    const line = firstLine(rest, width);
    lines.push(line.trimEnd());
    rest = rest.slice(line.length).trimStart();
  }
  if (rest !== '') lines.push(truncate(rest, width));
  return lines;
}

function firstLine(text: string, width: number): string {
  const fitting = takeUnits(text, width);
  if (text[fitting.length] === ' ') return fitting;
  const space = fitting.lastIndexOf(' ');
  if (space > 0) return fitting.slice(0, space);
  return fitting === '' ? (text.match(UNIT)?.[0] ?? text) : fitting;
}

function takeUnits(text: string, width: number): string {
  let taken = 0;
  let left = width;
  // An iterator: a hostile text may be a million times longer than the line.
  for (const [unit] of text.matchAll(UNIT)) {
    left -= displayWidth(unit);
    if (left < 0) break;
    taken += unit.length;
  }
  return text.slice(0, taken);
}

function widthOf(character: string): number {
  if (ZERO.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** The width to lay out for: what was asked, within what can be read. */
export function viewWidth(columns: number): number {
  return Math.min(240, Math.max(40, Math.floor(columns) || 120));
}
