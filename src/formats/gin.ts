import type { Captures, Format } from './format.ts';
import type { Skip } from '../model.ts';
import { unescapeLog } from './log-format.ts';
import { NOT_A_REQUEST } from './marks.ts';
import { sameNames, shareOfLines } from './text-lines.ts';

/** The default log of Go programs that are made with Gin. github.com/gin-gonic/gin/blob/master/logger.go */
export const gin: Format = {
  name: 'gin',
  title: 'Gin: default request log',
  syntax: { kind: 'text', match },
  fields: sameNames('time ip status method action'),
  recognise: (sample) => (sample.lines.some((line) => REQUEST.test(withoutColours(line))) ? shareOfLines(sample, match) : 0), // prettier-ignore
  limits:
    'It carries no header and no user agent: keys are seen only in query strings. Its times have no zone: set the timezone of the source.',
};

function match(line: string): Captures | Skip | undefined {
  const plain = withoutColours(line);
  const parts = REQUEST.exec(plain);
  if (parts === null) return MESSAGE.test(plain) ? NOT_A_REQUEST : undefined;
  const [, day = '', clock, status, ip, method, path = ''] = parts;
  return { time: `${day.replaceAll('/', '-')}T${clock}`, status, ip, method, action: pathOf(path) };
}

const REQUEST =
  /^\[GIN\] (\d{4}\/\d\d\/\d\d) - (\d\d:\d\d:\d\d) \| +(\d{3}) +\| +[\d.a-zµμ\u{fffd}]+ +\| +(\S+) +\| +([A-Z]+) +(\S.*)$/u;
/** What it says of itself when it starts, and of what went wrong with the request before. */
const MESSAGE = /^(?:\[GIN-debug\] |Error #\d+: | - using (?:env|code):)/;

function pathOf(text: string): string {
  return /^".*"$/.test(text) ? unescapeLog(text.slice(1, -1)) : text.trimEnd();
}

function withoutColours(line: string): string {
  if (!line.includes(ESCAPE)) return line;
  const [first = '', ...coloured] = line.split(ESCAPE);
  return first + coloured.map((text) => text.replace(/^\[[\d;]{0,12}m/, '')).join('');
}

const ESCAPE = '\u001b';
