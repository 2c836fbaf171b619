// Prints "N passed, N failed" from a result file of vitest. Fails when a test failed, none ran, or a file did not load.
import fs from 'node:fs';

const results = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
const broken = results.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
for (const { name, message } of broken) process.stdout.write(`${name} did not load: ${message}\n`);
const passed = results.numPassedTests;
const failed = results.numFailedTests + broken.length;
if (results.numPendingTests > 0) process.stdout.write(`${results.numPendingTests} skipped\n`);
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
