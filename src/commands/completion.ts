import { LastcallError } from '../errors.ts';
import { didYouMean } from '../near-miss.ts';
import { COMMANDS } from './command-list.ts';
import type { CommandEntry } from './command-list.ts';
import { FLAGS, isFlagOf } from './flags.ts';
import type { Flag, FlagName } from './flags.ts';
import type { Catalog } from './help.ts';
import { ALARMS } from './outputs.ts';

/** Shells for which there is a completion script. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

type Shell = (typeof SHELLS)[number];

/** The completion script of a shell, made from the lists of commands and flags. What may be a file stays the shell's. */
export function completionScript(shell: string, catalog: Catalog): string {
  if (!isShell(shell)) {
    const hint = didYouMean(shell, SHELLS) ?? `There are: ${SHELLS.join(', ')}.`;
    throw new LastcallError('usage', `there is no completion for ${JSON.stringify(shell)}`, { hint });
  }
  return SCRIPTS[shell](catalog);
}

function isShell(name: string): name is Shell {
  return (SHELLS as readonly string[]).includes(name);
}

const SCRIPTS: Readonly<Record<Shell, (catalog: Catalog) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

const HOW_TO_LOAD: Readonly<Record<Shell, string>> = {
  bash: 'eval "$(lastcall completion bash)"   in ~/.bashrc',
  zsh: 'lastcall completion zsh > ~/.zfunc/_lastcall   with ~/.zfunc in fpath, before compinit',
  fish: 'lastcall completion fish > ~/.config/fish/completions/lastcall.fish',
};

/** The first words of commands, and for those that are groups the second ones. */
function words(first?: string): readonly string[] {
  const all = COMMANDS.map(({ name }) => name.split(' '));
  const wanted = all.flatMap(([one = '', two]) =>
    first === undefined ? [one] : one === first && two !== undefined ? [two] : [],
  );
  return [...new Set(first === undefined ? [...wanted, 'completion', 'help'] : wanted)];
}

function groups(): readonly string[] {
  return words().filter((word) => words(word).length > 0);
}

/** What a flag may be set to, where that is a list. */
function choicesOf(name: FlagName, catalog: Catalog): readonly string[] {
  if (name === 'output') return catalog.reporters.map((reporter) => reporter.name);
  if (name === 'logFormat') return ['auto', ...(catalog.formats ?? []).map((format) => format.name)];
  return name === 'failOn' ? ['none', ...ALARMS] : [];
}

/** Flags whose value is no file and no list: nothing can be proposed. */
function isFreeText({ name, value }: Flag, catalog: Catalog): boolean {
  return value !== undefined && !FILES.has(name) && choicesOf(name, catalog).length === 0;
}

const FILES: ReadonlySet<FlagName> = new Set(['keys', 'config', 'db', 'secretFile', 'publicKey']);

function spellings({ long, short }: Flag): readonly string[] {
  return short === undefined ? [long] : [long, short];
}

function bashScript(catalog: Catalog): string {
  const values = FLAGS.flatMap((flag) => {
    const pattern = spellings(flag).join('|');
    const choices = choicesOf(flag.name, catalog);
    if (choices.length > 0)
      return [`    ${pattern}) COMPREPLY=($(compgen -W '${choices.join(' ')}' -- "$cur")); return ;;`];
    if (FILES.has(flag.name)) return [`    ${pattern}) _lastcall_files; return ;;`];
    return isFreeText(flag, catalog) ? [`    ${pattern}) return ;;`] : [];
  });
  const flags = COMMANDS.map((entry) => `    '${entry.name}') flags='${flagsOf(entry).join(' ')}' ;;`);
  const seconds = groups().map((group) => `    ${group}) [[ -z $second ]] && words="${words(group).join(' ')}" ;;`);
  const withValue = FLAGS.filter(({ value }) => value !== undefined).flatMap(spellings);
  return `# lastcall completion for bash: ${HOW_TO_LOAD.bash}
_lastcall() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} first='' second='' words='' flags='' word i
  case $prev in
${values.join('\n')}
  esac
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case $word in
      ${withValue.join('|')}) ((i++)) ;;
      -*) ;;
      *) if [[ -z $first ]]; then first=$word; elif [[ -z $second ]]; then second=$word; fi ;;
    esac
  done
  case $first in
    '') words='${words().join(' ')}' ;;
    completion) words='${SHELLS.join(' ')}' ;;
${seconds.join('\n')}
  esac
  case "$first $second" in
${COMMANDS.filter(({ name }) => name.includes(' '))
  .map(({ name }) => `    '${name}') first='${name}' ;;`)
  .join('\n')}
  esac
  case $first in
${flags.join('\n')}
    *) flags='${commonFlags().join(' ')}' ;;
  esac
  if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W "$flags" -- "$cur"))
  else
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
    [[ -z $first ]] || _lastcall_files
  fi
}
# One name a line: there may be blanks in it.
_lastcall_files() {
  local file
  while IFS= read -r file; do COMPREPLY+=("$file"); done < <(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}")
}
complete -o filenames -F _lastcall lastcall
`;
}

