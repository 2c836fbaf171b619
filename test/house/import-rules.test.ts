import { describe, expect, it } from 'vitest';
import { partOf, readSourceFiles } from './source-files.ts';
import type { SourceFile } from './source-files.ts';

const FILES = readSourceFiles();

/**
 * Who may import whom. `types` are gone when the program runs: they say what is exchanged, not what is called. Everybody
 * may use the nouns of model.ts and throw the errors of errors.ts.
 */
const NEIGHBOURS: Readonly<Record<string, { readonly values: readonly string[]; readonly types?: readonly string[] }>> =
  {
    'model.ts': { values: [] },
    'errors.ts': { values: [] },
    'near-miss.ts': { values: [] },
    'module-path.ts': { values: [] },
    'version.ts': { values: [] },
    'sync-directory.ts': { values: [] },
    'output.ts': { values: ['sync-directory.ts'] },
    'instant.ts': { values: [] },
    'count.ts': { values: [] },
    'memo.ts': { values: [] },
    'dated-files.ts': { values: ['attribution'] },
    'extensions.ts': { values: ['config', 'formats', 'module-path.ts', 'near-miss.ts', 'reporters'] },
    tally: { values: [] },
    config: {
      values: ['attribution', 'formats', 'instant.ts', 'module-path.ts', 'near-miss.ts'],
      types: ['inventories'],
    },
    'options.ts': { values: ['commands', 'config', 'instant.ts', 'verdicts'], types: ['extensions.ts', 'handoff'] },
    'own-files.ts': { values: ['dated-files.ts'], types: ['options.ts'] },
    'outside.ts': { values: [], types: ['ingest', 'options.ts', 'reporters'] },
    sources: { values: [] },
    kernel: { values: ['tally'], types: ['formats'] },
    formats: { values: ['formats/dialects', 'kernel', 'memo.ts', 'near-miss.ts'] },
    'formats/dialects': { values: [] },
    attribution: { values: ['memo.ts'] },
    inventories: { values: ['attribution', 'instant.ts'] },
    ingest: {
      values: ['attribution', 'extensions.ts', 'formats', 'kernel', 'memo.ts', 'sources', 'tally'],
      types: ['config', 'engines/sqlite', 'options.ts'],
    },
    'engines/sqlite': {
      values: ['attribution', 'handoff', 'sync-directory.ts', 'tally', 'verdicts'],
      types: ['sources'],
    },
    'engines/clickhouse': { values: ['engines/sqlite', 'ingest', 'tally'], types: ['config'] },
    verdicts: { values: ['attribution', 'count.ts', 'memo.ts', 'near-miss.ts'] },
    handoff: { values: ['attribution', 'verdicts'], types: ['config'] },
    reporters: { values: ['count.ts'], types: ['engines/sqlite', 'formats', 'handoff', 'ingest', 'init'] },
    commands: { values: ['attribution', 'module-path.ts', 'near-miss.ts'], types: ['config'] },
    init: {
      values: [
        'attribution',
        'formats',
        'ingest',
        'inventories',
        'outside.ts',
        'own-files.ts',
        'reporters',
        'sources',
        'verdicts',
      ],
      types: ['options.ts'],
    },
    report: {
      values: ['dated-files.ts', 'engines/sqlite', 'inventories', 'reporters', 'verdicts'],
      types: ['attribution', 'ingest', 'options.ts', 'tally'],
    },
    actions: {
      values: [
        'attribution',
        'commands',
        'config',
        'dated-files.ts',
        'engines/clickhouse',
        'engines/sqlite',
        'extensions.ts',
        'formats',
        'handoff',
        'ingest',
        'near-miss.ts',
        'outside.ts',
        'own-files.ts',
        'report',
        'reporters',
        'sources',
        'tally',
        'verdicts',
      ],
      types: ['options.ts'],
    },
    'run.ts': { values: ['actions', 'init', 'output.ts', 'own-files.ts'], types: ['options.ts', 'outside.ts'] },
    'code-cache.ts': { values: [] },
    'cli.ts': {
      values: [
        'attribution',
        'code-cache.ts',
        'commands',
        'config',
        'extensions.ts',
        'formats',
        'options.ts',
        'output.ts',
        'reporters',
        'run.ts',
        'version.ts',
      ],
      types: ['outside.ts'],
    },
    library: {
      values: [
        'actions',
        'config',
        'engines/sqlite',
        'extensions.ts',
        'formats',
        'options.ts',
        'report',
        'reporters',
        'version.ts',
      ],
      types: ['commands', 'ingest', 'outside.ts', 'verdicts'],
    },
    'index.ts': {
      values: ['attribution', 'extensions.ts', 'handoff', 'inventories', 'library', 'reporters', 'verdicts'],
      types: ['formats', 'ingest'],
    },
  };

