import type ipaddr from 'ipaddr.js';
import { LastcallError } from '../errors.ts';
import type { SystemRef } from '../model.ts';
import { displayOf } from './fingerprint.ts';
import { compileGlob } from './glob.ts';
import { isAddressText, networkOf, normaliseIp, parseAddress } from './network.ts';
import { memo } from '../memo.ts';
import { rawSecretKind } from './raw-secret.ts';
import { productOf, readableAgent } from './user-agent.ts';

/** Names a system. Every criterion that is given must match. Globs: see glob.ts. */
export interface SystemRule {
  readonly name: string;
  readonly userAgent?: string | undefined;
  /** Addresses, CIDR ranges or service names, one of which must match. */
  readonly ip?: readonly string[] | undefined;
  /** `system`, `source`, `ip`, `userAgent`, `key` or a field of the identity -> glob. */
  readonly fields?: Readonly<Record<string, string>> | undefined;
  readonly source?: string | undefined;
  readonly key?: string | undefined;
}

export interface Call {
  readonly userAgent?: string | undefined;
  readonly ip?: string | undefined;
  readonly source: string;
  /** What the log itself calls the system. */
  readonly system?: string | undefined;
  readonly identity: Readonly<Record<string, string>>;
  readonly keys: readonly { readonly key: string }[];
}

export interface SystemNamer {
  (call: Call): SystemRef;
  /** The fields of the identity that its rules look at. */
  readonly identity: readonly string[];
}

/** Names the caller: by the first rule that matches, else as the log says, else from its agent and network. */
export function compileSystems(rules: readonly SystemRule[]): SystemNamer {
  if (rules.length === 0) return Object.assign(namerWithoutRules(), { identity: [] });
  const compiled = rules.map(compileRule);
  const fields = [...new Set(rules.flatMap((rule) => Object.keys(rule.fields ?? {})))];
  const readsKeys = rules.some((rule) => rule.key !== undefined || rule.fields?.['key'] !== undefined);
  const cache = new Map<string, SystemRef>();
  const namer = (call: Call): SystemRef => {
    const input = JSON.stringify([
      call.system,
      call.ip,
      call.userAgent?.slice(0, MAX_AGENT),
      call.source,
      readsKeys ? call.keys.map(({ key }) => key) : [],
      fields.map((field) => fieldValues(call, field)),
    ]);
    const known = cache.get(input);
    if (known !== undefined) return known;
    const system = nameSystem(call, compiled);
    if (cache.size >= MAX_CACHED) cache.clear();
    if (input.length <= MAX_CACHED_LENGTH) cache.set(input, system);
    return system;
  };
  return Object.assign(namer, { identity: fields.map(identityName) });
}

export { normaliseIp } from './network.ts';

const MAX_CACHED = 20_000;
const MAX_CACHED_LENGTH = 2000;
const MAX_AGENT = 2000;
const MAX_NAME = 120;

interface CompiledRule {
  readonly system: SystemRef;
  readonly criteria: readonly ((call: Call) => boolean)[];
}

function nameSystem(call: Call, rules: readonly CompiledRule[]): SystemRef {
  const rule = rules.find(({ criteria }) => criteria.every((holds) => holds(call)));
  return (
    rule?.system ?? asLogged(call.system ?? '') ?? derived(shownProduct(call.userAgent ?? ''), networkIn(call.ip ?? ''))
  );
}

/** What a system is told by is remembered by itself: there are many callers, and few agents. */
function namerWithoutRules(): (call: Call) => SystemRef {
  const ofField = memo((text) => asLogged(text) ?? null, MAX_CACHED);
  const ofAgent = memo(shownProduct, MAX_CACHED);
  const ofIp = memo((text) => networkIn(text) ?? null, MAX_CACHED);
  const ofBoth = memo((text): SystemRef => ({ name: nameOf(text), attribution: 'derived' }), MAX_CACHED);
  return ({ system = '', ip = '', userAgent = '' }) => {
    const named = system === '' ? null : ofField(system);
    if (named !== null) return named;
    const network = ip === '' ? null : ofIp(ip);
    const product = ofAgent(userAgent);
    return ofBoth(network === null ? product : `${product} @ ${network}`);
  };
}

function asLogged(text: string): SystemRef | undefined {
  const name = nameOf(text);
  if (name === '' || CODE_PLACE.test(name)) return undefined;
  return { name: rawSecretKind(name) === 'certain' ? displayOf(name) : name, attribution: 'field' };
}

/** `http/server.go:88` is the line of a program that wrote the record (zap, zerolog), and the same for every caller. */
const CODE_PLACE = /\.(?:go|rs|[cm]?[jt]sx?|py|rb|java|kt|scala|cs|cc|cpp|c|h|php|exs?|swift):\d+$/i;

