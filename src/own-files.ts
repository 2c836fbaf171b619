import { datedFiles } from './dated-files.ts';
import type { Options } from './options.ts';

/** Files that a run reads beside the logs, or keeps: an output must not replace them. */
export function neededFiles({ db, secretFile, config, inventories, planFile }: Options): string[] {
  return [
    ...['', '-wal', '-shm', '.lock'].map((end) => `${db}${end}`),
    secretFile,
    ...(config === undefined ? [] : [config]),
    ...(planFile === undefined ? [] : [planFile]),
    ...inventories.flatMap(({ path }) => datedFiles(path)),
  ];
}

export function outputFiles({ outputs }: Options): string[] {
  return outputs.flatMap(({ file }) => file ?? []);
}

/** Files of the run itself: no logs, unless somebody names one as such. */
export function ownFiles(options: Options): string[] {
  return [...neededFiles(options), ...outputFiles(options)];
}
