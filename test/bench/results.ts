import fs from 'node:fs';
import { fileURLToPath } from 'node:url';

const README = fileURLToPath(new URL('README.md', import.meta.url));

/** Puts what a bench found in its place in the README. */
export function writeSection(name: string, text: string): void {
  const page = fs.readFileSync(README, 'utf8');
  const [begin, end] = [`<!-- bench ${name} -->`, `<!-- end ${name} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`The README has no place for ${name}`);
  fs.writeFileSync(README, `${page.slice(0, from + begin.length)}\n${text}${page.slice(to)}`);
}
