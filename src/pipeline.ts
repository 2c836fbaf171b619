import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { createFingerprinter, type Fingerprinter } from './attribution/fingerprint.ts';
import { loadSecret } from './attribution/secret-file.ts';
import { storageError, writeTransaction } from './engines/sqlite/database.ts';
import { recordVerdicts } from './engines/sqlite/evidence.ts';
import { readInventories, storeInventory } from './engines/sqlite/inventories.ts';
import { openForReading, openForWriting, type Store, type WritableStore } from './engines/sqlite/store.ts';
import { type ExitCode, LastcallError, worseExit } from './errors.ts';
import { FORMATS } from './formats/index.ts';
import { detectFormat } from './ingest/detect-format.ts';
import { ingest, type IngestResult, type Problem, type Progress } from './ingest/ingest.ts';
import { settingsByPath } from './ingest/log-settings.ts';
import { parseLog } from './ingest/parse-log.ts';
import { type Inventory, readInventory } from './inventories/index.ts';
import type { KeyReport, Report } from './model.ts';
import { didYouMean } from './near-miss.ts';
import type { Options } from './options.ts';
import { findKeys, makeReport, type Stock, takeStock } from './report.ts';
import { renderCoverage } from './reporters/coverage.ts';
import { renderExplanation } from './reporters/explanation.ts';
import { inert } from './reporters/inert.ts';
import { renderDetection, renderFormats } from './reporters/formats.ts';
import { reporters } from './reporters/index.ts';
import { renderInventories, renderInventoriesJson } from './reporters/inventories.ts';
import { renderExplanationJson } from './reporters/json.ts';
import type { View } from './reporters/reporter.ts';
import { expandInputs } from './sources/inputs.ts';
import { explain } from './verdicts/explain.ts';

/** What a run may do to the world outside. */
export interface Outside {
  readonly version: string;
  readonly pid: number;
  readonly stdin: Readable;
  readonly isInterrupted: () => boolean;
  readonly clock: () => number;
  /** To an output: a file, or standard output when undefined. Resolves when it may go on. */
  readonly write: (file: string | undefined, pieces: Iterable<string>) => Promise<void>;
  readonly warn: (problem: Problem) => void;
  readonly progress: (progress: Progress) => void;
  readonly summary: (result: IngestResult, startedAt: number) => void;
}

/** Runs one command: read this file to see how bytes become verdicts. */
export async function run(options: Options, outside: Outside): Promise<ExitCode> {
  switch (options.command) {
    case 'scan':
      return scan(options, outside);
    case 'ingest':
      return readLogs(options, outside, () => 0);
    case 'report':
      return withStore(options, (store) => report(store, options, outside));
    case 'explain':
      return withStore(options, (store) => explainKey(store, options, outside));
    case 'check':
      return withStore(options, (store) => checkKey(store, options, outside));
    case 'coverage':
      return withStore(options, (store) => showCoverage(store, options, outside));
    case 'parse':
      return parse(options, outside);
    case 'keys import':
      return importInventories(options, outside);
    case 'keys list':
      return withStore(options, (store) => listInventories(store, options, outside));
    case 'formats':
      return listFormats(options, outside);
    case 'formats detect':
      return detect(options, outside);
    default:
      return options.command satisfies never;
  }
}

/** bytes -> records -> usage -> rollups -> evidence -> verdicts -> report */
function scan(options: Options, outside: Outside): Promise<ExitCode> {
  return readLogs(options, outside, async (store) => {
    const stock = takeStock(store, options);
    const result = makeReport(store, stock, options, outside.version);
    writeTransaction(store.db, store.file, () => recordVerdicts(store.db, stock.scan, result.keys));
    return writeReport(result, options, outside);
  });
}

