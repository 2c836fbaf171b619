// Asks before it deletes: `node gate.ts lastcall.yaml <key>`. Anything but `isSafe` means no.
import { check, explain } from 'lastcall';

const [config = 'lastcall.yaml', id = ''] = process.argv.slice(2);
const { isSafe, key } = await check(id, { config });
console.log(`${key.verdict}: ${key.sentence}`);
if (!isSafe) {
  const { callers } = await explain(id, { config });
  console.log(`callers: ${callers.map(({ system }) => system).join(', ')}`);
  process.exitCode = 1;
}
