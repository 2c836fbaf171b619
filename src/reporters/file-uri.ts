/** A path as a URI reference: relative as it is given, in normal form, with every other sign percent-encoded. */
export function fileUri(file: string): string {
  const path = file.toWellFormed().replaceAll('\\', '/');
  const isDrive = /^[a-z]:\//i.test(path);
  const parts = normal(path.split('/'));
  const encoded = parts.map((part, index) => (isDrive && index === 0 ? part : encode(part))).join('/');
  if (isDrive) return `file:///${encoded}`;
  if (path.startsWith('/')) return `file:///${encoded}`;
  return encoded === '' ? '.' : encoded;
}

/** Without empty steps and steps back, but for those at the start of a relative path. */
function normal(parts: readonly string[]): readonly string[] {
  const isAbsolute = parts[0] === '';
  const kept: string[] = [];
  for (const part of parts) {
    if (part === '' || part === '.') continue;
    if (part !== '..') kept.push(part);
    else if (kept.length > 0 && kept.at(-1) !== '..') kept.pop();
    else if (!isAbsolute) kept.push(part);
  }
  return kept;
}

function encode(part: string): string {
  return encodeURIComponent(part).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}
