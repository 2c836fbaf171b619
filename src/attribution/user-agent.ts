/**
 * The product in a user agent, without versions and ids, so that releases of one program are one system:
 * `aws-cli/1.27 Python/3.9` is `aws-cli`, a browser is its family. At most 60 characters; linear in the text.
 */
export function productOf(userAgent: string): string {
  const text = readableAgent(userAgent);
  if (text === '' || text === '-') return NO_AGENT;
  const product = text.startsWith('Mozilla/') ? browserOf(text) : productToken(text);
  return cut(masked(product)) || cut(text);
}

/** The agent as it was sent, 512 characters at most: decoded where the log encodes it, without what proxies add. */
export function readableAgent(userAgent: string): string {
  let text = userAgent.slice(0, MAX_READ).trim();
  if (!/\s/.test(text)) text = decoded(text);
  if (text.startsWith('[') && text.endsWith(']')) text = text.slice(1, -1);
  while (text.endsWith(GOOGLE_PROXY)) text = text.slice(0, -GOOGLE_PROXY.length);
  return text.replace(/\s/g, ' ').trim();
}

const NO_AGENT = 'no agent';
/** Each of Google's proxies on the way adds one. */
const GOOGLE_PROXY = ',gzip(gfe)';
const MAX_READ = 512;
const MAX_PRODUCT = 60;

/** CloudFront writes a blank as `%20`, some of its logs as `%2520`; IIS writes `+`. */
function decoded(text: string): string {
  if (/%[0-9A-Fa-f]{2}/.test(text)) {
    return text
      .replace(/%25(?=[0-9A-Fa-f]{2})/g, '%')
      .replace(/(?:%[0-9A-Fa-f]{2})+/g, (sequence) =>
        Buffer.from(sequence.replaceAll('%', ''), 'hex').toString('utf8'),
      );
  }
  return text.includes('/') ? text.replaceAll('+', ' ') : text;
}

/** The first mark that is found names the family; the order tells Edge from the Chrome that it also claims to be. */
const BROWSERS: readonly (readonly [mark: string, family: string])[] = [
  ['Edg', 'Edge'],
  ['OPR/', 'Opera'],
  ['SamsungBrowser/', 'Samsung Internet'],
  ['UCBrowser/', 'UCBrowser'],
  ['FxiOS/', 'Firefox'],
  ['Firefox/', 'Firefox'],
  ['HeadlessChrome/', 'HeadlessChrome'],
  ['CriOS/', 'Chrome'],
  ['Chrome/', 'Chrome'],
  ['MSIE ', 'Internet Explorer'],
  ['Trident/', 'Internet Explorer'],
];
const BOT = /compatible; ([^;/)]{1,60})/;
const ENGINES = new Set(['Mozilla', 'AppleWebKit', 'Gecko', 'Version', 'Mobile', 'Safari']);

function browserOf(text: string): string {
  const bot = BOT.exec(text)?.[1];
  if (bot !== undefined && !bot.startsWith('MSIE')) return withoutVersion(bot);
  const family = BROWSERS.find(([mark]) => text.includes(mark))?.[1];
  if (family !== undefined) return family;
  if (text.includes('Safari/')) return 'Safari';
  const products = withoutComments(text)
    .split(' ')
    .map((word) => word.split('/')[0] ?? '');
  return products.findLast((product) => product !== '' && !ENGINES.has(product)) ?? 'Mozilla';
}

function withoutComments(text: string): string {
  return text.replace(/\([^()]*\)/g, ' ');
}

/** Wrappers that stand before the program that calls. */
const WRAPPER = /^(?:APN|HashiCorp)\/[\w.]{1,20} (?=\S)/;

function productToken(text: string): string {
  let rest = text;
  while (WRAPPER.test(rest)) rest = rest.replace(WRAPPER, '');
  return withoutVersion(rest.split(/[/(;,]/, 1)[0] ?? '');
}

function withoutVersion(text: string): string {
  const words = text.trim().split(' ');
  while (words.length > 1 && /^v?\d[\w.-]*$/.test(words.at(-1) ?? '')) words.pop();
  return words.join(' ');
}

/** Ids differ from call to call or from pod to pod: UUIDs, runs of hex digits that hold a digit, long numbers. */
function masked(text: string): string {
  return text
    .replace(/[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}/g, '*')
    .replace(/[0-9A-Fa-f]{8,}/g, (run) => (/\d/.test(run) ? '*' : run))
    .replace(/\d{5,}/g, '*');
}

function cut(text: string): string {
  const trimmed = text.trim();
  return trimmed.length <= MAX_PRODUCT ? trimmed : trimmed.slice(0, MAX_PRODUCT).trim().toWellFormed();
}
