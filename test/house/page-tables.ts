import fs from 'node:fs';
import path from 'node:path';
import { COMMANDS, EXIT_CODES } from '../../src/commands/command-list.ts';
import { FLAGS } from '../../src/commands/flags.ts';
import { FORMATS } from '../../src/formats/index.ts';
import { INVENTORY_FORMATS } from '../../src/inventories/index.ts';
import { reporters } from '../../src/reporters/index.ts';
import { BLOCKER_WORDS, FINDING_WORDS, wordsOf } from '../../src/reporters/vocabulary.ts';
import { judge } from '../../src/verdicts/judge.ts';
import { OTHER_RULES } from '../verdicts/other-rules.ts';
import { build, TRUTH_TABLE } from '../verdicts/truth-table.ts';
import { policyConstants, type Setting, settings } from './settings.ts';
import { ROOT } from './source-files.ts';

/** The tables of the pages that are made from the lists in src/, by the name that stands in the markers. */
const TABLES: Readonly<Record<string, () => string>> = {
  commands: () =>
    table(
      ['command', 'what it does'],
      COMMANDS.map(({ name, operands, title }) => [code(`lastcall ${name} ${operands}`.trim()), title]),
    ),
  flags: () =>
    table(
      ['flag', 'meaning'],
      FLAGS.map(({ long, short, value, title }) => {
        const names = short === undefined ? long : `${short}, ${long}`;
        return [code(value === undefined ? names : `${names} ${value}`), title];
      }),
    ),
  'exit codes': () =>
    table(
      ['code', 'meaning'],
      EXIT_CODES.map(({ code: number, title }) => [String(number), title]),
    ),
  formats: () =>
    table(
      ['format', 'what it is', 'limits'],
      FORMATS.map(({ name, title, limits = '' }) => [code(name), title, limits]),
    ),
  inventories: () =>
    table(
      ['inventory', 'what it is', 'limits'],
      INVENTORY_FORMATS.map(({ name, title, limits = '' }) => [code(name), title, limits]),
    ),
  reporters: () =>
    table(
      ['reporter', 'what it is for'],
      reporters.map(({ name, title }) => [code(name), title]),
    ),
  blockers: () =>
    table(
      ['blocker', 'what keeps the key from being safe'],
      wordsOf(BLOCKER_WORDS).map((name) => [code(name), BLOCKER_WORDS[name]]),
    ),
  findings: () =>
    table(
      ['finding', 'what it says'],
      wordsOf(FINDING_WORDS).map((name) => [code(name), FINDING_WORDS[name]]),
    ),
  settings: () => settingRows(settings().filter(({ isOfTables }) => !isOfTables)),
  'table settings': () => settingRows(settings().filter(({ isOfTables }) => isOfTables)),
  policy: () => table(['constant', 'default', 'from .. to', 'stricter', 'meaning'], policyConstants()),
  'truth table': () =>
    table(
      ['what was seen, and what it means', 'lastcall', ...Object.keys(OTHER_RULES)],
      TRUTH_TABLE.map(({ situation, meaning }) => {
        const report = judge(...build(situation));
        const others = Object.values(OTHER_RULES).map((rule) => rule(report).answer);
        return [meaning, lastcallSays(report), ...others];
      }),
    ),
};

/** What users read, by its place in the repository; the notes for those who build it are others. */
export const PAGES: readonly string[] = [
  'README.md',
  'src/attribution/README.md',
  'src/commands/README.md',
  'src/commands/configuration.md',
  'src/engines/README.md',
  'src/formats/README.md',
  'src/handoff/README.md',
  'src/inventories/README.md',
  'src/reporters/README.md',
  'src/sources/README.md',
  'src/verdicts/README.md',
  'fixtures/nightly/README.md',
];

export function readPages(): ReadonlyMap<string, string> {
  return new Map(PAGES.map((page) => [page, fs.readFileSync(path.join(ROOT, page), 'utf8')]));
}

/** The pages with their generated tables made anew. */
export function fillTables(pages: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const seen = new Set<string>();
  const filled = new Map([...pages].map(([page, text]) => [page, fillPage(page, text, seen)]));
  const missing = Object.keys(TABLES).filter((name) => !seen.has(name));
  if (missing.length > 0) throw new Error(`No page has a place for the tables: ${missing.join(', ')}`);
  return filled;
}

function fillPage(page: string, text: string, seen: Set<string>): string {
  return text.replaceAll(
    /(<!-- generated: (?<name>[\w ]+) -->\n)[\s\S]*?(?=<!-- end -->)/g,
    (...match: readonly unknown[]) => {
      const { name } = match.at(-1) as { name: string };
      const make = TABLES[name];
      if (make === undefined) throw new Error(`${page} asks for a table "${name}" that nobody makes`);
      if (seen.has(name)) throw new Error(`${page} has the table "${name}", as another page has`);
      seen.add(name);
      return `<!-- generated: ${name} -->\n${make()}`;
    },
  );
}

function settingRows(rows: readonly Setting[]): string {
  return table(
    ['setting', 'what it is', 'default', 'meaning'],
    rows.map(({ name, type, preset, meaning }) => [code(name), type, preset, meaning]),
  );
}

/** `waiting`: `rhythm`, finding `zombie` */
function lastcallSays({ verdict, reason, findings }: ReturnType<typeof judge>): string {
  const decided = reason === 'no-blocker' ? '' : `: ${code(reason)}`;
  return `${code(verdict)}${decided}${findings.map((finding) => `, finding ${code(finding)}`).join('')}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map(escape).join(' | ')} |\n`).join('');
}

function escape(cell: string): string {
  return cell.replaceAll('|', String.raw`\|`);
}

function code(text: string): string {
  return `\`${text}\``;
}
