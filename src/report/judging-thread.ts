import { parentPort, workerData } from 'node:worker_threads';
import { beginReading } from '../engines/sqlite/snapshot.ts';
import { openForReading } from '../engines/sqlite/store.ts';
import { formsOf, type JudgingAnswer, judgeStretches, type JudgingTask } from './judging-threads.ts';
import { takeStock } from './report.ts';

// A thread that judges stretches of keys beside the main one, with a connection of its own to the database.

const task = workerData as JudgingTask;
const forms = await formsOf(task.forms);
const store = openForReading(task.file, undefined);
const reading = beginReading(store);
const stock = takeStock(store, task.options);
parentPort?.once('message', () => {
  for (const part of judgeStretches(store, stock, task, forms)) answer(part);
  reading.end();
  store.close();
  answer('done');
});
answer('ready');

function answer(what: JudgingAnswer): void {
  parentPort?.postMessage(what, []);
}
