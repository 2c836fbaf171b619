/* oxlint-disable no-control-regex, no-misleading-character-class -- hunting for exactly these */
/** Written apart from the code under test: what no output may hold. LF is allowed; ours are the only ones. */
const FORBIDDEN =
  /[\0-\x09\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\u{13430}-\u{1343f}\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{1fffe}\u{1ffff}\u{e0000}-\u{e0fff}]/u;

/** The first character that may act on a terminal, as `U+001B`, or undefined. */
export function firstHazard(output: string): string | undefined {
  const code = FORBIDDEN.exec(output)?.[0].codePointAt(0);
  return code === undefined ? undefined : `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Lines in which a CI service would find a command. */
export function ciCommands(output: string): string[] {
  return output.split(/\r?\n/).filter((line) => /^\s*::[a-z]/i.test(line) || /##\w*\[/.test(line));
}

/** The text without the colour codes that our paint may set, and nothing else taken out. */
export function withoutColor(output: string): string {
  return output.replaceAll(/\x1b\[(?:1|2|22|31|32|33|35|36|39)m/g, '');
}
