import { describe, expect, it } from 'vitest';
import { KEY_PARAMETERS } from '../../../src/attribution/credentials.ts';
import { asText, asTime, splitAlternatives, typed } from '../../../src/engines/clickhouse/expressions.ts';
import { keyParameterPattern } from '../../../src/engines/clickhouse/queries.ts';

describe('splitAlternatives', () => {
  it.each([
    ['a', ['a']],
    ["headers['x||y'] || JSONExtractString(j, 'k')", ["headers['x||y']", "JSONExtractString(j, 'k')"]],
    ['concat(a, (b || c)) || d', ['concat(a, (b || c))', 'd']],
    ["'it\\'s || one' || `odd || name`", ["'it\\'s || one'", '`odd || name`']],
  ])('%s', (text, parts) => {
    expect(splitAlternatives(text)).toEqual(parts);
  });

  it.each(['a ||', 'f(a', "'a"])('refuses %s', (text) => {
    expect(() => splitAlternatives(text)).toThrow(/is no expression/);
  });
});

describe('types', () => {
  it('of one value are a text, and those of several are not', () => {
    expect(asText(typed('a', 'LowCardinality(Nullable(String))'))).toContain("ifNull(toString((a)), '')");
    for (const type of ['Array(String)', 'Map(String, String)', 'Tuple(String)', 'JSON', 'Dynamic']) {
      expect(asText(typed('a', type))).toBeUndefined();
    }
  });

  it('of a time are instants or whole numbers', () => {
    const types = ['DateTime', "DateTime('Europe/Berlin')", 'Nullable(DateTime64(6))', 'Int64', 'UInt32'];
    for (const type of types) expect(asTime(typed('t', type)), type).toBeDefined();
    for (const type of ['Date', 'String', 'Float64']) expect(asTime(typed('t', type))).toBeUndefined();
  });
});

describe('keyParameterPattern', () => {
  /** RE2 and JavaScript agree on what it uses. */
  const finds = (query: string, more: readonly string[] = []): boolean =>
    new RegExp(keyParameterPattern(more).replace('(?i)', ''), 'i').test(query);

  it('finds every name under which a key is looked for', () => {
    for (const name of KEY_PARAMETERS) {
      expect(finds(`/x?a=1&${name}=v`), name).toBe(true);
      expect(finds(`/x?${[...name.toUpperCase()].join('_')}=v`), name).toBe(true);
      expect(finds(`/x?a=1;%${name.charCodeAt(0).toString(16)}${name.slice(1)}=v`), name).toBe(true);
    }
    expect(finds('/x?my-tenant=v', ['myTenant'])).toBe(true);
  });

  it('leaves out what cannot hold one', () => {
    expect(finds('/x?page=3&day=4&k2=5')).toBe(false);
  });
});
