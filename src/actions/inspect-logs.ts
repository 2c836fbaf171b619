import type { Fingerprinter } from '../attribution/fingerprint.ts';
import type { ExitCode } from '../errors.ts';
import { loadFormats } from '../extensions.ts';
import { FORMATS } from '../formats/index.ts';
import { detectFormat, type Detection } from '../ingest/detect-format.ts';
import { problemsOf } from '../ingest/left-out.ts';
import { settingsByPath } from '../ingest/log-settings.ts';
import { parseLog } from '../ingest/parse-log.ts';
import { openFingerprinter } from './installation-secret.ts';
import type { InventoryEntry } from '../model.ts';
import type { Options } from '../options.ts';
import { type Outside, viewOf, writeAs } from '../outside.ts';
import { ownFiles } from '../own-files.ts';
import { renderFormats } from '../reporters/formats.ts';
import { inertJson } from '../reporters/inert.ts';
import { expandInputs } from '../sources/inputs.ts';
import { createObjectStore } from '../sources/object-store.ts';

// The commands that look at logs and keep nothing of them.

/** `lastcall parse`: prints each record as understood. Nothing is stored. */
export async function parse(options: Options, outside: Outside): Promise<ExitCode> {
  const fingerprinter = openFingerprinter(options, outside.warn);
  const settingsOf = settingsByPath(options, fingerprinter, await loadFormats(options.formats));
  const inventory = options.inventoryIds ? await listedKeys(options, fingerprinter) : [];
  let code: ExitCode = 0;
  const objects = createObjectStore(options.s3);
  const { files, leftOut } = await expandInputs(options.logs, ownFiles(options), objects);
  for (const problem of problemsOf(leftOut)) {
    outside.warn(problem);
    if (problem.isIncomplete) code = 3;
  }
  const write = (lines: readonly string[]): Promise<void> => outside.write(undefined, lines.map(inertJson));
  for (const file of files) {
    const problem = await parseLog(file, settingsOf(file), inventory, outside.stdin, write, objects);
    if (problem === undefined) continue;
    outside.warn(problem);
    code = 3;
  }
  return code;
}

async function listedKeys(options: Options, fingerprinter: Fingerprinter): Promise<InventoryEntry[]> {
  const { loadInventories } = await import('../report/known-keys.ts');
  return loadInventories(options, fingerprinter).flatMap(({ entries }) => entries);
}

/** `lastcall formats` */
export async function listFormats(options: Options, outside: Outside): Promise<ExitCode> {
  await outside.write(
    undefined,
    renderFormats([...(await loadFormats(options.formats)), ...FORMATS], viewOf(undefined, options)),
  );
  return 0;
}

/** `lastcall formats detect`: 3 when a log could not be read as it is. */
export async function detect(options: Options, outside: Outside): Promise<ExitCode> {
  const fingerprinter = openFingerprinter(options, outside.warn);
  const settingsOf = settingsByPath(options, fingerprinter, await loadFormats(options.formats));
  const detections: Detection[] = [];
  const objects = createObjectStore(options.s3);
  const { files } = await expandInputs(options.logs, ownFiles(options), objects);
  for (const file of files) {
    detections.push(await detectFormat(file, settingsOf(file), outside.stdin, objects));
  }
  const { renderDetections, renderDetectionsJson } = await import('../reporters/detection.ts');
  await writeAs(
    options,
    outside,
    (view) => renderDetections(detections, view),
    () => renderDetectionsJson(detections),
  );
  return detections.some(({ problem }) => problem !== undefined) ? 3 : 0;
}
