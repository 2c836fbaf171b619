import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import type { Readable } from 'node:stream';
import { createFingerprinter } from '../attribution/fingerprint.ts';
import { fitsMasked } from '../attribution/masked.ts';
import { hideKeys } from '../attribution/raw-secret.ts';
import { LastcallError } from '../errors.ts';
import type { FieldMap } from '../formats/format.ts';
import { type Detection, detectFormat } from '../ingest/detect-format.ts';
import type { LogSettings } from '../ingest/reading-plan.ts';
import { settingsByPath } from '../ingest/log-settings.ts';
import { sampleCalls } from '../ingest/sample-calls.ts';
import { type Inventory, readInventory } from '../inventories/index.ts';
import { joinInventories } from '../inventories/joined.ts';
import type { InventoryEntry, Usage } from '../model.ts';
import { keysNamedBy } from '../verdicts/evidence.ts';
import { adoptFields, adoptPattern } from './adopt-fields.ts';
import { DESCRIBED, fitsLines, formatStringsIn, tellsMore } from './format-strings.ts';
import { groupLists, type ListFile } from './group-lists.ts';
import { groupLogs, type LogGroup } from './group-logs.ts';
import { plainlyNoLog } from './no-log.ts';
import { type LeftOut, leaveOut } from './left-out.ts';

/** What was found among the files that were given. */
export interface Survey {
  readonly sources: readonly SurveyedSource[];
  readonly inventories: readonly SurveyedInventory[];
  /** What could be read as a log, and is proposed as none. */
  readonly leftOut: readonly LeftOut[];
  /** Files that are neither, with the reason. */
  readonly strangers: readonly Stranger[];
}

export interface Stranger {
  readonly file: string;
  readonly why: string;
  /** Why it is no list of keys, where it looks like a list. */
  readonly asList: string | undefined;
}

export interface SurveyedLog {
  readonly file: string;
  readonly format: string;
  readonly detection: Detection;
  /** Usage field -> path, for what the format does not find by itself. */
  readonly fields: FieldMap;
  /** Those of a server's configuration beside it that fit its lines. A single one is how it is read; of more, who knows. */
  readonly formatStrings: readonly string[];
  /** Why it is no list of keys, where it looks like a list. */
  readonly asList: string | undefined;
}

export interface SurveyedSource extends LogGroup {
  /** As its last log looks with the fields that were adopted. */
  readonly detection: Detection;
  readonly fields: FieldMap;
  /** Calls of a sample of its logs. */
  readonly calls: readonly Usage[];
  /** Those of the sampled logs that end before their time. */
  readonly damaged: readonly Damaged[];
}

export interface Damaged {
  readonly file: string;
  readonly why: string;
}

export interface SurveyedInventory {
  /** A file, or what dated exports of one list are called, whatever their date. */
  readonly file: string;
  /** Of those, the one that counts. */
  readonly newest: string | undefined;
  readonly format: string;
  readonly partial: string | undefined;
  readonly remedy: string | undefined;
  readonly entries: readonly InventoryEntry[];
  /** How many of them called in the samples. */
  readonly seen: number;
}

/** Looks at the first records of each file. Keys are told apart under a secret that is forgotten at the end. */
export async function survey(files: readonly string[], stdin: Readable): Promise<Survey> {
  const look = new Lookout(stdin, [...new Set(files.flatMap((file) => formatStringsIn(file) ?? []))]);
  const logs: SurveyedLog[] = [];
  const lists: ListFile[] = [];
  const strangers: Stranger[] = [];
  for (const file of files) {
    const inventory = look.inventoryIn(file);
    const log = await look.logIn(file);
    if (log !== undefined && (inventory === undefined || looksLikeCalls(log))) logs.push(log);
    else if (inventory !== undefined) lists.push({ file, inventory });
    else strangers.push({ file, why: plainlyNoLog(file) ?? look.whyNoLog, asList: look.whyNoList });
  }
  const groups = groupLogs(
    logs,
    [...strangers, ...lists].map(({ file }) => file),
  );
  const found: SurveyedSource[] = [];
  for (const group of groups) found.push(await look.sourceOf(group));
  const { sources, leftOut } = leaveOut(found);
  return { sources, leftOut, strangers, inventories: inventoriesOf(lists, sources) };
}

const LIST = /\.(?:csv|tsv|json|jsonl|ndjson)$/i;

/** Completed by each other, as a scan does it. */
function inventoriesOf(lists: readonly ListFile[], sources: readonly SurveyedSource[]): readonly SurveyedInventory[] {
  const refs = sources.flatMap(({ calls }) => calls.flatMap((call) => call.keys));
  const [keys, displays] = [new Set(refs.map(({ key }) => key)), new Set(refs.map(({ display }) => display))];
  const calls = (entry: InventoryEntry): boolean => {
    const { match } = entry;
    if (match.by === 'masked') return [...displays].some((display) => fitsMasked(match, display));
    return keysNamedBy(entry).some((key) => keys.has(key));
  };
  const joined = joinInventories(
    groupLists(lists).map(({ pattern, file, inventory }) => ({ ...inventory, file: pattern ?? file, newest: file })),
  );
  return joined.map(({ file, newest, format, entries, partial, remedy }) => {
    const seen = entries.filter(calls).length;
    return { file, newest: newest === file ? undefined : newest, format, partial, remedy, entries, seen };
  });
}

/** A list of keys has dates too; only calls have one of these. */
function looksLikeCalls({ format, detection }: SurveyedLog): boolean {
  if (format !== 'json' && format !== 'csv') return true;
  return detection.fields.some(({ field, share }) => share > 0 && CALL_FIELDS.has(field));
}

