import fs from 'node:fs';
import path from 'node:path';
import { type ExitCode, LastcallError } from '../errors.ts';
import type { Options } from '../options.ts';
import { type Outside, viewOf } from '../outside.ts';
import { ownFiles } from '../own-files.ts';
import { inert } from '../reporters/inert.ts';
import { renderSurvey } from '../reporters/survey.ts';
import { expandInputs } from '../sources/inputs.ts';
import { configText } from './config-text.ts';
import { survey } from './survey.ts';

/** `lastcall init <path...>`: looks at logs and lists of keys and writes a configuration. Never replaces a file. */
export async function init(options: Options, outside: Outside): Promise<ExitCode> {
  const file = options.config ?? 'lastcall.yaml';
  if (fs.existsSync(file)) {
    throw new LastcallError('usage', `"${file}" is there already, and is not replaced`, {
      hint: 'Name another file with --config, and compare.',
    });
  }
  const { files } = await expandInputs(options.logs, ownFiles(options));
  const found = await survey(files, outside.stdin);
  if (!options.quiet) await outside.write(undefined, renderSurvey(found, viewOf(undefined, options)));
  if (found.sources.length === 0) {
    throw new LastcallError('input', 'No log was recognised, so there is nothing to configure', {
      hint: 'See what is in a file: lastcall formats detect <file>',
    });
  }
  if (options.isTerminal && !options.yes) {
    const answer = await outside.ask(`Write ${inert(file)}? [Y/n] `);
    if (answer === undefined || /^\s*n/i.test(answer)) return 0;
  }
  await outside.write(file, [configText(found, path.dirname(path.resolve(file)), options.now)]);
  const scan = file === 'lastcall.yaml' ? 'lastcall scan' : `lastcall scan --config ${file}`;
  const isKeyless = found.sources.every(({ calls }) => calls.every(({ keys }) => keys.length === 0));
  const first = isKeyless ? 'Say in it where the keys sit' : 'Read it';
  await outside.write(undefined, [`Written: ${inert(file)}. ${first}, then: ${inert(scan)}\n`]);
  return 0;
}
