/**
 * Compiles a glob: `*` is any text, blanks and slashes too, `?` is one character, case does not matter. Its time is
 * bounded by text length x pattern length whatever the text: a translation to a regex is not (`*a*a*a*b`).
 */
export function compileGlob(glob: string): (text: string) => boolean {
  const [head = '', ...rest] = glob.toLowerCase().split(/\*+/);
  const tail = rest.pop();
  return (text) => {
    const lower = text.toLowerCase();
    if (!isAt(head, lower, 0)) return false;
    if (tail === undefined) return lower.length === head.length;
    let position = head.length;
    for (const part of rest) {
      const found = find(part, lower, position);
      if (found < 0) return false;
      position = found + part.length;
    }
    const last = lower.length - tail.length;
    return last >= position && isAt(tail, lower, last);
  };
}

function find(part: string, text: string, start: number): number {
  if (!part.includes('?')) return text.indexOf(part, start);
  for (let at = start; at + part.length <= text.length; at++) {
    if (isAt(part, text, at)) return at;
  }
  return -1;
}

function isAt(part: string, text: string, start: number): boolean {
  if (!part.includes('?')) return text.startsWith(part, start);
  if (start + part.length > text.length) return false;
  for (let index = 0; index < part.length; index++) {
    if (part[index] !== '?' && part[index] !== text[start + index]) return false;
  }
  return true;
}
