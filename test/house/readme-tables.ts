import { COMMANDS, EXIT_CODES } from '../../src/commands/command-list.ts';
import { FLAGS } from '../../src/commands/flags.ts';
import { FORMATS } from '../../src/formats/index.ts';
import { INVENTORY_FORMATS } from '../../src/inventories/index.ts';
import { reporters } from '../../src/reporters/index.ts';
import { judge } from '../../src/verdicts/judge.ts';
import { OTHER_RULES } from '../verdicts/other-rules.ts';
import { build, TRUTH_TABLE } from '../verdicts/truth-table.ts';

/** The tables of README.md that are made from the lists in src/, by the name that stands in the markers. */
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

/** README.md with its generated tables made anew. */
export function fillTables(readme: string): string {
  const seen = new Set<string>();
  const filled = readme.replaceAll(
    /(<!-- generated: (?<name>[\w ]+) -->\n)[\s\S]*?(?=<!-- end -->)/g,
    (...match: readonly unknown[]) => {
      const { name } = match.at(-1) as { name: string };
      const make = TABLES[name];
      if (make === undefined) throw new Error(`README.md asks for a table "${name}" that nobody makes`);
      seen.add(name);
      return `<!-- generated: ${name} -->\n${make()}`;
    },
  );
  const missing = Object.keys(TABLES).filter((name) => !seen.has(name));
  if (missing.length > 0) throw new Error(`README.md has no place for the tables: ${missing.join(', ')}`);
  return filled;
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
