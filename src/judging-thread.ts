import { parentPort, workerData } from 'node:worker_threads';
import { beginReading } from './engines/sqlite/snapshot.ts';
import { openForReading } from './engines/sqlite/store.ts';
import { type JudgingAnswer, type JudgingTask, takeNext } from './judging-threads.ts';
import { JudgedKeys } from './key-reports.ts';
import { judgeKeys, readEarlier, takeStock } from './report.ts';

// A thread that judges stretches of keys beside the main one, with a database connection of its own.

const task = workerData as JudgingTask;
const store = openForReading(task.file, undefined);
const reading = beginReading(store);
parentPort?.once('message', () => {
  judgeStretches();
  reading.end();
  store.close();
  answer('done');
});
answer('ready');

function judgeStretches(): void {
  const stock = takeStock(store, task.options);
  const earlier = readEarlier(store, stock, task.extras);
  const keys = new JudgedKeys(undefined, task.files);
  for (let index; (index = takeNext(task)) !== undefined;) {
    const counts = judgeKeys(stock, earlier, task.extras, keys, task.stretches[index]);
    answer({ index, extents: keys.cut(), counts });
  }
}

function answer(what: JudgingAnswer): void {
  parentPort?.postMessage(what);
}
