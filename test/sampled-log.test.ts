import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Report } from '../src/model.ts';
import { temporaryDirectory } from './engines/sqlite/made-store.ts';
import { runCli } from './run-cli.ts';

const NOW = '2026-01-01T00:00:00.000Z';
const KEY = 'acme_live_EXAMPLEquiet4Zk2';
const OTHER = 'acme_live_EXAMPLEbusy4Zk2';

/** The reason for the verdict on a key that was last called 120 days ago, daily before that. */
function reasonWith(members: object, declared = ''): string {
  const folder = temporaryDirectory();
  const lines = Array.from({ length: 450 * 2 }, (_, index) => {
    const at = Date.parse(NOW) - (450 * 2 - index) * 43_200_000;
    const keys = index < 330 * 2 ? [KEY, OTHER] : [OTHER];
    return keys.map((api_key) =>
      JSON.stringify({ time: new Date(at).toISOString(), ip: '192.0.2.10', status: 200, api_key, ...members }),
    );
  });
  fs.writeFileSync(path.join(folder, 'gateway.log'), `${lines.flat().join('\n')}\n`);
  fs.writeFileSync(
    path.join(folder, 'keys.csv'),
    `id,created,key\nquiet,2024-01-01,${KEY}\nbusy,2024-01-01,${OTHER}\n`,
  );
  fs.writeFileSync(
    path.join(folder, 'lastcall.yaml'),
    `sources: [{name: gateway, paths: [gateway.log]${declared}}]\ninventories: [{path: keys.csv}]\n`,
  );
  const { stdout } = runCli(['scan', '-o', 'json'], { cwd: folder, env: { LASTCALL_NOW: NOW } });
  const found = [...(JSON.parse(stdout) as Report).keys].find(({ key }) => key === 'quiet');
  return `${found?.verdict} ${found?.reason}`;
}

describe('a log whose records say that others were not logged', () => {
  it.each([{ sample_rate: 10 }, { SampleRate: 0.1 }, { sampling: '10%' }, { meta: { 'sampling.ratio': '1/20' } }])(
    'proves no silence: %j',
    (members) => {
      expect(reasonWith(members)).toBe('unknown sampled');
    },
  );

  it.each([{ sample_rate: 1 }, { sampling: '100%' }, { sampled: true }, { audio: { sample_rate: 16_000 } }])(
    'is not meant by %j',
    (members) => {
      expect(reasonWith(members)).toBe('safe no-blocker');
    },
  );

  it('is complete where that is declared', () => {
    expect(reasonWith({ sample_rate: 10 }, ', sampling: 1')).toBe('safe no-blocker');
  });
});
