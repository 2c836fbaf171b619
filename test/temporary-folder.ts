import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

let folder = '';

/** What tests put into the temporary directory of the machine lies in one folder of it, which goes when all have run. */
export function setup(): void {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-tests-'));
  // Tests of permissions act as another user.
  fs.chmodSync(folder, 0o755);
  process.env['TMPDIR'] = folder;
}

export function teardown(): void {
  fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
