/** A step of `npm run build`: puts the program together into few files, since to load one takes longer than to run most. */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { ROOT } from './source-files.ts';

/** All in one folder, so that a path from one of them to another file is the same for all. */
const ENTRIES = [
  'cli.ts',
  'index.ts',
  'report/judging-thread.ts',
  'ingest/reader-thread.ts',
  'sources/inflate-thread.ts',
  'handoff/driver-host.ts',
];

/** What is loaded together lies together, with all that it needs: each file costs, however small it is. */
const LOADED_TOGETHER: readonly (readonly [name: string, files: readonly string[]])[] = [
  ['command-line', ['version.ts', 'commands/command-line.ts', 'reporters/index.ts']],
  ['run', ['options.ts', 'run.ts', 'output.ts', 'reporters/progress.ts', 'reporters/summary-line.ts']],
  ['stored', ['actions/stored.ts', 'actions/inspect.ts']],
];

function anyOf(files: readonly string[]): (id: string) => boolean {
  return (id) => files.some((file) => id.endsWith(`/src/${file}`));
}

/** A thread loads all that it needs and nothing more: what only those who read logs need lies apart from what all need. */
class Parts {
  readonly #imports = new Map<string, readonly string[]>();
  readonly plugin = {
    name: 'parts',
    moduleParsed: ({ id, importedIds }: { id: string; importedIds: readonly string[] }): void => {
      this.#imports.set(id, importedIds);
    },
  };

  /** In the order of their rank. */
  get groups(): readonly { name: string; test: (id: string) => boolean }[] {
    const inflating = this.#needed(['sources/inflate-thread.ts']);
    const reading = this.#needed(['ingest/reader-thread.ts']);
    const others = this.#needed([...LOADED_TOGETHER.flatMap(([, files]) => files), 'config/config.ts']);
    return [
      { name: 'inflate', test: (id) => inflating().has(id) && !id.endsWith('-thread.ts') },
      { name: 'shared', test: (id) => reading().has(id) && others().has(id) },
      { name: 'reading', test: (id) => reading().has(id) && !id.endsWith('-thread.ts') },
    ];
  }

  /** Is asked when all modules are known. */
  #needed(files: readonly string[]): () => ReadonlySet<string> {
    let needed: Set<string> | undefined;
    const add = (id: string, to: Set<string>): Set<string> => {
      if (!to.has(id)) for (const other of this.#imports.get(id) ?? []) add(other, to.add(id));
      return to.add(id);
    };
    const isOne = anyOf(files);
    return () =>
      (needed ??= [...this.#imports.keys()].filter(isOne).reduce((all, id) => add(id, all), new Set<string>()));
  }
}

/** Writes the program into a folder, and the licences of what was taken into it. `root`: where its `src` is. */
export async function bundle(folder: string, root: string = ROOT): Promise<void> {
  const parts = new Parts();
  const bundled = await rolldown({
    cwd: root,
    input: Object.fromEntries(ENTRIES.map((file) => [path.basename(file, '.ts'), path.join('src', file)])),
    platform: 'node',
    tsconfig: false,
    plugins: [withoutPrograms, parts.plugin, builtinsByName],
    external: (name, importer) =>
      !isUnused(name, importer) && (name.startsWith('node:') || namedInPackage().includes(name)),
    onLog(_level, log) {
      throw new Error(log.message);
    },
  });
  const { output } = await bundled.write({
    dir: folder,
    chunkFileNames: '[name].js',
    comments: false,
    codeSplitting: {
      groups: [...parts.groups, ...LOADED_TOGETHER.map(([name, files]) => ({ name, test: anyOf(files) }))],
    },
  });
  const modules = output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
  fs.writeFileSync(path.join(folder, 'LICENSES.txt'), licencesOf(modules));
}

/** Commander can run commands that are programs of their own. Ours are not, and the module for it takes long to load. */
function isUnused(name: string, importer: string | undefined): boolean {
  return name === 'node:child_process' && importer?.includes('/node_modules/commander/') === true;
}

const withoutPrograms = {
  name: 'without-programs',
  resolveId: (name: string, importer: string | undefined): string | undefined =>
    isUnused(name, importer) ? NO_PROGRAMS : undefined,
  load: (id: string): string | undefined => (id === NO_PROGRAMS ? 'export default {};' : undefined),
};
const NO_PROGRAMS = '\0no-programs';

/**
 * To import a module of Node's makes all that it exports, among it what loads other modules (`fs.promises`, all of
 * `process`): a sixth of the time of `--help`. To ask for it makes what is asked for.
 */
const builtinsByName = {
  name: 'builtins-by-name',
  renderChunk: (code: string): string =>
    code.replaceAll(/^import (?:(\w+)(?:, )?)?(?:\{ ([^}]+) \})? ?from "(node:[\w/]+)";$/gm, (_, whole, parts, name) =>
      [
        ...(whole === undefined || whole === 'process'
          ? []
          : [`const ${whole} = process.getBuiltinModule("${name}");`]),
        ...(parts === undefined
          ? []
          : [`const { ${parts.replaceAll(' as ', ': ')} } = process.getBuiltinModule("${name}");`]),
      ].join('\n'),
    ),
};

/** What is installed beside lastcall: native code, and what only some need. */
function namedInPackage(): readonly string[] {
  const { dependencies, peerDependencies } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>;
    readonly peerDependencies: Readonly<Record<string, string>>;
  };
  return Object.keys({ ...dependencies, ...peerDependencies });
}

function licencesOf(modules: readonly string[]): string {
  const folders = modules.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? []);
  const texts = [...new Set(folders)].toSorted().map((folder) => {
    const { name, version } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
      readonly name: string;
      readonly version: string;
    };
    const file = fs.readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
    if (file === undefined) throw new Error(`${name} comes without its licence`);
    return `${name} ${version}\n\n${fs.readFileSync(path.join(folder, file), 'utf8').trim()}\n`;
  });
  return `Parts of these packages are in the files of this folder.\n\n${texts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle(path.join(ROOT, 'dist'));
