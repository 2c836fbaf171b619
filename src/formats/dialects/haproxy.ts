import { type Dialect, type SpecField, type SpecToken, tokensBy, unescapeSpec } from './dialect.ts';

/** `log-format` of HAProxy. docs.haproxy.org, configuration manual, 8.2.6 */
export const haproxyVariables: Dialect = {
  directive: /^log-format\s/i,
  variable:
    /%(?:\{[^}]*\})?(?:\[|(?:ci|cp|fi|fp|ft|bi|bp|si|sp|trg|trl|tr|tsc|TR|Tw|Tc|ST|hrl|hsl|hr|hs|sq|bq|HM|HPO|HP|HQ|HU|HV)(?![A-Za-z]))/g,
  tokens: (text) => {
    const quoting = { isOn: false };
    return tokensBy(withoutDirective(text), VARIABLE, (match) => tokensOf(match, quoting));
  },
};

const VARIABLE = /%(?:%|(?:\{([^}]*)\})?(?:\[([^\]]*)\]|([A-Za-z]{1,3})))/g;

/** `log-format "..."`, or blanks that a backslash escapes. */
function withoutDirective(text: string): string {
  const value = haproxyVariables.directive.test(text) ? text.replace(haproxyVariables.directive, '').trim() : text;
  const quoted = /^"((?:[^"\\]|\\.)*)"$/s.exec(value)?.[1] ?? /^'([^']*)'$/s.exec(value)?.[1];
  return unescapeSpec(quoted ?? value);
}

function tokensOf(match: RegExpExecArray, quoting: { isOn: boolean }): SpecToken[] {
  const [whole, flags = '', expression, variable = ''] = match;
  if (whole === '%%') return [{ kind: 'literal', text: '%' }];
  const isQuoted = /\+[A-Z,+]*Q/.test(flags) || (quoting.isOn && !/-[A-Z,-]*Q/.test(flags));
  if (variable === 'o') {
    quoting.isOn = isQuoted;
    return [];
  }
  const field = expression === undefined ? fieldOf(variable) : { name: nameOfSample(expression) };
  const token: SpecToken = { kind: 'field', ...field };
  if (!isQuoted || NUMBERS.has(variable)) return [token];
  return [{ kind: 'literal', text: '"' }, token, { kind: 'literal', text: '"' }];
}

const NAMES: Readonly<Record<string, string>> = {
  ci: 'ip',
  r: 'request',
  ST: 'status',
  HM: 'method',
  HU: 'action',
  HP: 'path',
  HPO: 'path',
  HQ: 'query',
  HV: 'protocol',
  ft: 'identity.frontend',
  f: 'identity.frontend',
  b: 'identity.backend',
  s: 'identity.server',
  tsc: 'identity.termination',
  ts: 'identity.termination',
  ID: 'identity.requestId',
  t: 'time',
  tr: 'time',
  T: 'time',
  Tl: 'time',
  Ts: 'time',
  trg: 'time',
  trl: 'time',
};
/** `17/May/2015:10:05:03.123`, or with a zone and no fraction. */
const WIDTHS: Readonly<Record<string, number>> = { t: 24, tr: 24, T: 26, Tl: 26, trg: 26, trl: 26 };
/** Of these no quotes are written. */
const NUMBERS: ReadonlySet<string> = new Set([...Object.keys(WIDTHS), 'Ts', 'ci', 'cp', 'ST', 'B', 'U', 'hr', 'hs', 'tsc', 'ts']); // prettier-ignore

/** Captured headers lie in braces, numbered as in the log of `option httplog`. */
function fieldOf(variable: string): Omit<SpecField, 'kind'> {
  if (variable === 'hr' || variable === 'hs') return { name: 'capture', isBlock: true };
  const width = WIDTHS[variable];
  return { name: NAMES[variable] ?? variable, ...(width === undefined ? {} : { width }) };
}

const SAMPLES: Readonly<Record<string, string>> = {
  src: 'ip',
  status: 'status',
  method: 'method',
  path: 'path',
  query: 'query',
  url: 'action',
  pathq: 'action',
  http_auth_user: 'identity.user',
  ssl_c_s_dn: 'identity.client',
  'unique-id': 'identity.requestId',
};

/** `capture.req.hdr(0)`, `var(txn.api_key)`, `src`, each perhaps with converters behind it. */
function nameOfSample(expression: string): string {
  const [, name = '', argument = ''] = /^\s*([\w.-]+)(?:\(([^)]*)\))?/.exec(expression) ?? [];
  const first = argument.split(',')[0]?.trim() ?? '';
  if (/^capture\.req\.hdr$/.test(name)) return `capture.${Number(first) + 1}`;
  if (name === 'var') return `var.${first.replace(/^\w+\./, '').toLowerCase()}`;
  if (/^(?:req|http_req)?\.?f?hdr$/.test(name) || name === 'req.fhdr') return headerName(first.toLowerCase());
  return (
    SAMPLES[name.replace(/^capture\.req\.(uri|method)$/, (_, part: string) => (part === 'uri' ? 'url' : part))] ?? name
  );
}

function headerName(header: string): string {
  return header === 'user-agent' ? 'userAgent' : `header.${header}`;
}
