import { parentPort, workerData } from 'node:worker_threads';
import { createFingerprinter } from '../attribution/fingerprint.ts';
import { loadSecret } from '../attribution/secret-file.ts';
import { useCompiledScan } from '../kernel/scan-module.ts';
import { settingsByPath } from './log-settings.ts';
import type { Answer, Question, ThreadOptions } from './reader-pool.ts';
import { SectionReader } from './section.ts';
import { WholeLogReader } from './whole-log.ts';

// A thread that reads parts of logs, one after the other, and answers with what they amount to.

const { options, canary, kernel } = workerData as { options: ThreadOptions; canary: string; kernel: object };
useCompiledScan(kernel);
const secret = options.secret ?? loadSecret(options.secretFile, { mayCreate: false });
const fingerprinter = createFingerprinter(secret);
if (fingerprinter.canary() !== canary) throw new Error('the secret changed while logs were read');
const own = options.formats.length === 0 ? [] : await (await import('../extensions.ts')).loadFormats(options.formats);
const settingsOf = settingsByPath(options, fingerprinter, own);
const sections = new SectionReader(settingsOf);
const wholes = new WholeLogReader(settingsOf);
/** Questions are answered in their order. */
let before: Promise<unknown> = Promise.resolve();
parentPort?.on('message', (question: Question) => {
  before = before.then(() => answer(question));
});

async function answer(question: Question): Promise<void> {
  const found = await answerTo(question);
  parentPort?.postMessage(found, numbersOf(found));
}

async function answerTo(question: Question): Promise<Answer> {
  if ('prepare' in question) {
    // What keeps it from being read is seen when it is read.
    await sections.prepare(question.prepare).catch(() => undefined);
    return undefined;
  }
  if ('whole' in question) return wholes.read(question.whole);
  return 'read' in question ? sections.read(question.read) : sections.takeHeld(question.take);
}

/** They are not copied, but change hands. */
function numbersOf(found: Answer): ArrayBuffer[] {
  if (found === undefined) return [];
  if (Array.isArray(found)) return found.flatMap(({ tally, rows }) => [tally.numbers.buffer, rows.buffer]);
  const numbers = [found.settled, found.open].flatMap((one) => (one === undefined ? [] : [one.numbers.buffer]));
  return 'calls' in found ? [...numbers, found.calls.digests.buffer, found.calls.numbers.buffer] : numbers;
}
