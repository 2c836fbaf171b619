import fs from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Where the browser for tests is: Debian's package `chromium`, or what LASTCALL_TEST_BROWSER names. */
export const BROWSER: string | undefined = [process.env['LASTCALL_TEST_BROWSER'] ?? '', ...PLACES].find(
  (file) => file !== '' && fs.existsSync(file),
);

/** For the title of what is skipped without one. */
export const NEEDS_BROWSER: string =
  BROWSER === undefined ? ' (skipped: there is no chromium; apt-get install chromium)' : '';

export function openBrowser(): Promise<Browser> {
  // As root, in a container, Chromium has no sandbox of its own.
  return chromium.launch({ executablePath: BROWSER ?? '', args: ['--no-sandbox'] });
}
