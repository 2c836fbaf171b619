import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import type { Readable } from 'node:stream';
import { createFingerprinter } from '../attribution/fingerprint.ts';
import { LastcallError } from '../errors.ts';
import type { FieldMap } from '../formats/format.ts';
import { type Detection, detectFormat } from '../ingest/detect-format.ts';
import type { LogSettings } from '../ingest/ingest.ts';
import { settingsByPath } from '../ingest/log-settings.ts';
import { sampleCalls } from '../ingest/sample-calls.ts';
import { type Inventory, readInventory } from '../inventories/index.ts';
import type { InventoryEntry, Usage } from '../model.ts';
import { keysNamedBy } from '../verdicts/evidence.ts';
import { adoptFields } from './adopt-fields.ts';
import { groupLogs, type LogGroup } from './group-logs.ts';

/** What was found among the files that were given. */
export interface Survey {
  readonly sources: readonly SurveyedSource[];
  readonly inventories: readonly SurveyedInventory[];
  /** Files that are neither, with the reason. */
  readonly strangers: readonly { readonly file: string; readonly why: string }[];
}

export interface SurveyedLog {
  readonly file: string;
  readonly format: string;
  readonly detection: Detection;
  /** Usage field -> path, for what the format does not find by itself. */
  readonly fields: FieldMap;
}

export interface SurveyedSource extends LogGroup {
  /** As its last log looks with the fields that were adopted. */
  readonly detection: Detection;
  readonly fields: FieldMap;
  /** Calls of a sample of its logs. */
  readonly calls: readonly Usage[];
}

export interface SurveyedInventory {
  readonly file: string;
  readonly format: string;
  readonly partial: string | undefined;
  readonly entries: readonly InventoryEntry[];
  /** How many of them called in the samples. */
  readonly seen: number;
}

/** Looks at the first records of each file. Keys are told apart under a secret that is forgotten at the end. */
export async function survey(files: readonly string[], stdin: Readable): Promise<Survey> {
  const look = new Lookout(stdin);
  const logs: SurveyedLog[] = [];
  const lists: { readonly file: string; readonly inventory: Inventory }[] = [];
  const strangers: { file: string; why: string }[] = [];
  for (const file of files) {
    const inventory = look.inventoryIn(file);
    const log = await look.logIn(file);
    if (log !== undefined && (inventory === undefined || looksLikeCalls(log))) logs.push(log);
    else if (inventory !== undefined) lists.push({ file, inventory });
    else strangers.push({ file, why: look.whyNoLog });
  }
  const groups = groupLogs(
    logs,
    [...strangers, ...lists].map(({ file }) => file),
  );
  const sources: SurveyedSource[] = [];
  for (const group of groups) sources.push(await look.sourceOf(group));
  const keys = new Set(sources.flatMap(({ calls }) => calls.flatMap((call) => call.keys.map(({ key }) => key))));
  const inventories = lists.map(({ file, inventory: { format, entries, partial } }) => {
    const seen = entries.filter((entry) => keysNamedBy(entry).some((key) => keys.has(key))).length;
    return { file, format, partial, entries, seen };
  });
  return { sources, inventories, strangers };
}

/** A list of keys has dates too; only calls have one of these. */
function looksLikeCalls({ format, detection }: SurveyedLog): boolean {
  if (format !== 'json' && format !== 'csv') return true;
  return detection.fields.some(({ field, share }) => share > 0 && CALL_FIELDS.has(field));
}

const CALL_FIELDS: ReadonlySet<string> = new Set(['ip', 'userAgent', 'status', 'method', 'action']);

const MAX_INVENTORY_BYTES = 64 * 1024 * 1024;
/** Of each source the first, the middle and the last log are sampled. */
const SAMPLED_LOGS = 3;
const SAMPLED_CALLS = 5000;

class Lookout {
  readonly #stdin: Readable;
  readonly #fingerprinter = createFingerprinter(randomBytes(32));
  whyNoLog = '';

  constructor(stdin: Readable) {
    this.#stdin = stdin;
  }

  inventoryIn(file: string): Inventory | undefined {
    try {
      if (fs.statSync(file).size > MAX_INVENTORY_BYTES) return undefined;
      const options = { columns: {}, source: undefined, fingerprinter: this.#fingerprinter };
      const inventory = readInventory(fs.readFileSync(file), file, options);
      return inventory.entries.length === 0 ? undefined : inventory;
    } catch {
      return undefined;
    }
  }

  async logIn(file: string): Promise<SurveyedLog | undefined> {
    this.whyNoLog = '';
    try {
      const first = await detectFormat(file, this.#settings({}), this.#stdin);
      const fields = adoptFields(first);
      const isMapped = Object.keys(fields).length > 0;
      const format = first.format ?? (isMapped ? 'json' : undefined);
      const detection = isMapped ? await detectFormat(file, this.#settings(fields, format), this.#stdin) : first;
      this.whyNoLog = detection.problem ?? 'not recognised';
      if (detection.format === undefined || detection.problem !== undefined) return undefined;
      return detection.records === 0 ? undefined : { file, format: detection.format, detection, fields };
    } catch (error) {
      this.whyNoLog = reasonOf(error);
      return undefined;
    }
  }

  /** The newest log of a source shows what comes next. */
  async sourceOf(group: LogGroup): Promise<SurveyedSource> {
    const { logs } = group;
    const { detection, fields } = logs.at(-1)!;
    const sampled = new Set([logs[0]!, logs[logs.length >> 1]!, logs.at(-1)!].slice(0, SAMPLED_LOGS));
    const calls: Usage[] = [];
    for (const { file } of sampled) {
      const settings = this.#settings(fields, group.format);
      calls.push(...(await sampleCalls(file, settings, this.#stdin, SAMPLED_CALLS)));
    }
    return { ...group, detection, fields, calls };
  }

  #settings(fields: FieldMap, format = 'auto'): LogSettings {
    const options = {
      sources: [],
      source: undefined,
      logFormat: format,
      logFormatString: undefined,
      records: undefined,
      fields: fields as Readonly<Record<string, string>>,
      timezone: undefined,
      systems: [],
    };
    return settingsByPath(options, this.#fingerprinter, [])('');
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof LastcallError) return error.message;
  const code = (error as { code?: unknown }).code;
  if (typeof code !== 'string') throw error;
  return `it cannot be read (${code})`;
}
