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
    'extensions.ts': { values: ['field-names.ts', 'formats', 'module-path.ts', 'near-miss.ts', 'reporters'] },
    'version.ts': { values: [] },
    'output.ts': { values: ['sync-directory.ts'] },
    'sync-directory.ts': { values: [] },
    'dated-files.ts': { values: ['attribution'] },
    'own-files.ts': { values: ['dated-files.ts'], types: ['options.ts'] },
    'instant.ts': { values: [] },
    'count.ts': { values: [] },
    'memo.ts': { values: [] },
    'place-set.ts': { values: [] },
    'event-digests.ts': { values: [] },
    'day-row.ts': { values: [] },
    'rollup-table.ts': { values: ['day-row.ts', 'place-set.ts'] },
    'rollup.ts': { values: ['day-row.ts', 'event-digests.ts', 'rollup-table.ts'] },
    'field-names.ts': { values: ['formats', 'near-miss.ts'], types: ['inventories'] },
    'config-values.ts': { values: [], types: ['field-names.ts'] },
    'config-table.ts': { values: ['config-values.ts', 'field-names.ts'] },
    'table-address.ts': { values: [] },
    'config-handoff.ts': { values: ['config-values.ts', 'field-names.ts'] },
    'config-schema.ts': {
      values: [
        'attribution',
        'config-handoff.ts',
        'config-table.ts',
        'config-values.ts',
        'field-names.ts',
        'instant.ts',
      ],
    },
    'config.ts': {
      values: ['config-schema.ts', 'module-path.ts', 'near-miss.ts'],
      types: ['attribution', 'config-handoff.ts'],
    },
    'options.ts': {
      values: ['commands', 'field-names.ts', 'instant.ts', 'table-address.ts', 'verdicts'],
      types: ['config.ts', 'extensions.ts', 'handoff'],
    },

    sources: { values: [] },
    kernel: { values: ['day-row.ts', 'event-digests.ts'], types: ['formats'] },
    formats: { values: ['formats/dialects', 'kernel', 'memo.ts', 'near-miss.ts'] },
    'formats/dialects': { values: [] },
    attribution: { values: ['memo.ts'] },
    inventories: { values: ['attribution', 'instant.ts'] },
    ingest: {
      values: [
        'attribution',
        'day-row.ts',
        'event-digests.ts',
        'extensions.ts',
        'formats',
        'kernel',
        'memo.ts',
        'place-set.ts',
        'rollup-table.ts',
        'rollup.ts',
        'sources',
      ],
      types: ['config.ts', 'engines/sqlite', 'options.ts'],
    },
    'engines/sqlite': {
      values: [
        'attribution',
        'event-digests.ts',
        'handoff',
        'place-set.ts',
        'rollup-table.ts',
        'rollup.ts',
        'sync-directory.ts',
        'verdicts',
      ],
      types: ['day-row.ts', 'sources'],
    },
    'engines/clickhouse': { values: ['engines/sqlite', 'ingest', 'rollup.ts'], types: ['config-table.ts'] },
    'table-sources.ts': {
      values: ['engines/clickhouse', 'ingest', 'near-miss.ts', 'table-address.ts'],
      types: ['attribution', 'config-table.ts', 'config.ts', 'engines/clickhouse', 'options.ts'],
    },
    'table-queries.ts': {
      values: ['attribution', 'engines/clickhouse', 'engines/sqlite', 'rollup.ts', 'table-sources.ts'],
      types: ['options.ts', 'outside.ts'],
    },
    verdicts: { values: ['attribution', 'count.ts', 'memo.ts', 'near-miss.ts'] },
    handoff: { values: ['attribution', 'verdicts'], types: ['config.ts'] },
    reporters: { values: ['count.ts'], types: ['engines/sqlite', 'formats', 'handoff', 'ingest', 'init'] },
    commands: { values: ['attribution', 'module-path.ts', 'near-miss.ts'], types: ['config.ts', 'field-names.ts'] },

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
    'installation-secret.ts': { values: ['attribution'], types: ['ingest', 'options.ts'] },
    'known-keys.ts': { values: ['dated-files.ts', 'inventories'], types: ['attribution', 'options.ts'] },
    'outside.ts': { values: [], types: ['ingest', 'options.ts', 'reporters'] },
    'loose-ends.ts': {
      values: ['attribution', 'commands', 'near-miss.ts', 'verdicts'],
      types: ['ingest', 'known-keys.ts', 'options.ts', 'report.ts'],
    },
    'shrunk.ts': {
      values: ['engines/sqlite', 'handoff', 'verdicts'],
      types: ['engines/sqlite', 'ingest', 'known-keys.ts'],
    },
    'key-places.ts': { values: [], types: ['config.ts', 'formats'] },
    'key-reports.ts': { values: ['verdicts'] },
    'judging-threads.ts': {
      values: ['engines/sqlite', 'key-reports.ts', 'report.ts', 'reporters'],
      types: ['verdicts'],
    },
    'judging-thread.ts': { values: ['engines/sqlite', 'judging-threads.ts', 'report.ts'] },
    'report.ts': {
      values: ['engines/sqlite', 'key-reports.ts', 'verdicts', 'witnesses.ts'],
      types: ['known-keys.ts', 'options.ts', 'place-set.ts'],
    },
    'exclusions.ts': {
      values: ['engines/sqlite', 'ingest', 'sources'],
      types: ['engines/sqlite', 'ingest', 'options.ts'],
    },
    'witnesses.ts': { values: ['engines/sqlite'], types: ['ingest', 'options.ts'] },
    'doctor.ts': {
      values: [
        'engines/sqlite',
        'handoff',
        'installation-secret.ts',
        'known-keys.ts',
        'loose-ends.ts',
        'missed.ts',
        'outside.ts',
        'report.ts',
        'reporters',
        'shrunk.ts',
        'witnesses.ts',
      ],
      types: ['options.ts'],
    },
    'status.ts': {
      values: ['dated-files.ts', 'engines/sqlite', 'handoff', 'outside.ts', 'reporters'],
      types: ['options.ts'],
    },
    'inspect.ts': {
      values: [
        'attribution',
        'engines/sqlite',
        'extensions.ts',
        'formats',
        'key-places.ts',
        'near-miss.ts',
        'nothing-read.ts',
        'outside.ts',
        'place-set.ts',
        'report.ts',
        'reporters',
        'verdicts',
      ],
      types: ['ingest', 'formats', 'known-keys.ts', 'options.ts'],
    },
    'inspect-logs.ts': {
      values: [
        'extensions.ts',
        'formats',
        'ingest',
        'installation-secret.ts',
        'known-keys.ts',
        'outside.ts',
        'own-files.ts',
        'reporters',
        'sources',
      ],
      types: ['attribution', 'options.ts'],
    },
    'nothing-read.ts': { values: ['engines/sqlite', 'verdicts'], types: ['ingest', 'options.ts'] },
    'permits.ts': {
      values: [
        'engines/sqlite',
        'handoff',
        'installation-secret.ts',
        'nothing-read.ts',
        'outside.ts',
        'report.ts',
        'reporters',
        'verdicts',
      ],
      types: ['ingest', 'options.ts'],
    },
    'missed.ts': {
      values: ['engines/sqlite', 'handoff', 'installation-secret.ts', 'report.ts', 'reporters', 'verdicts'],
      types: ['ingest', 'options.ts'],
    },
    'handing-over.ts': {
      values: [
        'attribution',
        'engines/sqlite',
        'extensions.ts',
        'handoff',
        'installation-secret.ts',
        'missed.ts',
        'near-miss.ts',
        'nothing-read.ts',
        'outside.ts',
        'permits.ts',
        'report.ts',
        'reporters',
        'verdicts',
      ],
      types: ['ingest', 'options.ts'],
    },
    'listings.ts': { values: ['engines/sqlite', 'verdicts'], types: ['options.ts'] },
    'pipeline.ts': {
      values: [
        'engines/sqlite',
        'exclusions.ts',
        'extensions.ts',
        'ingest',
        'installation-secret.ts',
        'known-keys.ts',
        'listings.ts',
        'loose-ends.ts',
        'missed.ts',
        'own-files.ts',
        'report.ts',
        'reporters',
        'shrunk.ts',
        'sources',
        'stored.ts',
        'table-sources.ts',
        'verdicts',
        'witnesses.ts',
      ],
      types: ['engines/clickhouse', 'options.ts', 'outside.ts'],
    },
    'stored.ts': {
      values: [
        'engines/sqlite',
        'extensions.ts',
        'installation-secret.ts',
        'judging-threads.ts',
        'known-keys.ts',
        'loose-ends.ts',
        'missed.ts',
        'outside.ts',
        'report.ts',
        'shrunk.ts',
      ],
      types: ['attribution', 'options.ts'],
    },
    'run.ts': {
      values: [
        'doctor.ts',
        'handing-over.ts',
        'init',
        'inspect-logs.ts',
        'inspect.ts',
        'output.ts',
        'own-files.ts',
        'permits.ts',
        'pipeline.ts',
        'status.ts',
        'table-queries.ts',
        'stored.ts',
      ],
      types: ['options.ts', 'outside.ts'],
    },
    'code-cache.ts': { values: [], types: [] },
    'cli.ts': {
      values: [
        'attribution',
        'code-cache.ts',
        'commands',
        'config.ts',
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
        'config.ts',
        'engines/sqlite',
        'extensions.ts',
        'formats',
        'inspect.ts',
        'installation-secret.ts',
        'nothing-read.ts',
        'options.ts',
        'pipeline.ts',
        'report.ts',
        'reporters',
        'stored.ts',
        'version.ts',
      ],
      types: ['commands', 'formats', 'ingest', 'outside.ts', 'verdicts'],
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
  'ipaddr.js': ['attribution', 'config-schema.ts'],
  picomatch: ['ingest'],
  re2js: ['formats'],
  'stream-chain': ['inventories', 'kernel'],
  'stream-json': ['inventories', 'kernel'],
  tinyglobby: ['sources'],
  yaml: ['config.ts', 'init'],
  zod: ['config-handoff.ts', 'config-schema.ts', 'config-table.ts', 'config-values.ts', 'config.ts'],
};

/** No clock, no file, no random, no process: what goes in decides what comes out. */
const PURE_PARTS = [
  'attribution',
  'count.ts',
  'day-row.ts',
  'field-names.ts',
  'formats',
  'formats/dialects',
  'instant.ts',
  'inventories',
  'kernel',
  'memo.ts',
  'model.ts',
  'near-miss.ts',
  'place-set.ts',
  'reporters',
  'rollup-table.ts',
  'rollup.ts',
  'verdicts',
];
const IMPURE_FILES: Readonly<Record<string, string>> = {
  'attribution/private-file.ts': 'makes and reads files that only their owner can read',
  'attribution/secret-file.ts': 'makes and reads the secret of the installation',
};
const PURE_BUILT_INS = ['node:buffer', 'node:string_decoder'];
const NEEDED: Readonly<Record<string, string>> = {
  'attribution/fingerprint.ts': 'node:crypto',
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