/** Reads what is new, then lets `next` go on with the open database. Inventories are read first: they may be refused. */
async function readLogs(
  options: Options,
  outside: Outside,
  next: (store: WritableStore) => ExitCode | Promise<ExitCode>,
): Promise<ExitCode> {
  const files = await expandInputs(options.logs);
  const fingerprinter = openFingerprinter(options);
  const inventories = loadInventories(options, fingerprinter);
  const store = openForWriting(options.db, fingerprinter.canary());
  try {
    const startedAt = outside.clock();
    const number = writeTransaction(store.db, store.file, () => {
      for (const inventory of inventories) storeInventory(store.db, inventory, options.now);
      return store.ledger.startScan(options.now, outside.pid, outside.version);
    });
    const result = await ingest(files, {
      ledger: store.ledger,
      scan: number,
      settingsOf: settingsByPath(options, fingerprinter),
      stdin: outside.stdin,
      onProgress: outside.progress,
      isInterrupted: outside.isInterrupted,
    });
    writeTransaction(store.db, store.file, () => store.ledger.finishScan(number, options.now, result));
    outside.summary(result, startedAt);
    for (const problem of result.problems) outside.warn(problem);
    const isIncomplete = result.problems.some((problem) => problem.isIncomplete) || store.ledger.hasOpenFaults();
    return worseExit(isIncomplete ? 3 : 0, result.isInterrupted ? 0 : await next(store));
  } catch (error) {
    throw storageError(error, options.db);
  } finally {
    store.close();
  }
}

async function report(store: Store, options: Options, outside: Outside): Promise<ExitCode> {
  return writeReport(makeReport(store, takeStock(store, options), options, outside.version), options, outside);
}

async function writeReport(result: Report, options: Options, outside: Outside): Promise<ExitCode> {
  for (const { reporter, file } of options.outputs) {
    const chosen = reporters.find(({ name }) => name === reporter);
    if (chosen !== undefined) await outside.write(file, chosen.render(result, viewOf(file, options)));
  }
  return alarms(result.keys, options) ? 1 : 0;
}

function alarms(keys: readonly KeyReport[], { failOn }: Options): boolean {
  return keys.some(({ verdict, findings }) =>
    failOn.some((alarm) => alarm === verdict || findings.some((one) => one === alarm)),
  );
}

async function explainKey(store: Store, options: Options, outside: Outside): Promise<ExitCode> {
  const stock = takeStock(store, options);
  const key = oneKey(makeReport(store, stock, options, outside.version), options.key ?? '');
  const evidence = stock.evidence.find((one) => one.key === key.key);
  if (evidence === undefined) throw new Error(`No evidence for ${key.key}`);
  const tool = { name: 'lastcall', version: outside.version } as const;
  const explanation = { ...explain(evidence, stock.world, key), tool };
  await writeAs(
    options,
    outside,
    (view) => renderExplanation(explanation, view),
    () => renderExplanationJson(explanation),
  );
  return 0;
}

async function checkKey(store: Store, options: Options, outside: Outside): Promise<ExitCode> {
  const key = oneKey(makeReport(store, takeStock(store, options), options, outside.version), options.key ?? '');
  const text = `${key.verdict} ${key.key}: ${key.sentence}\n`;
  await writeAs(
    options,
    outside,
    () => [inert(text.trimEnd()), '\n'],
    () => [`${JSON.stringify(key, null, 2)}\n`],
  );
  return key.verdict === 'safe' ? 0 : 1;
}

function oneKey(result: Report, wanted: string): KeyReport {
  const [key, ...others] = findKeys(result.keys, wanted);
  if (key === undefined) {
    throw new LastcallError('usage', `No key is called "${wanted}"`, {
      hint:
        didYouMean(
          wanted,
          result.keys.map((one) => one.key),
        ) ?? 'lastcall report lists them.',
    });
  }
  if (others.length > 0) {
    throw new LastcallError(
      'usage',
      `"${wanted}" may be ${[key, ...others]
        .map((one) => one.key)
        .slice(0, 5)
        .join(', ')}`,
      { hint: 'Name one of these ids.' },
    );
  }
  return key;
}

async function showCoverage(store: Store, options: Options, outside: Outside): Promise<ExitCode> {
  const result: Stock = takeStock(store, options);
  const full = makeReport(store, { ...result, evidence: [] }, options, outside.version);
  await writeAs(
    options,
    outside,
    (view) => renderCoverage(full, view),
    () => [`${JSON.stringify({ asOf: full.asOf, sources: full.sources }, null, 2)}\n`],
  );
  return 0;
}

