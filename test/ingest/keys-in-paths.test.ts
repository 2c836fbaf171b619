import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { compileKeyPaths } from '../../src/attribution/path-credentials.ts';
import { suggestKeyPaths } from '../../src/ingest/keys-in-paths.ts';
import { runCli } from '../run-cli.ts';
import { newLab } from './harness.ts';
import { HOW, keyOf, readJson } from './reading.ts';

const TIME = '2026-09-01T10:00:00Z';
const KEY = '123456:AAExampleExampleExample0123456789abc';
const OTHER = '654321:BBExampleExampleExample0123456789xyz';

function calls(paths: readonly string[]): Parameters<typeof suggestKeyPaths>[0] {
  return paths.map((action) => ({ time: TIME, keys: [], identity: {}, action }) as never);
}

const templatesIn = (paths: readonly string[], keyPaths?: readonly string[]): readonly string[] =>
  suggestKeyPaths(calls(paths), { ...HOW, keyPaths: compileKeyPaths(keyPaths) })?.places.map(
    ({ template }) => template,
  ) ?? [];

const twice = (...texts: readonly string[]): string[] => [...texts, ...texts];

describe('a place in paths where keys may stand', () => {
  it.each([
    ['/bot{key}', twice(`/bot${KEY}/send`, `/bot${OTHER}/getUpdates`)],
    ['/hooks/*/*/{key}', twice('/hooks/T00EXAMPLE1/B00EXAMPLE1/XXexample0123456789abcde', '/hooks/T00EXAMPLE2/B00EXAMPLE2/YYexample0123456789abcde')], // prettier-ignore
    ['/v3/{key}', twice('/v3/0123456789abcdef0123456789abcdef', '/v3/fedcba98765432100123456789abcdef')],
    ['/api/v1/{key}', twice('/api/v1/VZEXAMPLE3YGQ1YCDKTCU1/a', '/api/v1/VZEXAMPLE3YGQ1YCDKTCU2/b')],
  ])('is proposed as %s', (template, paths) => {
    expect(templatesIn(paths)).toEqual([template]);
    expect(templatesIn(paths, [template])).toEqual([]);
  });

  it.each([
    ['ids that are as many as the calls', ['a', 'b', 'c', 'd'].map((one) => `/orders/0123456789abcdefABCDEF0${one}`)],
    ['UUIDs', twice('/users/0f8fad5b-d9cb-469f-a165-70867728950e', '/users/7c9e6679-7425-40de-944b-e07fc1f90ae7')],
    ['files', twice('/static/app.0123456789abcdef0123.js', '/static/site.0123456789abcdef0123.css')],
    ['names', twice('/v1/internationalization-settings-2', '/v1/organizationalRelationships2')],
    ['numbers', twice('/orders/01234567890123456789', '/orders/01234567890123456788')],
    ['what is called once', [`/bot${KEY}/send`]],
  ])('is not seen in %s', (_, paths) => {
    expect(templatesIn(paths)).toEqual([]);
  });

  it('shows no more of what stands there than of a key', () => {
    const found = JSON.stringify(suggestKeyPaths(calls(twice(`/bot${KEY}/a`, `/bot${KEY}/b`)), HOW));
    expect(found).toContain('...9abc');
    expect(found).not.toContain(KEY.slice(0, 10));
  });
});

describe('a key in a path', () => {
  it('is read where its place is declared, and taken out of the action', () => {
    const keyPaths = compileKeyPaths(['/bot{key}']);
    const usage = readJson({ time: TIME, path: `/bot${KEY}/send?x=1` }, {}, { keyPaths });
    expect(usage.keys.map(({ key }) => key)).toEqual([keyOf(KEY)]);
    expect(usage.action).toBe('/bot[key]/send');
  });

  const line = (second: number, members: object): string =>
    `${JSON.stringify({ time: `2026-09-01T10:00:0${second}Z`, ip: '192.0.2.1', ...members })}\n`;
  const log = line(1, { path: `/bot${KEY}/send` }) + line(2, { path: '/v1/items', api_key: 'acme_live_EXAMPLE000001' });
  const inventory = `id,key,created\ntele,${KEY},2020-01-01\nweb,acme_live_EXAMPLE000001,2020-01-01\n`;

  function scan(config: string, more = ''): { reasons: string; status: number | null; stderr: string } {
    const lab = newLab();
    lab.write('a.jsonl', log);
    fs.writeFileSync(path.join(lab.dir, 'keys.csv'), inventory);
    fs.writeFileSync(path.join(lab.dir, 'lastcall.yaml'), config);
    const options = { cwd: lab.dir, env: { LASTCALL_NOW: '2026-09-03T00:00:00Z' } };
    const first = runCli(['scan', 'logs', '--keys', 'keys.csv', '-o', 'json'], options);
    if (more === '') return { reasons: reasonsIn(first.stdout), status: first.status, stderr: first.stderr };
    fs.writeFileSync(path.join(lab.dir, 'lastcall.yaml'), more);
    lab.append('a.jsonl', line(3, { path: `/bot${KEY}/send` }));
    const second = runCli(['scan', 'logs', '--keys', 'keys.csv', '-o', 'json'], options);
    return { reasons: reasonsIn(second.stdout), status: second.status, stderr: second.stderr };
  }

  function reasonsIn(report: string): string {
    const { keys } = JSON.parse(report) as { keys: { key: string; requests: number; blockers: { text: string }[] }[] };
    const tele = keys.find(({ key }) => key === 'tele');
    return `${tele?.requests} ${tele?.blockers.map(({ text }) => text).join('; ')}`;
  }

  const sources = (more: string): string => `sources: [{ name: api, paths: [logs]${more} }]\n`;

  it('keeps keys from being safe where it is listed and not read, and says what to write', () => {
    const { reasons, status, stderr } = scan(sources(''));
    expect(reasons).toContain('keys of the inventories stand in the paths');
    expect(status).toBe(3);
    expect(stderr).toContain("keyPaths: ['/bot{key}']");
    expect(stderr + reasons).not.toContain(KEY.slice(0, 10));
  });

  it('counts where its place is declared', () => {
    const { reasons } = scan(sources(`, keyPaths: ['/bot{key}']`));
    expect(reasons).toMatch(/^1 /);
    expect(reasons).not.toContain('keys of the inventories');
  });

  it('does not count in what was read before its place was declared: that stays unseen', () => {
    const { reasons } = scan(sources(''), sources(`, keyPaths: ['/bot{key}']`));
    expect(reasons).toMatch(/^1 /);
    expect(reasons).toContain('keys of the inventories stand in the paths');
  });
});
