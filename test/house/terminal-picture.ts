import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from '../../src/model.ts';
import { table } from '../../src/reporters/table.ts';
import { displayWidth } from '../../src/reporters/text-width.ts';
import { SAMPLE_FOLDER } from './sample-reports.ts';
import { ROOT } from './source-files.ts';

export const TERMINAL_PICTURE: string = join(ROOT, 'reports', 'pictures', 'terminal.svg');
/** A browser draws it, each one a little differently: no test compares it. */
export const PAGE_PICTURE: string = join(ROOT, 'reports', 'pictures', 'page.png');

const COLUMNS = 108;
const LINES = 30;
const COLUMN_PX = 7.8;
const LINE_PX = 18;
const MARGIN_PX = 16;

/** The first screen of the demo's report, in the colours of a terminal, as SVG. Made from reports/sample/report.json. */
export function drawTerminal(): string {
  const report = JSON.parse(readFileSync(join(SAMPLE_FOLDER, 'report.json'), 'utf8')) as Report;
  const text = [...table.render(report, { columns: COLUMNS, color: true })].join('');
  const lines = ['$ lastcall scan', ...text.split('\n').slice(0, LINES), '…'];
  const width = Math.ceil(COLUMNS * COLUMN_PX + 2 * MARGIN_PX);
  const height = lines.length * LINE_PX + 2 * MARGIN_PX;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<style>${STYLE}</style>`,
    `<rect width="${width}" height="${height}" rx="8" fill="#16181d"/>`,
    ...lines.map((line, row) => drawLine(line, MARGIN_PX + (row + 0.75) * LINE_PX)),
    '</svg>\n',
  ].join('\n');
}

/** Classes are named after the SGR numbers that reporters use (src/reporters/style.ts). */
const STYLE = [
  'text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#d5d8de;white-space:pre}',
  '.s1{font-weight:bold;fill:#fff}.s2{fill:#858b96}.s31{fill:#ff7b72}.s32{fill:#56d364}.s33{fill:#e3b341}',
  '.s35{fill:#d2a8ff}.s36{fill:#56d4dd}',
].join('');

const SGR = new RegExp(String.raw`\u001b\[(?<code>\d+)m`, 'g');
const OFF = [22, 39];

/** Each piece stands at its own column, so that no font can break the alignment. */
function drawLine(line: string, y: number): string {
  let column = 0;
  let style = '';
  const spans = line.split(SGR).map((piece, index) => {
    if (index % 2 === 1) {
      style = OFF.includes(Number(piece)) ? '' : ` class="s${piece}"`;
      return '';
    }
    const x = (MARGIN_PX + column * COLUMN_PX).toFixed(1);
    const width = displayWidth(piece);
    column += width;
    if (piece.trim() === '') return '';
    return `<tspan x="${x}" textLength="${(width * COLUMN_PX).toFixed(1)}"${style}>${escape(piece)}</tspan>`;
  });
  return `<text y="${y}">${spans.join('')}</text>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