function shownProduct(userAgent: string): string {
  const product = productOf(userAgent);
  return rawSecretKind(product) === undefined ? product : 'unreadable agent';
}

function networkIn(text: string): string | undefined {
  const ip = normaliseIp(text);
  return ip === undefined ? undefined : networkOf(ip);
}

function derived(product: string, network: string | undefined): SystemRef {
  return { name: nameOf(network === undefined ? product : `${product} @ ${network}`), attribution: 'derived' };
}

function compileRule(rule: SystemRule): CompiledRule {
  const { userAgent, ip, source, key } = rule;
  const fields = { ...rule.fields, ...(source === undefined ? {} : { source }), ...(key === undefined ? {} : { key }) };
  const criteria = Object.entries(fields).map(([field, glob]) => fieldCriterion(field, glob));
  if (userAgent !== undefined) criteria.push(agentCriterion(userAgent));
  if (ip !== undefined) criteria.push(addressCriterion(ip, rule.name));
  const name = nameOf(rule.name);
  if (name === '' || criteria.length === 0) {
    throw new LastcallError(
      'config',
      `The system rule ${JSON.stringify(rule.name)} has no ${name === '' ? 'name' : 'criterion'}.`,
      {
        hint: 'Give it a name and at least one of userAgent, ip, source, key and fields.',
      },
    );
  }
  return { system: { name, attribution: 'rule' }, criteria };
}

/** They differ from call to call of one system. */
const NO_CRITERIA = new Set([
  'time',
  'status',
  'outcome',
  'error',
  'method',
  'action',
  'cookie',
  'eventId',
  'issuer',
  'keyId',
]);

function fieldCriterion(field: string, glob: string): (call: Call) => boolean {
  if (NO_CRITERIA.has(field)) {
    throw new LastcallError('config', `A system rule cannot tell systems apart by the field "${field}".`, {
      hint: 'Fields that can: system, source, ip, userAgent, key, and those of the identity.',
    });
  }
  const matches = compileGlob(glob);
  return (call) => fieldValues(call, field).some(matches);
}

function fieldValues(call: Call, field: string): readonly string[] {
  if (field === 'key') return call.keys.map(({ key }) => key);
  const own =
    field === 'system' || field === 'source' || field === 'ip' || field === 'userAgent' ? call[field] : undefined;
  const name = identityName(field);
  const value = own ?? (Object.hasOwn(call.identity, name) ? call.identity[name] : undefined);
  return value === undefined ? [] : [value];
}

function identityName(field: string): string {
  return field.startsWith('identity.') ? field.slice('identity.'.length) : field;
}

/** Matches the agent as logged or as it was sent. */
function agentCriterion(glob: string): (call: Call) => boolean {
  const matches = compileGlob(glob);
  return ({ userAgent = '' }) => {
    const agent = userAgent.slice(0, MAX_AGENT);
    return matches(agent) || matches(readableAgent(agent));
  };
}

function addressCriterion(entries: readonly string[], rule: string): (call: Call) => boolean {
  const matchers = entries.map((entry) => entryMatcher(entry.trim(), rule));
  return (call) => {
    const ip = normaliseIp(call.ip ?? '');
    return ip !== undefined && matchers.some((matches) => matches(ip));
  };
}

function entryMatcher(entry: string, rule: string): (ip: string) => boolean {
  if (!isAddressText(entry)) return (ip) => ip.toLowerCase() === entry.toLowerCase();
  const [range, bits] = cidrOf(entry, rule);
  return (ip) => {
    const address = parseAddress(ip);
    return address !== undefined && address.kind() === range.kind() && address.match(range, bits);
  };
}

function cidrOf(entry: string, rule: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  const [base = '', bits] = entry.split('/', 2);
  const address = parseAddress(base);
  const most = address?.kind() === 'ipv4' ? 32 : 128;
  const length = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
  if (address !== undefined && length <= most) return [address, length];
  throw new LastcallError('config', `The system rule "${rule}" has an address that cannot be read: ${entry}`, {
    hint: 'Write an address such as 10.1.2.3 or a range such as 10.0.0.0/8.',
  });
}

/** One line, in one spelling. A long name keeps a check sum of the rest, so that two systems do not become one. */
function nameOf(text: string): string {
  const name = text.toWellFormed().normalize('NFC').replace(/\s+/g, ' ').trim();
  if (name.length <= MAX_NAME) return name;
  return `${name.slice(0, MAX_NAME - 11).toWellFormed()}... ${checkSum(name)}`;
}

/** FNV-1a. */
function checkSum(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return (hash >>> 0).toString(36).padStart(7, '0');
}
