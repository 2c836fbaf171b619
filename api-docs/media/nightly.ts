// Reads what is new, writes two reports, and says on one line what changed hands: `node nightly.ts lastcall.yaml`
import fs from 'node:fs';
import { LastcallError, loadReporter, scan } from 'lastcall';

const [config = 'lastcall.yaml'] = process.argv.slice(2);
try {
  const { reading, report } = await scan({
    config,
    onProblem: ({ file, message }) => console.error(`${file}: ${message}`),
  });
  for (const name of ['html', 'json']) {
    const { render } = await loadReporter(name);
    const file = fs.openSync(`report.${name}`, 'w');
    for (const piece of render(report, { columns: 120, color: false })) fs.writeSync(file, piece);
    fs.closeSync(file);
  }
  console.log(`${reading.records} records, ${report.summary.safe} of ${report.keys.length} keys are safe`);
  if (!reading.isComplete) process.exitCode = 3;
} catch (error) {
  if (!(error instanceof LastcallError)) throw error;
  console.error(error.message, error.hint ?? '');
  process.exitCode = 2;
}
