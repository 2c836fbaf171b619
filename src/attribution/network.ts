import ipaddr from 'ipaddr.js';

/**
 * The caller's address without port, brackets and zone, in its usual spelling. Of a list of forwarded addresses the last
 * one, which the proxy saw itself: what stands before it may be forged. Names of services stay as they are
 * ("cloudtrail.amazonaws.com", "AWS Internal"). Undefined: the log says nothing.
 */
export function normaliseIp(text: string): string | undefined {
  const entries = text.slice(-MAX_READ).split(',').map(withoutNoise);
  const entry = entries.findLast(isPresent);
  if (entry === undefined) return undefined;
  if (PLAIN_IPV4.test(entry)) return entry;
  const host = withoutPort(entry);
  return parseAddress(host)?.toString() ?? host;
}

/** The network that names a derived system: /24 of IPv4, /48 of IPv6, else the name itself. */
export function networkOf(ip: string): string {
  if (PLAIN_IPV4.test(ip)) return `${ip.slice(0, ip.lastIndexOf('.'))}.0/24`;
  const address = parseAddress(ip);
  if (address === undefined) return ip;
  return address instanceof ipaddr.IPv4
    ? `${ipaddr.IPv4.networkAddressFromCIDR(`${address.toString()}/24`).toString()}/24`
    : `${ipaddr.IPv6.networkAddressFromCIDR(`${address.toString()}/48`).toString()}/48`;
}

/** An IPv4 address inside IPv6 is IPv4. Undefined for names, and for spellings such as `1` or `0x7f.1`. */
export function parseAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  if (text.length > 64 || !text.includes(':') || !ipaddr.IPv6.isValid(text)) return undefined;
  return ipaddr.process(text);
}

/** Whether a text can only be meant as an address or range, be it a wrong one. */
export function isAddressText(text: string): boolean {
  return /^[0-9.]+(?:\/.*)?$/.test(text) || text.includes(':') || text.includes('/');
}

const MAX_READ = 512;
const PLAIN_IPV4 = /^(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}$/;

function withoutNoise(text: string): string {
  return text.trim().replace(/^"(.*)"$/, '$1');
}

function isPresent(text: string): boolean {
  return !/^(?:|-|null|unknown|unix:)$/i.test(text);
}

function withoutPort(text: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text);
  if (bracketed !== null) return withoutZone(bracketed[1] ?? '');
  const colons = text.split(':', 10).length - 1;
  // Eight groups of IPv6 hold seven colons: one more is a port.
  return withoutZone(colons === 1 || colons === 8 ? text.replace(/:\d{1,5}$/, '') : text);
}

function withoutZone(text: string): string {
  return text.includes(':') ? text.replace(/%.*$/, '') : text;
}
