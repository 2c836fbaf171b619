import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../../src/model.ts';
import { html } from '../../../src/reporters/html.ts';
import { inert } from '../../../src/reporters/inert.ts';
import { HOSTILE_STRINGS, hostileReport } from '../hostile.ts';
import { sampleKey, sampleReport } from '../sample-report.ts';
import { BROWSER, NEEDS_BROWSER, openBrowser } from './browser.ts';
import { traced, tracedReport } from './traced-report.ts';

const AXE = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PHONE = { viewport: { width: 390, height: 844 } };

describe.skipIf(BROWSER === undefined)(`the page in a browser${NEEDS_BROWSER}`, () => {
  let browser: Browser;
  let folder: string;
  let page: Page;
  let troubles: string[];

  beforeAll(async () => {
    browser = await openBrowser();
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-page-'));
  });

  afterAll(async () => {
    await browser.close();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  afterEach(async () => {
    await page.context().close();
    expect(troubles).toEqual([]);
  });

  /** From disk, as it is passed on. Whatever the console says, and every request, is trouble. */
  async function open(report: Report, options: BrowserContextOptions = {}, address = ''): Promise<void> {
    const file = path.join(folder, 'report.html');
    fs.writeFileSync(file, [...html.render(report, { columns: 120, color: false })].join(''));
    const url = pathToFileURL(file).href;
    page = await (await browser.newContext(options)).newPage();
    page.setDefaultTimeout(90_000);
    troubles = [];
    page.on('console', (message) => troubles.push(message.text()));
    page.on('pageerror', (error) => troubles.push(error.message));
    page.on('dialog', (dialog) => troubles.push(dialog.message()));
    page.on('request', (request) => request.url().split('#')[0] === url || troubles.push(request.url()));
    page.on('popup', (popup) => troubles.push(popup.url()));
    await page.goto(url + address);
    await page.locator('body.ready').waitFor();
  }

  const names = (): Promise<string[]> => page.locator('#list .who b').allTextContents();

  it('lists the keys in the order in which its first screen answers', async () => {
    await open(tracedReport());
    const verdicts = await page.locator('#list .badge').allTextContents();
    expect([...new Set(verdicts)]).toEqual(['safe', 'waiting', 'unknown', 'in use']);
    expect(await page.locator('#count').textContent()).toBe(`${verdicts.length} keys`);
  });

  it('filters by verdict, finding, owner, system and text, sorts, and keeps that in its address', async () => {
    await open(tracedReport());
    const all = (await names()).length;
    await page.locator('[name=verdict]').selectOption('waiting');
    expect(await names()).toEqual(['billing live', 'mobile app 5.x']);
    await page.getByLabel('Search').fill('EXPORT');
    expect(await names()).toEqual(['billing live']);
    expect(new URL(page.url()).hash).toBe('#q=EXPORT&verdict=waiting');
    await page.getByRole('button', { name: 'Show all keys' }).click();
    expect(await names()).toHaveLength(all);
    await page.getByLabel('Finding').selectOption('shadow');
    expect(await page.locator('#list .finding').allTextContents()).toEqual(['shadow']);
    await page.getByLabel('Finding').selectOption('');
    await page.locator('[name=system]').fill('billing');
    expect(await names()).toEqual(['billing live']);
    await page.locator('[name=system]').fill('');
    await page.getByLabel('Sort by').selectOption('name');
    const sorted = await names();
    expect(sorted).toEqual(sorted.toSorted((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1)));
    await page.getByLabel('Search').fill('nothing is called so');
    expect(await page.locator('#list').textContent()).toBe('No key fits.');
  });

  it('opens one key by its link, with systems, rhythm, replacement and blockers', async () => {
    await open(tracedReport(), {}, '#key=k_06ec5b1f20d94a7788ce');
    const key = page.locator('#list details');
    expect(await key.count()).toBe(1);
    expect(await page.evaluate<number>("document.querySelector('#keys').getBoundingClientRect().top")).toBeLessThan(50);
    const text = await key.innerText();
    for (const part of [
      'billing live',
      'last call 2026-10-01',
      'longest pause 31 days',
      'What stands against a deletion',
      'until 2027-02-03',
      'moved to',
      'inventories/keys.csv:12',
      'lastcall explain k_06ec5b1f20d94a7788ce',
    ])
      expect(text).toContain(part);
    await page.getByRole('link', { name: 'partner sandbox 2024' }).click();
    await page.locator('#list summary', { hasText: 'partner sandbox 2024' }).waitFor();
    expect(await names()).toEqual(['partner sandbox 2024']);
  });

  it('draws uses, refusals, days without complete logs and the silence that is required, each in its own way', async () => {
    await open(tracedReport(), {}, '#key=k_06ec5b1f20d94a7788ce');
    const drawn = (selector: string): Promise<number> => page.locator(`#list .systems ${selector}`).count();
    expect(await drawn('path.used')).toBe(2);
    expect(await drawn('path.refused')).toBe(1);
    expect(await drawn('.gap')).toBeGreaterThan(2);
    expect(await drawn('.need')).toBe(2);
    // Billing is silent for 59 covered days of 124; export has moved, and was silent long enough.
    expect(await drawn('.need.done')).toBe(1);
    expect(await page.locator('#list .systems .strip').first().getAttribute('aria-label')).toMatch(
      /^billing: \d+ days of use/,
    );
  });

  it('can be used with the keyboard alone', async () => {
    await open(tracedReport());
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('To the keys');
    await page.locator('#list summary').first().focus();
    await page.keyboard.press('Enter');
    await page.locator('#list details[open] .body').waitFor();
    expect(await page.locator('#list details[open] .facts dd').count()).toBe(9);
  });

  it.each([
    ['on a desk, light', { viewport: { width: 1280, height: 900 } }],
    ['on a desk, dark', { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' as const }],
    ['on a phone', PHONE],
  ])('has no fault that axe finds %s', async (_, options) => {
    await open(tracedReport(), options);
    for (const summary of await page.locator('#list summary').all()) await summary.click();
    await page.evaluate(AXE);
    const { violations } = await page.evaluate<{ violations: { id: string; nodes: { html: string }[] }[] }>(
      'axe.run()',
    );
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 200)}`)).toEqual([]);
  });

  it('fits a phone without scrolling sideways, also with hostile names', async () => {
    await open(hostileReport('x'.repeat(5000)), PHONE);
    for (const summary of await page.locator('#list summary').all()) await summary.click();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
  });

  it('names the months right above the strips, also on a phone, and no name runs into another', async () => {
    for (const viewport of [PHONE.viewport, { width: 1280, height: 900 }]) {
      await open(tracedReport(), { viewport });
      const [axis, strip] = [page.locator('#axis'), page.locator('#list summary .strip').first()];
      const [above, below] = [await axis.boundingBox(), await strip.boundingBox()];
      expect(above?.x).toBeCloseTo(below?.x ?? 0, 0);
      expect(above?.width).toBeCloseTo(below?.width ?? 0, 0);
      const marks = await page.evaluate<[left: number, right: number][]>(
        "[...document.querySelectorAll('#axis span')].map((one) => one.getBoundingClientRect()).map(({ left, right }) => [left, right])",
      );
      expect(marks.every(([left], at) => at === 0 || left >= (marks[at - 1]?.[1] ?? 0))).toBe(true);
    }
  });

  it('prints without its form, and with the sentence of each key that is closed', async () => {
    const report = tracedReport();
    await open(report);
    expect(await page.locator('.printed').first().isVisible()).toBe(false);
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('form').isVisible()).toBe(false);
    expect(await page.locator('#list details').first().isVisible()).toBe(true);
    const printed = await page.locator('.printed:visible').allTextContents();
    expect(printed.toSorted()).toEqual([...report.keys].map(({ sentence }) => inert(sentence)).toSorted());
  });

  it('prints a thousand of many keys', async () => {
    const keys = Array.from({ length: 1200 }, (_, index) => traced(sampleKey({ key: `k_${index}` })));
    await open(sampleReport({ keys: keys.slice(0, 120) }));
    await page.pdf();
    expect(await page.locator('#list > li').count()).toBe(120);
    await page.context().close();
    await open(sampleReport({ keys }));
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    expect(await page.locator('#list > li').count()).toBe(1000);
    expect(await page.locator('#count').textContent()).toBe('the first 1,000 of 1,200 keys');
  });

  it('shows 100 of many keys, and more when asked', async () => {
    const keys = Array.from({ length: 10_000 }, (_, index) => traced(sampleKey({ key: `k_${index}` })));
    await open(sampleReport({ keys }));
    expect(await page.locator('#list > li').count()).toBe(100);
    expect(await page.locator('#count').textContent()).toBe('the first 100 of 10,000 keys');
    await page.getByRole('button', { name: 'Show 100 more' }).click();
    expect(await page.locator('#list > li').count()).toBe(200);
    await page.getByLabel('Search').fill('k_9999');
    expect(await page.locator('#list code').first().textContent()).toBe('k_9999');
  });

  it('goes on with the keyboard where it leads to', async () => {
    const keys = Array.from({ length: 120 }, (_, index) => traced(sampleKey({ key: `k_${index}`, label: null })));
    await open(sampleReport({ keys }));
    const inFocus = (what: string): Promise<string> => page.evaluate<string>(`document.activeElement.${what}`);
    await page.getByRole('button', { name: 'Show 20 more' }).press('Enter');
    expect(await inFocus("closest('li').matches('#list > li:nth-child(101)')")).toBe(true);
    await page.locator('.answers a').first().press('Enter');
    await page.waitForFunction("document.activeElement.id === 'keys'");
    await page.getByRole('button', { name: 'Show all keys' }).press('Enter');
    expect(await inFocus('id')).toBe('keys');
  });

  it('has a name of its own for whatever a screen reader stops at', async () => {
    await open(tracedReport(), {}, '#verdict=waiting');
    await page.locator('#list summary').first().press('Enter');
    await page.locator('#list details[open] .body').waitFor();
    const { nodes } = await (await page.context().newCDPSession(page)).send('Accessibility.getFullAXTree');
    const named = (role: string): string[] =>
      nodes.flatMap((node) => (!node.ignored && node.role?.value === role ? [`${node.name?.value ?? ''}`] : []));
    for (const role of ['link', 'button', 'combobox', 'searchbox', 'form', 'image', 'heading', 'DisclosureTriangle'])
      expect([role, named(role).filter((name) => name.trim() === '')]).toEqual([role, []]);
    expect(named('link')).toContain('all 2 waiting');
    expect(named('link')).toContain('1 key shadow');
    expect(named('list')).toEqual(expect.arrayContaining(['Keys', 'Sources']));
    for (const name of named('DisclosureTriangle'))
      expect(name).toMatch(/^waiting .* (?:days of use|no calls).* last call .* safe on /);
  });

  it('counts a day of use once, however many systems called', async () => {
    const key = [...tracedReport().keys].find(({ systems }) => systems.length === 2)!;
    const runs = [[20_700, 10] as const, [20_705, 10, 3, 2] as const];
    const callers = runs.map((used) => ({ used, refused: [], sources: [] }));
    await open(sampleReport({ keys: [{ ...key, trace: { sources: [], listed: null, callers } }] }));
    expect(await page.locator('#list summary .strip').getAttribute('aria-label')).toBe('17 days of use by 2 systems');
  });

  it('makes nothing of any hostile text but text', async () => {
    // A text of great length shows nothing that its start does not, and takes a browser long to lay out.
    const reports = HOSTILE_STRINGS.map((text) => hostileReport(text.slice(0, 500)));
    const keys = reports.flatMap((report, index) =>
      [...report.keys].slice(1, 2).map((key) => ({ ...key, key: `${key.key} ${index}` })),
    );
    await open(sampleReport({ keys, sources: reports.flatMap(({ sources }) => sources.slice(0, 1)) }));
    // Laying it out takes long, and what counts is what it is made of.
    await page.evaluate("document.querySelector('#list').hidden = true");
    await page.evaluate("for (const more = document.querySelector('#more'); !more.hidden;) more.click()");
    expect(await page.locator('#list > li').count()).toBe(keys.length);
    await page.evaluate("for (const one of document.querySelectorAll('#list details')) one.open = true");
    await page.waitForFunction(`document.querySelectorAll('#list .facts').length === ${keys.length}`);
    const found = await page.evaluate<{
      tags: string[];
      attributes: string[];
      links: string[];
      names: string[];
    }>(`(() => {
      const all = [...document.querySelectorAll('body *')];
      return {
        tags: [...new Set(all.map((one) => one.localName))].sort(),
        attributes: [...new Set(all.flatMap((one) => one.getAttributeNames()))].sort(),
        links: [...new Set([...document.links].map((one) => one.getAttribute('href')[0]))],
        names: [...document.querySelectorAll('#list .facts dd:first-of-type')].map((one) => one.textContent),
      };
    })()`);
    const [tags, attributes] = [found.tags, found.attributes];
    expect(
      tags.filter((tag) =>
        /^(?:img|iframe|object|embed|video|audio|link|meta|base|style|use|animate|marquee)$/.test(tag),
      ),
    ).toEqual([]);
    expect(attributes.filter((name) => /^on|^src|^xlink|^formaction$|^action$/.test(name))).toEqual([]);
    expect(found.links).toEqual(['#']);
    const shown = new Set(found.names);
    expect(keys.filter(({ key }) => !shown.has(inert(key))).map(({ key }) => key)).toEqual([]);
  });
});