const CALL_FIELDS: ReadonlySet<string> = new Set(['ip', 'userAgent', 'status', 'method', 'action']);

const MAX_INVENTORY_BYTES = 64 * 1024 * 1024;
/** Of each source the first, the middle and the last log are sampled, and more of many short ones. */
const SAMPLED_LOGS = 3;
const MOST_SAMPLED_LOGS = 50;
const SAMPLED_CALLS = 5000;

interface Described {
  readonly formatString: string;
  readonly detection: Detection;
}

class Lookout {
  readonly #stdin: Readable;
  readonly #formatStrings: readonly string[];
  readonly #fingerprinter = createFingerprinter(randomBytes(32));
  whyNoLog = '';
  whyNoList: string | undefined;

  /** `formatStrings`: of the configurations of servers among the files. */
  constructor(stdin: Readable, formatStrings: readonly string[]) {
    this.#stdin = stdin;
    this.#formatStrings = formatStrings;
  }

  inventoryIn(file: string): Inventory | undefined {
    this.whyNoList = undefined;
    try {
      if (fs.statSync(file).size > MAX_INVENTORY_BYTES) return undefined;
      const options = { columns: {}, source: undefined, fingerprinter: this.#fingerprinter };
      const inventory = readInventory(fs.readFileSync(file), file, options);
      return inventory.entries.length === 0 ? undefined : inventory;
    } catch (error) {
      if (error instanceof LastcallError && LIST.test(file)) this.whyNoList = inShort(error, file);
      return undefined;
    }
  }

  async logIn(file: string): Promise<SurveyedLog | undefined> {
    this.whyNoLog = '';
    try {
      const first = await detectFormat(file, this.#settings({}), this.#stdin);
      const described = await this.#described(file, first);
      const formatStrings = described.map(({ formatString }) => formatString);
      const [only, ...others] = described;
      if (only !== undefined && others.length === 0 && tellsMore(only.detection, first)) {
        const { detection } = only;
        return { file, format: detection.format!, detection, fields: {}, formatStrings, asList: this.whyNoList };
      }
      const fields = adoptFields(first);
      const isMapped = Object.keys(fields).length > 0;
      const format = first.format ?? (isMapped ? first.shape : adoptPattern(first));
      const isOther = isMapped || format !== first.format;
      const detection = isOther ? await detectFormat(file, this.#settings(fields, format), this.#stdin) : first;
      this.whyNoLog = (detection.problem ?? NOT_RECOGNISED).replace(
        /^its format is not recognised\. .*/s,
        NOT_RECOGNISED,
      );
      if (detection.format === undefined || detection.problem !== undefined) return undefined;
      const asList = this.whyNoList;
      return detection.records === 0
        ? undefined
        : { file, format: format ?? detection.format, detection, fields, formatStrings, asList };
    } catch (error) {
      this.whyNoLog = reasonOf(error, file);
      return undefined;
    }
  }

  /** By the format strings that fit its lines. The start of another one takes what follows for a part of its last field. */
  async #described(file: string, first: Detection): Promise<readonly Described[]> {
    const fitting: Described[] = [];
    for (const formatString of this.#formatStrings) {
      const detection = await detectFormat(file, this.#settings({}, 'auto', formatString), this.#stdin);
      if (fitsLines(detection, first)) fitting.push({ formatString, detection });
    }
    return fitting.filter(({ formatString: start }) =>
      fitting.every(({ formatString }) => formatString === start || !formatString.startsWith(start)),
    );
  }

  /** The newest log of a source shows what comes next. */
  async sourceOf(group: LogGroup): Promise<SurveyedSource> {
    const { logs } = group;
    const { detection, fields } = logs.at(-1)!;
    const sampled = [...new Set([logs[0]!, logs[logs.length >> 1]!, logs.at(-1)!, ...logs])];
    const calls: Usage[] = [];
    const damaged: Damaged[] = [];
    for (const [index, { file }] of sampled.slice(0, MOST_SAMPLED_LOGS).entries()) {
      if (index >= SAMPLED_LOGS && calls.length >= SAMPLED_CALLS) break;
      const settings =
        group.format === DESCRIBED
          ? this.#settings(fields, 'auto', group.formatStrings[0])
          : this.#settings(fields, group.format);
      const sample = await sampleCalls(file, settings, this.#stdin, SAMPLED_CALLS);
      for (const call of sample.calls) calls.push(call);
      if (sample.damage !== undefined) damaged.push({ file, why: sample.damage });
    }
    return { ...group, detection, fields, calls, damaged };
  }

  #settings(fields: FieldMap, format = 'auto', logFormatString?: string): LogSettings {
    const options = {
      sources: [],
      source: undefined,
      logFormat: format,
      logFormatString,
      records: undefined,
      fields: fields as Readonly<Record<string, string>>,
      timezone: undefined,
      systems: [],
    };
    return settingsByPath(options, this.#fingerprinter, [])('');
  }
}

/** What can be done about it is said once, below all of them. */
const NOT_RECOGNISED = 'its format is not recognised';

/** A hint that goes on and on is said by the command that reads lists. */
function inShort({ message, hint = '' }: LastcallError, file: string): string {
  const text = withoutName(message, file);
  return hint === '' || hint.length > MAX_HINT ? text : `${text}. ${hint}`;
}

function withoutName(message: string, file: string): string {
  return message.startsWith(file) ? message.slice(file.length).replace(/^[:,] /, '') : message;
}

const MAX_HINT = 100;

function reasonOf(error: unknown, file: string): string {
  if (error instanceof LastcallError) return hideKeys(withoutName(error.message, file));
  const code = (error as { code?: unknown }).code;
  if (typeof code !== 'string') throw error;
  return `it cannot be read (${code})`;
}
