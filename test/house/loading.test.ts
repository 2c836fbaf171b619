import { expect, it } from 'vitest';
import { readSourceFiles } from './source-files.ts';

const FILES = new Map(readSourceFiles().map((file) => [file.name, file]));

/** What is loaded before the first line of these files runs. `await import()` is left out: it is asked for. */
function loadedWith(...names: readonly string[]): ReadonlySet<string> {
  const loaded = new Set<string>();
  const load = (name: string): void => {
    if (loaded.has(name)) return;
    loaded.add(name);
    const file = FILES.get(name);
    const later = new Set(
      [...(file?.text ?? '').matchAll(/\bimport\('[^']*?(?<file>[\w-]+\.ts)'\)/g)].map(
        ({ groups }) => groups?.['file'],
      ),
    );
    for (const { target, isTypeOnly } of file?.imports ?? []) {
      if (!isTypeOnly && !later.has(target.split('/').at(-1))) load(target);
    }
  };
  for (const name of names) load(name);
  return loaded;
}

it('shows help without formats, outputs, configuration and database', () => {
  const loaded = [...loadedWith('version.ts', 'commands/command-line.ts', 'reporters/index.ts')];
  const wanted =
    /^(?:version|errors|near-miss|module-path|model)\.ts$|^commands\/|^reporters\/(?:index|reporter)\.ts$|^commander$|^node:(?:fs|path)$/;
  expect(loaded.filter((name) => !wanted.test(name))).toEqual([]);
});

it('answers for a key without what reads logs, lists of keys and configurations', () => {
  const loaded = [...loadedWith('options.ts', 'run.ts', 'actions/stored.ts', 'actions/inspect.ts')];
  expect(loaded).toContain('verdicts/judge.ts');
  const heavy = /^(?:ingest|sources|inventories|kernel|engines\/clickhouse)\/|^formats\/index\.ts$|^config\/config\.ts$|^(?:zod|yaml|csv-parse|picomatch|tinyglobby|stream-json|re2js)$/;
  expect(loaded.filter((name) => heavy.test(name))).toEqual([]);
}); // prettier-ignore
