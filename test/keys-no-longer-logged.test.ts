import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Report } from '../src/model.ts';
import { temporaryDirectory } from './engines/sqlite/made-store.ts';
import { runCli } from './run-cli.ts';

const NOW = '2026-01-01T00:00:00.000Z';
const DAYS = 450;
const OWNERS = ['billing', 'export', 'search'];
const keyOf = (owner: string): string => `acme_live_EXAMPLE${owner}4Zk2`;

/** Three systems call each hour of two; `fieldOf`: where the log writes the key, if it does, by days ago. */
function verdicts(fieldOf: (daysAgo: number, owner: string) => string | undefined): readonly string[] {
  const folder = temporaryDirectory();
  const lines = Array.from({ length: DAYS * 12 }, (_, index) => {
    const at = Date.parse(NOW) - (DAYS * 12 - index) * 7_200_000;
    const daysAgo = Math.ceil((Date.parse(NOW) - at) / 86_400_000);
    return OWNERS.map((owner, place) => {
      const call = { time: new Date(at + place * 60_000).toISOString(), ip: '192.0.2.10', user_agent: `${owner}/1.0` };
      const field = fieldOf(daysAgo, owner);
      return JSON.stringify({ ...call, status: 200, ...(field === undefined ? {} : { [field]: keyOf(owner) }) });
    }).join('\n');
  });
  fs.writeFileSync(path.join(folder, 'gateway.log'), `${lines.join('\n')}\n`);
  const rows = OWNERS.map((owner) => `${owner},2024-01-01,${keyOf(owner)}`);
  fs.writeFileSync(path.join(folder, 'keys.csv'), `id,created,key\n${rows.join('\n')}\n`);
  const { stdout } = runCli(['scan', 'gateway.log', '--keys', 'keys.csv', '-o', 'json'], {
    cwd: folder,
    env: { LASTCALL_NOW: NOW },
  });
  return [...(JSON.parse(stdout) as Report).keys].map(({ key, verdict }) => `${key} ${verdict}`);
}

describe('a small gateway that calls the field of the key otherwise since 90 days', () => {
  it('proves of no key that it is not used', () => {
    expect(verdicts((daysAgo) => (daysAgo > 90 ? 'api_key' : 'credential'))).toEqual([
      'billing unknown',
      'export unknown',
      'search unknown',
    ]);
  });

  it('where it is one system that sends its key there, the key is not safe', () => {
    const found = verdicts((daysAgo, owner) => (daysAgo > 90 || owner !== 'billing' ? 'api_key' : 'credential'));
    expect(found.toSorted()).toContain('billing unknown');
  });

  it('where it is one system that stopped, its key is safe', () => {
    const found = verdicts((daysAgo, owner) => (daysAgo > 90 || owner !== 'billing' ? 'api_key' : undefined));
    expect(found.toSorted()).toEqual(['billing safe', 'export in-use', 'search in-use']);
  });
});
