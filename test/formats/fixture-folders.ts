import fs from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { createFingerprinter } from '../../src/attribution/fingerprint.ts';
import { createKeyResolver } from '../../src/attribution/key-resolver.ts';
import { compileSystems, normaliseIp } from '../../src/attribution/systems.ts';
import { parseLog } from '../../src/ingest/parse-log.ts';
import type { FormatChoice } from '../../src/ingest/reading-plan.ts';
import { ROOT } from '../house/source-files.ts';

/**
 * `fixtures/formats/<format>/`: samples of one log format, `expected.jsonl` with what `lastcall parse` prints of them,
 * and `options.json` where the user must say more than the name of the file. A folder `<format>-<more>` is of the same.
 */
export interface FixtureFolder {
  readonly name: string;
  readonly samples: readonly string[];
  readonly choice: FormatChoice;
}

const FIXTURES = path.join(ROOT, 'fixtures', 'formats');
const NO_SAMPLES = new Set(['expected.jsonl', 'options.json', 'README.md']);

export function fixtureFolders(): FixtureFolder[] {
  return fs
    .readdirSync(FIXTURES, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({
      name,
      samples: fs
        .readdirSync(path.join(FIXTURES, name))
        .filter((file) => !NO_SAMPLES.has(file))
        .toSorted(),
      choice: choiceOf(name),
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

export function sampleFile(folder: FixtureFolder, sample: string): string {
  return path.join(FIXTURES, folder.name, sample);
}

export function expectedFile(folder: FixtureFolder): string {
  return path.join(FIXTURES, folder.name, 'expected.jsonl');
}

/** What `lastcall parse` prints of the samples, with names of files in place of paths. */
export async function parseSamples(folder: FixtureFolder): Promise<string> {
  const resolveKey = createKeyResolver(createFingerprinter('f1'.repeat(32)));
  const interpretation = { timezone: undefined, keyParameters: undefined, resolveKey, normaliseIp };
  const settings = {
    source: undefined,
    choice: folder.choice,
    interpretation: { ...interpretation, nameSystem: compileSystems([]) },
  };
  let text = '';
  for (const sample of folder.samples) {
    const file = sampleFile(folder, sample);
    const problem = await parseLog(file, settings, [], Readable.from([]), async (lines) => {
      text += lines.join('').replaceAll(JSON.stringify(file), JSON.stringify(sample));
    });
    if (problem !== undefined) throw new Error(`${file}: ${problem.message}`);
  }
  return text;
}

function choiceOf(name: string): FormatChoice {
  const options = path.join(FIXTURES, name, 'options.json');
  const auto: FormatChoice = {
    format: 'auto',
    logFormatString: undefined,
    recordsPath: undefined,
    columns: undefined,
    delimiter: undefined,
    fields: {},
    keyHeaders: [],
    sessionHeaders: [],
  };
  if (!fs.existsSync(options)) return auto;
  return { ...auto, ...(JSON.parse(fs.readFileSync(options, 'utf8')) as Partial<FormatChoice>) };
}
