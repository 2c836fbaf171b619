import { COMMANDS, EXIT_CODES } from './command-list.ts';
import { environmentName, FLAGS, isFlagOf } from './flags.ts';
import type { Catalog } from './help.ts';

/** The manual page, lastcall(1), in the man macros of roff (man(7)): made from the lists that the help is made from. */
export function manPage(catalog: Catalog): string {
  return [
    `.TH LASTCALL 1 "" "lastcall ${catalog.version}" "User Commands"`,
    '.SH NAME',
    'lastcall \\- which systems still call with an API key, and whether it can be deleted',
    '.SH SYNOPSIS',
    ...COMMANDS.flatMap(({ name, operands }, index) => [
      ...(index === 0 ? [] : ['.br']),
      `.B lastcall ${roff(name)}`,
      ...(operands === '' ? [] : [`.I ${noEnd(roff(operands))}`]),
      '[flags]',
    ]),
    '.SH DESCRIPTION',
    'Reads the request logs you already have and says, for every API key, which systems still call with it, when each last',
    'did, and whether the key can be deleted without breaking anything. When the logs cannot answer that, it says what is',
    'missing.',
    '.SH COMMANDS',
    ...COMMANDS.flatMap(({ name, operands, title, examples }) => [
      '.TP',
      `.B ${roff(`${name} ${operands}`.trim())}`,
      roff(title),
      '.RS',
      '.sp',
      '.nf',
      ...examples.map(roff),
      '.fi',
      '.RE',
    ]),
    '.SH FLAGS',
    ...FLAGS.flatMap((flag) => [
      '.TP',
      `.B ${roff([flag.short, flag.long].filter((name) => name !== undefined).join(', '))}${flag.value === undefined ? '' : ` ${roff(flag.value)}`}`,
      `${roff(flag.title)}${flag.commands === 'all' ? '' : `. Of: ${takers(flag.name)}`}. In the environment:`,
      `.BR ${environmentName(flag)} .`,
    ]),
    '.SH EXIT STATUS',
    'When several apply, the worst wins: 5, 4, 2, 6, 3, 1, 0.',
    ...EXIT_CODES.flatMap(({ code, title }) => ['.TP', `.B ${code}`, roff(title)]),
    '.SH LOG FORMATS',
    ...(catalog.formats ?? []).flatMap(({ name, title }) => ['.TP', `.B ${roff(name)}`, roff(title)]),
    '.SH REPORTERS',
    ...catalog.reporters.flatMap(({ name, title }) => ['.TP', `.B ${roff(name)}`, roff(title)]),
    '.SH FILES',
    ...[
      ['lastcall.yaml', 'the configuration'],
      ['lastcall.db', 'the database: fingerprints, counts per day, inventories without their keys'],
      ['lastcall/secret', 'in the configuration folder of the user: the secret under which keys are fingerprinted'],
    ].flatMap(([name = '', title = '']) => ['.TP', `.I ${roff(name)}`, roff(title)]),
    '',
  ].join('\n');
}

function takers(name: (typeof FLAGS)[number]['name']): string {
  const flag = FLAGS.find((one) => one.name === name)!;
  return roff(
    COMMANDS.filter((entry) => isFlagOf(flag, entry.name))
      .map((entry) => entry.name)
      .join(', '),
  );
}

/** Dots at its end are no end of a sentence, which roff would space out. */
function noEnd(text: string): string {
  return `${text}\\&`;
}

/** Text that roff takes as it stands: no escape, no macro at the start of a line. */
function roff(text: string): string {
  return text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replace(/^[.']/, '\\&$&');
}