/** Prints each record as understood. Nothing is stored. */
async function parse(options: Options, outside: Outside): Promise<ExitCode> {
  const fingerprinter = openFingerprinter(options);
  const settingsOf = settingsByPath(options, fingerprinter);
  const inventory = options.inventoryIds
    ? loadInventories(options, fingerprinter).flatMap(({ entries }) => entries)
    : [];
  let code: ExitCode = 0;
  for (const file of await expandInputs(options.logs)) {
    const problem = await parseLog(file, settingsOf(file), inventory, outside.stdin, (lines) =>
      outside.write(undefined, lines),
    );
    if (problem === undefined) continue;
    outside.warn(problem);
    code = 3;
  }
  return code;
}

function importInventories(options: Options, outside: Outside): ExitCode {
  const fingerprinter = openFingerprinter(options);
  const inventories = loadInventories(options, fingerprinter);
  const store = openForWriting(options.db, fingerprinter.canary());
  try {
    writeTransaction(store.db, store.file, () => {
      for (const inventory of inventories) storeInventory(store.db, inventory, options.now);
    });
    const count = inventories.reduce((sum, { entries }) => sum + entries.length, 0);
    void outside.write(undefined, [`${count} keys of ${inventories.length} inventories\n`]);
    return 0;
  } finally {
    store.close();
  }
}

async function listInventories(store: Store, options: Options, outside: Outside): Promise<ExitCode> {
  const stored = readInventories(store.db);
  await writeAs(
    options,
    outside,
    (view) => renderInventories(stored, view),
    () => renderInventoriesJson(stored),
  );
  return 0;
}

async function listFormats(options: Options, outside: Outside): Promise<ExitCode> {
  await outside.write(undefined, renderFormats(FORMATS, viewOf(undefined, options)));
  return 0;
}

async function detect(options: Options, outside: Outside): Promise<ExitCode> {
  const fingerprinter = openFingerprinter(options);
  const settingsOf = settingsByPath(options, fingerprinter);
  for (const file of await expandInputs(options.logs)) {
    const detection = await detectFormat(file, settingsOf(file), outside.stdin);
    await outside.write(undefined, renderDetection(detection, viewOf(undefined, options)));
  }
  return 0;
}

function withStore(options: Options, act: (store: Store) => Promise<ExitCode>): Promise<ExitCode> {
  const store = openForReading(options.db, undefined);
  return act(store)
    .catch((error: unknown) => {
      throw storageError(error, options.db);
    })
    .finally(() => store.close());
}

function openFingerprinter(options: Options): Fingerprinter {
  const secret = options.secret ?? loadSecret(options.secretFile, { mayCreate: !fs.existsSync(options.db) });
  return createFingerprinter(secret);
}

function loadInventories(
  options: Options,
  fingerprinter: Fingerprinter,
): (Inventory & { file: string; sha256: string })[] {
  return options.inventories.map(({ path: file, columns, source }) => {
    const bytes = readInventoryFile(file);
    const inventory = readInventory(bytes, file, { columns, source, fingerprinter });
    return { ...inventory, file: path.resolve(file), sha256: createHash('sha256').update(bytes).digest('hex') };
  });
}

function readInventoryFile(file: string): Buffer {
  try {
    return fs.readFileSync(file);
  } catch (error) {
    const code = (error as { code?: string }).code ?? 'error';
    throw new LastcallError('inventory', `Inventory "${file}" cannot be read (${code})`, { cause: error });
  }
}

/** Commands that know a text for people and JSON only. */
async function writeAs(
  options: Options,
  outside: Outside,
  asText: (view: View) => Iterable<string>,
  asJson: () => Iterable<string>,
): Promise<void> {
  for (const { reporter, file } of options.outputs) {
    await outside.write(file, reporter === 'json' ? asJson() : asText(viewOf(file, options)));
  }
}

function viewOf(file: string | undefined, { columns, color }: Options): View {
  return file === undefined ? { columns, color } : { columns: 120, color: false };
}
