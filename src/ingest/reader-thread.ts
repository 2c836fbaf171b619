import { parentPort, workerData } from 'node:worker_threads';
import { createFingerprinter } from '../attribution/fingerprint.ts';
import { loadSecret } from '../attribution/secret-file.ts';
import { useCompiledScan } from '../kernel/scan-module.ts';
import { settingsByPath } from './log-settings.ts';
import type { ThreadOptions } from './reader-pool.ts';
import { type SectionJob, SectionReader } from './section.ts';

// A thread that reads parts of logs, one after the other, and answers with what they amount to.

const { options, canary, kernel } = workerData as { options: ThreadOptions; canary: string; kernel: object };
useCompiledScan(kernel);
const secret = options.secret ?? loadSecret(options.secretFile, { mayCreate: false });
const fingerprinter = createFingerprinter(secret);
if (fingerprinter.canary() !== canary) throw new Error('the secret changed while logs were read');
const own = options.formats.length === 0 ? [] : await (await import('../extensions.ts')).loadFormats(options.formats);
const reader = new SectionReader(settingsByPath(options, fingerprinter, own));
parentPort?.on('message', async (job: SectionJob) => {
  const section = await reader.read(job);
  const { settled, open } = section;
  parentPort?.postMessage(section, [settled.numbers.buffer, open.numbers.buffer]);
});