/** A library has one home: what replaces it has one place to change. */
const HOMES: Readonly<Record<string, readonly string[]>> = {
  '@aws-sdk/client-s3': ['sources'],
  '@clickhouse/client': ['engines/clickhouse'],
  'better-sqlite3': ['engines/sqlite'],
  commander: ['commands'],
  'cli-table3': ['reporters'],
  'csv-parse': ['inventories'],
  'date-fns': ['instant.ts'],
  'ipaddr.js': ['attribution', 'config'],
  picomatch: ['ingest'],
  re2js: ['formats'],
  'stream-chain': ['inventories', 'kernel'],
  'stream-json': ['inventories', 'kernel'],
  tinyglobby: ['sources'],
  yaml: ['config', 'init'],
  zod: ['config'],
};

/** No clock, no file, no random, no process: what goes in decides what comes out. */
const PURE_PARTS = [
  'attribution',
  'count.ts',
  'formats',
  'formats/dialects',
  'instant.ts',
  'inventories',
  'kernel',
  'memo.ts',
  'model.ts',
  'near-miss.ts',
  'reporters',
  'tally',
  'verdicts',
];
const IMPURE_FILES: Readonly<Record<string, string>> = {
  'attribution/private-file.ts': 'makes and reads files that only their owner can read',
  'attribution/secret-file.ts': 'makes and reads the secret of the installation',
  'tally/event-digests.ts': 'hashes event ids from a random start, so that nobody can make many of them meet',
};
const PURE_BUILT_INS = ['node:buffer', 'node:string_decoder'];
const NEEDED: Readonly<Record<string, string>> = {
  'attribution/fingerprint.ts': 'node:crypto',
  'attribution/key-forms.ts': 'node:crypto',
  // To load a library when it is needed.
  'formats/text-pattern.ts': 'node:module',
};

const MAX_LINES = 400;
const LONG_FILES: Readonly<Record<string, string>> = {
  'model.ts': 'all nouns of the program on one page, types only',
};

