/** `npm run pictures`: what README.md shows of the terminal and of the page, from reports/sample. Needs chromium. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BROWSER, NEEDS_BROWSER, openBrowser } from '../reporters/page/browser.ts';
import { SAMPLE_FOLDER } from './sample-reports.ts';
import { drawTerminal, PAGE_PICTURE, TERMINAL_PICTURE } from './terminal-picture.ts';

mkdirSync(dirname(TERMINAL_PICTURE), { recursive: true });
writeFileSync(TERMINAL_PICTURE, drawTerminal());
if (BROWSER === undefined) {
  process.stderr.write(`The page was not drawn${NEEDS_BROWSER}\n`);
} else {
  const browser = await openBrowser();
  const page = await browser.newPage({ viewport: { width: 1120, height: 1180 }, colorScheme: 'light' });
  await page.goto(pathToFileURL(join(SAMPLE_FOLDER, 'report.html')).href);
  await page.locator('body.ready').waitFor();
  await page.screenshot({ path: PAGE_PICTURE });
  await browser.close();
}
