import { createFingerprinter } from '../../src/attribution/fingerprint.ts';
import { createKeyResolver } from '../../src/attribution/key-resolver.ts';
import { compileSystems, normaliseIp } from '../../src/attribution/systems.ts';
import type { Interpretation } from '../../src/ingest/interpret.ts';
import { type FormatChoice, planReading } from '../../src/ingest/reading-plan.ts';
import { scanRecords } from '../../src/ingest/record-scan.ts';
import type { SkipReason, Usage } from '../../src/model.ts';
import { SECRET } from './harness.ts';

export const fingerprinter = createFingerprinter(SECRET);

/** What `lastcall` makes of a key in clear. */
export function keyOf(text: string): string {
  return fingerprinter.ofKey(text).key;
}

export const AUTO: FormatChoice = {
  format: 'auto',
  logFormatString: undefined,
  recordsPath: undefined,
  columns: undefined,
  delimiter: undefined,
  fields: {},
  keyHeaders: [],
  sessionHeaders: [],
};

export const HOW: Interpretation = {
  source: 'test',
  timezone: undefined,
  keyParameters: undefined,
  resolveKey: createKeyResolver(fingerprinter),
  normaliseIp,
  nameSystem: compileSystems([]),
};

export interface Read {
  /** Name of the format that was taken. */
  readonly format: string;
  readonly usages: readonly Usage[];
  readonly skips: readonly SkipReason[];
}

/** The records of a log as they are understood. */
export function readText(text: string, choice: Partial<FormatChoice> = {}, how: Partial<Interpretation> = {}): Read {
  const bytes = Buffer.from(text);
  const plan = planReading(bytes, { ...AUTO, ...choice });
  const usages: Usage[] = [];
  const skips: SkipReason[] = [];
  const framer = scanRecords(plan, { ...HOW, ...how }, 0, {
    usage: (usage) => usages.push(usage),
    skip: ({ skip }) => skips.push(skip),
    safePoint: () => undefined,
  });
  framer.push(bytes);
  framer.end();
  return { format: plan.format.name, usages, skips };
}

/** The one record of a JSON log. */
export function readJson(record: object, choice: Partial<FormatChoice> = {}, how: Partial<Interpretation> = {}): Usage {
  const { usages, skips } = readText(`${JSON.stringify(record)}\n`, choice, how);
  const [usage] = usages;
  if (usage === undefined || usages.length > 1) throw new Error(`not one record: ${usages.length}, ${skips.join()}`);
  return usage;
}