function flagsOf(entry: CommandEntry): readonly string[] {
  return [...FLAGS.filter((flag) => isFlagOf(flag, entry.name)).flatMap(spellings), '--help'];
}

function commonFlags(): readonly string[] {
  return [...FLAGS.filter(({ commands }) => commands === 'all').flatMap(spellings), '--help', '--version'];
}

function zshScript(catalog: Catalog): string {
  const commands = COMMANDS.map((entry) => {
    const specs = [
      ...FLAGS.filter((flag) => isFlagOf(flag, entry.name)).map((flag) => zshFlag(flag, catalog)),
      `'--help[print this help]'`,
    ];
    return `    ${quoteZsh(entry.name)}) specs=(${specs.join(' ')}) ;;`;
  });
  const first = words().map((word) => quoteZsh(described(word, titleOf(word))));
  const seconds = groups().map((group) => {
    const shown = words(group).map((word) => quoteZsh(described(word, titleOf(`${group} ${word}`))));
    return `    ${group}) second=(${shown.join(' ')}) ;;`;
  });
  return `#compdef lastcall
# lastcall completion for zsh: ${HOW_TO_LOAD.zsh}
_lastcall() {
  local -a first second specs
  first=(${first.join(' ')})
  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then _describe command first; return; fi
  case $words[2] in
    completion) _values shell ${SHELLS.join(' ')}; return ;;
${seconds.join('\n')}
  esac
  if (( CURRENT == 3 && $#second )) && [[ $words[3] != -* ]]; then _describe command second; return; fi
  local name=$words[2]
  (( \${second[(I)$words[3]:*]} )) && name="$words[2] $words[3]"
  case $name in
${commands.join('\n')}
  esac
  _arguments -s $specs '*:file:_files'
}
# Loaded by its name in fpath, it is called at once; read by eval or source, it is only made known.
if [[ $funcstack[1] == _lastcall ]]; then _lastcall "$@"; else compdef _lastcall lastcall; fi
`;
}

function zshFlag(flag: Flag, catalog: Catalog): string {
  const title = flag.title.replaceAll(/[[\]:\\]/g, '\\$&');
  const choices = choicesOf(flag.name, catalog);
  const action = choices.length > 0 ? `(${choices.join(' ')})` : FILES.has(flag.name) ? '_files' : ' ';
  const value = flag.value === undefined ? '' : `:${flag.name}:${action}`;
  const repeatable = flag.separator === undefined ? '' : '*';
  return spellings(flag)
    .map((spelling) => quoteZsh(`${repeatable}${spelling}[${title}]${value}`))
    .join(' ');
}

/** As `_describe` takes it: a colon separates word and title. */
function described(word: string, title: string): string {
  return `${word}:${title.replaceAll(':', '\\:')}`;
}

function quoteZsh(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function titleOf(command: string): string {
  if (command === 'completion') return 'Print the completion script of a shell.';
  if (command === 'help') return 'Print the help of a command.';
  const entry =
    COMMANDS.find(({ name }) => name === command) ?? COMMANDS.find(({ name }) => name.startsWith(`${command} `));
  return entry?.title ?? '';
}

function fishScript(catalog: Catalog): string {
  const top = words().map(
    (word) => `complete -c lastcall -f -n __fish_use_subcommand -a ${word} -d ${quoteFish(titleOf(word))}`,
  );
  const nested = groups().flatMap((group) => {
    // Where a file may stand in place of the second word, files are proposed as well.
    const only = COMMANDS.some(({ name, operands }) => name === group && operands !== '') ? '' : ' -f';
    return words(group).map((word) => {
      const isNext = `__fish_seen_subcommand_from ${group}; and not __fish_seen_subcommand_from ${words(group).join(' ')}`;
      return `complete -c lastcall${only} -n ${quoteFish(isNext)} -a ${word} -d ${quoteFish(titleOf(`${group} ${word}`))}`;
    });
  });
  const flags = FLAGS.map((flag) => {
    const takers = [
      ...new Set(COMMANDS.filter((entry) => isFlagOf(flag, entry.name)).map(({ name }) => name.split(' ')[0])),
    ];
    const where = flag.commands === 'all' ? '' : ` -n ${quoteFish(`__fish_seen_subcommand_from ${takers.join(' ')}`)}`;
    const choices = choicesOf(flag.name, catalog);
    const value =
      flag.value === undefined
        ? ''
        : FILES.has(flag.name)
          ? ' -r'
          : ` -x${choices.length > 0 ? ` -a ${quoteFish(choices.join(' '))}` : ''}`;
    const short = flag.short === undefined ? '' : ` -s ${flag.short.slice(1)}`;
    return `complete -c lastcall -l ${flag.long.slice(2)}${short}${where}${value} -d ${quoteFish(flag.title)}`;
  });
  const shells = `complete -c lastcall -f -n '__fish_seen_subcommand_from completion' -a ${quoteFish(SHELLS.join(' '))}`;
  return [`# lastcall completion for fish: ${HOW_TO_LOAD.fish}`, ...top, ...nested, shells, ...flags, ''].join('\n');
}

function quoteFish(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", String.raw`\'`)}'`;
}
