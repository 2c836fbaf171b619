import type { KeyReport, Report } from '../model.ts';
import { count, plural } from './figures.ts';
import { escapeHtml } from './html-text.ts';
import { htmlSummary } from './html-summary.ts';
import { inertJson } from './inert.ts';
import { PAGE_SCRIPT, PAGE_SCRIPT_HASH, PAGE_STYLE, PAGE_STYLE_HASH } from './page-assets.ts';
import { frameOf, pageKey, pageMeta } from './page-data.ts';
import type { Reporter } from './reporter.ts';

/** One file that needs no other: what can be deleted today, then each key with its days of use, to be filtered. */
export const html: Reporter = {
  needsTrace: true,
  render: (report) => renderHtml(report),
  renderChanges: (report) => renderHtml(report),
};

/** A browser that holds more becomes slow; whoever has more keys filters them before, or reads the other reports. */
const MOST_KEYS = 50_000;
const KEYS_PER_BLOCK = 200;

/** Nothing is loaded and nothing is sent; no script runs but ours, known by its hash. */
const POLICY = [
  "default-src 'none'",
  `script-src '${PAGE_SCRIPT_HASH}'`,
  `style-src '${PAGE_STYLE_HASH}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

function* renderHtml(report: Report): Iterable<string> {
  const title = `lastcall: ${plural(report.summary.keys, 'API key')} as of ${escapeHtml(report.asOf.slice(0, 10))}`;
  yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n';
  yield `<meta http-equiv="Content-Security-Policy" content="${POLICY}">\n`;
  yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="referrer" content="no-referrer">\n';
  yield `<title>${title}</title>\n<style>${PAGE_STYLE}</style>\n</head>\n<body>\n`;
  yield '<a class="skip" href="#keys">To the keys</a>\n';
  yield* htmlSummary(report);
  yield FRAME;
  yield `<footer>lastcall ${escapeHtml(report.tool.version)}, scan ${count(report.database.scan)} of database ${escapeHtml(report.database.id)}. `;
  yield 'This page loads nothing and sends nothing. What comes from logs is shown as text.</footer>\n';
  yield* data(report);
  yield `<script>${PAGE_SCRIPT}</script>\n</body>\n</html>\n`;
}

function* data(report: Report): Iterable<string> {
  const frame = frameOf(report);
  const leftOut = Math.max(0, report.keys.length - MOST_KEYS);
  yield `<script type="application/json" id="meta">${dataText(pageMeta(report, frame, leftOut))}</script>\n`;
  for (const block of blocksOf(report.keys)) {
    yield '<script type="application/json" class="keys">[';
    let between = '';
    for (const key of block) {
      yield `${between}\n${dataText(pageKey(key, frame))}`;
      between = ',';
    }
    yield '\n]</script>\n';
  }
}

function* blocksOf(keys: Iterable<KeyReport>): Iterable<readonly KeyReport[]> {
  let block: KeyReport[] = [];
  let taken = 0;
  for (const key of keys) {
    if (taken++ === MOST_KEYS) break;
    block.push(key);
    if (block.length < KEYS_PER_BLOCK) continue;
    yield block;
    block = [];
  }
  if (block.length > 0) yield block;
}

/** JSON that ends no script element and begins no comment in one. */
function dataText(value: unknown): string {
  return inertJson(JSON.stringify(value)).replaceAll('<', String.raw`\u003c`);
}

const FRAME = `<h2 id="keys" tabindex="-1">Keys</h2>
<noscript><p>The list of keys needs JavaScript. The page holds its own and loads none.</p></noscript>
<div class="needs-script">
<form aria-label="Which keys are shown">
<label class="wide">Search <input type="search" name="q" autocomplete="off" spellcheck="false"></label>
<label>Verdict <select name="verdict"><option value="">all</option><option value="safe">safe</option><option value="waiting">waiting</option><option value="unknown">unknown</option><option value="in-use">in use</option></select></label>
<label>Finding <select name="finding"><option value="">any or none</option></select></label>
<label>Owner <input name="owner" list="owners" autocomplete="off" spellcheck="false"></label>
<label>System <input name="system" list="names" autocomplete="off" spellcheck="false"></label>
<label>Sort by <select name="sort"><option value="">verdict</option><option value="safe-on">safe on</option><option value="newest">last call, newest first</option><option value="oldest">last call, oldest first</option><option value="calls">calls</option><option value="name">name</option><option value="owner">owner</option></select></label>
<datalist id="owners"></datalist><datalist id="names"></datalist>
</form>
<div class="bar"><p id="count" role="status"></p><button type="button" id="all" hidden>Show all keys</button></div>
<div class="legend" aria-hidden="true"><span><span class="strip"><i class="whole"></i></span>called</span><span><span class="strip"><i class="half"></i></span>refused</span><span><span class="strip"></span>silent</span><span><span class="strip"><i class="gap"></i></span>logs incomplete: silence proves nothing</span><span><span class="strip"><i class="need done"></i></span>required silence, over</span><span><span class="strip"><i class="need"></i></span>not over yet</span></div>
<div class="head" aria-hidden="true"><span>verdict</span><span>key</span><div id="axis"></div><span>last call</span><span>safe on</span></div>
<ol id="list" aria-labelledby="keys"></ol>
<button type="button" id="more" hidden></button>
<h2 id="sources">Sources</h2>
<p class="lead">Solid: complete logs. Hatched: days that prove nothing.</p>
<ul id="source-list" aria-labelledby="sources"></ul>
</div>
</main>
`;