describe('imports', () => {
  it('are found: the test reads what the program imports', () => {
    const found = FILES.flatMap(({ imports }) => imports);
    expect(found.filter(({ isOurs }) => isOurs).length).toBeGreaterThan(200);
    const names = new Set(FILES.map(({ name }) => name));
    expect(found.filter(({ isOurs, target }) => isOurs && !names.has(target))).toEqual([]);
  });

  it('of model.ts are none', () => {
    expect(FILES.find(({ name }) => name === 'model.ts')?.imports).toEqual([]);
  });

  it.each(Object.entries(NEIGHBOURS))('of %s stay with its neighbours', (part, { values, types = [] }) => {
    const files = FILES.filter((file) => file.part === part);
    expect(files, `no file in src/${part}: take it off the table`).not.toEqual([]);
    const strangers = files.flatMap(({ name, imports }) =>
      imports
        .filter(({ isOurs, target }) => isOurs && partOf(target) !== part)
        .filter(({ target, isTypeOnly }) => {
          const other = partOf(target);
          if (other === 'errors.ts' || (isTypeOnly && other === 'model.ts')) return false;
          return !values.includes(other) && !(isTypeOnly && types.includes(other));
        })
        .map(({ target, isTypeOnly }) => `${name} imports ${isTypeOnly ? 'types of ' : ''}${target}`),
    );
    expect(strangers).toEqual([]);
  });

  it.each(Object.entries(NEIGHBOURS))('of %s need each of its neighbours', (part, { values, types = [] }) => {
    const imports = FILES.filter((file) => file.part === part).flatMap((file) => file.imports);
    const isUsed = (other: string, isTypeOnly: boolean): boolean =>
      imports.some((one) => one.isOurs && partOf(one.target) === other && one.isTypeOnly === isTypeOnly);
    expect(values.filter((other) => !isUsed(other, false))).toEqual([]);
    expect(types.filter((other) => !isUsed(other, true))).toEqual([]);
  });

  it('know every part of src/', () => {
    expect([...new Set(FILES.map(({ part }) => part))].toSorted()).toEqual(Object.keys(NEIGHBOURS).toSorted());
  });

  it('of a library stand in its home', () => {
    const found = FILES.flatMap(({ name, part, imports }) =>
      imports
        .filter(({ isOurs, target }) => !isOurs && !target.startsWith('node:'))
        .filter(({ target }) => HOMES[target]?.includes(part) !== true)
        .map(({ target }) => `${name} imports ${target}`),
    );
    expect(found).toEqual([]);
  });

  it('make no circle', () => {
    expect(circlesOf(FILES, (one) => !one.isTypeOnly)).toEqual([]);
  });

  it('of types may make a circle within a part, and none across parts', () => {
    const across = circlesOf(FILES, () => true).filter((circle) => new Set(circle.split(' -> ').map(partOf)).size > 1);
    expect(across).toEqual([]);
  });
});

describe('purity', () => {
  const pure = FILES.filter(({ name, part }) => PURE_PARTS.includes(part) && IMPURE_FILES[name] === undefined);

  it('needs no part of Node that reaches outside', () => {
    const found = pure.flatMap(({ name, imports }) =>
      imports
        .filter(({ target }) => target.startsWith('node:') && !PURE_BUILT_INS.includes(target))
        .filter(({ target }) => NEEDED[name] !== target)
        .map(({ target }) => `${name} imports ${target}`),
    );
    expect(found).toEqual([]);
  });

  it('needs no clock and no random', () => {
    const impure =
      /\bDate\.now\b|\bnew Date\(\s*\)|\bMath\.random\b|\bperformance\.|\brandom(?:UUID|Bytes|Int)\b|\bsetTimeout\b/;
    expect(pure.filter(({ code }) => impure.test(code)).map(({ name }) => name)).toEqual([]);
  });

  it('is broken only where a reason is given', () => {
    const names = FILES.map(({ name }) => name);
    expect(Object.keys(IMPURE_FILES).filter((name) => !names.includes(name))).toEqual([]);
  });

  it('leaves the process to cli.ts, and to the program that a driver runs in', () => {
    const users = FILES.filter(
      ({ code, imports }) => /\bprocess\b\s*[.[]/.test(code) || imports.some(({ target }) => target === 'node:process'),
    );
    expect(users.map(({ name }) => name)).toEqual(['cli.ts', 'handoff/driver-host.ts']);
  });
});

describe('size', () => {
  it(`is ${MAX_LINES} lines a file at most, unless a reason is given`, () => {
    const long = FILES.filter(({ text }) => text.trimEnd().split('\n').length > MAX_LINES);
    expect(long.map(({ name }) => name)).toEqual(Object.keys(LONG_FILES));
  });
});

/** Each circle once, as the files on it. */
function circlesOf(files: readonly SourceFile[], counts: (one: SourceFile['imports'][number]) => boolean): string[] {
  const next = new Map(
    files.map(({ name, imports }) => [
      name,
      imports.filter((one) => one.isOurs && counts(one)).map((one) => one.target),
    ]),
  );
  const done = new Set<string>();
  const circles: string[] = [];
  const walk = (name: string, trail: readonly string[]): void => {
    if (trail.includes(name)) {
      circles.push([...trail.slice(trail.indexOf(name)), name].join(' -> '));
      return;
    }
    if (done.has(name)) return;
    for (const target of next.get(name) ?? []) walk(target, [...trail, name]);
    done.add(name);
  };
  for (const { name } of files) walk(name, []);
  return circles;
}
