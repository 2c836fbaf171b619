/** Texts this short are words, and no keys that could be told from them. */
const SHORTEST = 8;
export const LONGEST = 512;
/** A name, an equals sign and a key. */
const LONGEST_PAIR = 1024;
/** Keys are written in these characters; base64 has three more, which elsewhere stand between words. */
const PLAIN = /[\w.~-]+/g;
const BASE64 = /[\w.~+/=-]+/g;
const BASIC = /\bbasic\s+([\w+/-]+={0,2})/gi;

/**
 * All texts in an unreadable record that may be keys as they were sent: whole words, also behind percent and backslash
 * escapes, and what Basic credentials hold. Far too many: each is to be looked up among the keys that there are.
 */
export function keyTextsIn(text: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const reading of readingsOf(text)) {
    for (const alphabet of [PLAIN, BASE64]) {
      for (const [word] of reading.matchAll(alphabet)) addWord(found, word);
    }
    for (const [, credentials = ''] of reading.matchAll(BASIC)) {
      const decoded = Buffer.from(credentials, 'base64').toString('utf8');
      for (const part of [decoded, ...decoded.split(':')]) addWord(found, part);
    }
  }
  return found;
}

function readingsOf(text: string): readonly string[] {
  const unescaped = text.replace(/\\(?:u00|x)([0-9a-f]{2})/gi, (_, hex: string) => charOf(hex)).replaceAll('\\', '');
  const decoded = unescaped.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => charOf(hex));
  return [...new Set([text, unescaped, decoded])];
}

function charOf(hex: string): string {
  return String.fromCharCode(Number.parseInt(hex, 16));
}

/** A word may end a sentence or a parameter: `key=abc...`, `abc....` */
function addWord(found: Set<string>, word: string): void {
  if (word.length > LONGEST_PAIR) return;
  const bare = word.replace(/^[.=/-]+|[./-]+$/g, '');
  for (const one of [word, bare, bare.slice(bare.indexOf('=') + 1)]) if (mayBeKey(one)) found.add(one);
}

/** Whether a word may be a key: no ordinary word. */
export function mayBeKey(word: string): boolean {
  return word.length >= SHORTEST && word.length <= LONGEST && /[\d_-]|[a-z].*[A-Z]|[A-Z].*[a-z]/.test(word);
}
