import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Report } from '../src/model.ts';
import { temporaryDirectory } from './engines/sqlite/made-store.ts';
import { runCli } from './run-cli.ts';

const NOW = '2026-01-01T00:00:00.000Z';
const DAYS = 400;
const env = { LASTCALL_NOW: NOW };

/** How a log or a list may write a key; by the owner of that key. */
const FORMS: Readonly<Record<string, (key: string) => string>> = {
  'as-it-is': (key) => key,
  escaped: (key) => key.replaceAll('_', '%5F'),
  base64: (key) => Buffer.from(key).toString('base64'),
  'base64-pair': (key) => Buffer.from(`${key}:`).toString('base64'),
  hex: (key) => Buffer.from(key).toString('hex'),
  small: (key) => key.toLowerCase(),
  capital: (key) => key.toUpperCase(),
  brackets: (key) => `[[${key}]]`,
  angles: (key) => `<${key}>`,
  quotes: (key) => `\\"${key}\\"`,
  named: (key) => `ApiKey=${key}`,
  numbered: (key) => `key-1:${key}`,
  'below-a-tenant': (key) => `tenant/${key}`,
  versioned: (key) => `v1.${key}`,
  sha256: (key) => digest('sha256', key),
  'capital-sha256': (key) => digest('sha256', key).toUpperCase(),
  'named-sha256': (key) => `sha256:${digest('sha256', key)}`,
  'base64-sha256': (key) => createHash('sha256').update(key).digest('base64'),
  sha1: (key) => digest('sha1', key),
  md5: (key) => digest('md5', key),
};
const OWNERS = Object.keys(FORMS);

function digest(algorithm: string, key: string): string {
  return createHash(algorithm).update(key).digest('hex');
}

function keyOf(owner: string): string {
  return `acme_live_EXAMPLE${createHash('sha256').update(owner).digest('base64url').replaceAll(/[-_]/g, 'x').slice(0, 16)}`;
}

/** Each owner calls twice a day, with its key as it is in the first half of the log. */
function writeFiles(logged: (owner: string) => string, listed: (owner: string) => string): string {
  const folder = temporaryDirectory();
  const lines = Array.from({ length: DAYS * 2 }, (_, index) => {
    const at = Date.parse(NOW) - (DAYS * 2 - index) * 43_200_000;
    return OWNERS.map((owner, place) => {
      const call = { time: new Date(at + place * 60_000).toISOString(), ip: '192.0.2.10', user_agent: `${owner}/1.0` };
      return JSON.stringify({ ...call, status: 200, api_key: index < DAYS ? keyOf(owner) : logged(owner) });
    }).join('\n');
  });
  fs.writeFileSync(path.join(folder, 'gateway.log'), `${lines.join('\n')}\n`);
  const rows = OWNERS.map((owner) => `${owner},2024-01-01,"${listed(owner).replaceAll('"', '')}"`);
  fs.writeFileSync(path.join(folder, 'keys.csv'), `id,created,key\n${rows.join('\n')}\n`);
  return folder;
}

function found(stdout: string): readonly string[] {
  const { keys } = JSON.parse(stdout) as Report;
  return [...keys].map(({ key, verdict, requests }) => `${key} ${verdict} ${requests}`).toSorted();
}

const ALL_IN_USE = OWNERS.map((owner) => `${owner} in-use ${DAYS * 2}`).toSorted();

describe('a key that a log writes in another form', () => {
  const written = (): string => writeFiles((owner) => FORMS[owner]!(keyOf(owner)), keyOf);

  it('counts as the listed key', () => {
    const folder = written();
    const { stdout } = runCli(['scan', 'gateway.log', '--keys', 'keys.csv', '-o', 'json'], { cwd: folder, env });
    expect(found(stdout)).toEqual(ALL_IN_USE);
  });

  it('counts as it too where it is listed after the log was read', () => {
    const folder = written();
    expect(runCli(['ingest', 'gateway.log', '--db', 'later.db'], { cwd: folder, env }).status).toBe(0);
    const report = ['report', '--db', 'later.db', '--keys', 'keys.csv', '-o', 'json'];
    expect(found(runCli(report, { cwd: folder, env }).stdout)).toEqual(ALL_IN_USE);
  });

  it('is told by the id of the listed key', () => {
    const folder = written();
    const parse = ['parse', 'gateway.log', '--keys', 'keys.csv', '--inventory-ids'];
    const lines = runCli(parse, { cwd: folder, env }).stdout.trim().split('\n');
    const last = lines.slice(-OWNERS.length).map((line) => (JSON.parse(line) as { key: string }).key);
    expect(last).toEqual(OWNERS);
  });
});

describe('a key that is another one of the list', () => {
  it('counts as that one alone', () => {
    const folder = writeFiles(keyOf, (owner) => (owner === 'small' ? keyOf('capital').toLowerCase() : keyOf(owner)));
    const { stdout } = runCli(['scan', 'gateway.log', '--keys', 'keys.csv', '-o', 'json'], { cwd: folder, env });
    expect(found(stdout)).toContain('small safe 0');
    expect(found(stdout)).toContain(`capital in-use ${DAYS * 2}`);
  });
});

describe('a key that is listed in another form', () => {
  it('counts as the one of the log', () => {
    const forms = ['as-it-is', 'escaped', 'base64', 'brackets', 'angles', 'named', 'numbered', 'below-a-tenant'];
    const folder = writeFiles(keyOf, (owner) => (forms.includes(owner) ? FORMS[owner]!(keyOf(owner)) : keyOf(owner)));
    const { stdout } = runCli(['scan', 'gateway.log', '--keys', 'keys.csv', '-o', 'json'], { cwd: folder, env });
    expect(found(stdout)).toEqual(ALL_IN_USE);
  });
});
