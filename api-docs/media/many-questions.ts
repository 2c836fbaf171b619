// One open database for many answers. The keys of a report are walked through one by one, however many there are.
import { openDatabase } from 'lastcall';

const [config = 'lastcall.yaml'] = process.argv.slice(2);
const database = await openDatabase({ config });
try {
  for (const { key, verdict, owner } of database.report().keys) {
    if (verdict === 'safe')
      console.log(`${key}, of ${owner ?? 'nobody'}: ${database.explain(key).callers.length} callers, all silent`);
  }
} finally {
  database.close();
}
