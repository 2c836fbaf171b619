import type { Readable } from 'node:stream';
import type { Usage } from '../model.ts';
import { DamagedInput } from '../sources/decompress.ts';
import { HEAD_BYTES } from '../sources/identity.ts';
import { openLog } from '../sources/log-file.ts';
import { type LogSettings, planReading } from './reading-plan.ts';
import { interpretationFor } from './interpret.ts';
import { scanRecords } from './record-scan.ts';

/** Calls of a log. `damage`: why it cannot be decompressed any further. */
export interface CallSample {
  readonly calls: readonly Usage[];
  readonly damage?: string;
}

/** The first calls of a log, about `most` of them. Throws as planReading does when it cannot be read. */
export async function sampleCalls(
  file: string,
  settings: LogSettings,
  stdin: Readable,
  most: number,
): Promise<CallSample> {
  const log = await openLog(file, stdin);
  const calls: Usage[] = [];
  try {
    const plan = planReading(await log.peek(HEAD_BYTES), settings.choice);
    const framer = scanRecords(plan, interpretationFor(plan.format, settings), 0, {
      usage: (usage) => void calls.push(usage),
      skip: () => {},
      safePoint: () => {},
    });
    for await (const bytes of log.bytes(0)) {
      framer.push(bytes);
      if (calls.length >= most) return { calls };
    }
    framer.end();
    return { calls };
  } catch (error) {
    if (!(error instanceof DamagedInput)) throw error;
    return { calls, damage: error.text };
  } finally {
    log.close();
  }
}
