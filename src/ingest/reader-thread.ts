import { parentPort, workerData } from 'node:worker_threads';
import { createFingerprinter } from '../attribution/fingerprint.ts';
import { loadSecret } from '../attribution/secret-file.ts';
import { useCompiledScan } from '../kernel/scan-module.ts';
import { settingsByPath } from './log-settings.ts';
import type { Question, ThreadOptions } from './reader-pool.ts';
import { SectionReader } from './section.ts';

// A thread that reads parts of logs, one after the other, and answers with what they amount to.

const { options, canary, kernel } = workerData as { options: ThreadOptions; canary: string; kernel: object };
useCompiledScan(kernel);
const secret = options.secret ?? loadSecret(options.secretFile, { mayCreate: false });
const fingerprinter = createFingerprinter(secret);
if (fingerprinter.canary() !== canary) throw new Error('the secret changed while logs were read');
const own = options.formats.length === 0 ? [] : await (await import('../extensions.ts')).loadFormats(options.formats);
const reader = new SectionReader(settingsByPath(options, fingerprinter, own));
/** Questions are answered in their order. */
let before: Promise<unknown> = Promise.resolve();
parentPort?.on('message', (question: Question) => {
  before = before.then(() => answer(question));
});

async function answer(question: Question): Promise<void> {
  const found = 'read' in question ? await reader.read(question.read) : reader.takePacked(question.take);
  const tallies = Array.isArray(found) ? found : [found.settled, found.open];
  parentPort?.postMessage(
    found,
    tallies.flatMap((one) => (one === undefined ? [] : [one.numbers.buffer])),
  );
}
