import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { runCli } from '../run-cli.ts';
import { newLab } from './harness.ts';

const CALL = '{"time":"2026-09-01 10:00:00","ip":"192.0.2.1","api_key":"example-key-0001","status":200}\n';
/** Of LiteLLM, whose times are in UTC. */
const SPEND =
  '{"request_id":"r1","api_key":"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef","startTime":"2026-09-01 10:00:00.123","spend":0.1,"call_type":"acompletion"}\n';

function scan(log: string, timezone?: string): { stderr: string; lastUsedAt: string; status: number | null } {
  const lab = newLab();
  lab.write('a.jsonl', log);
  const zone = timezone === undefined ? '' : `timezone: ${timezone}, `;
  fs.writeFileSync(path.join(lab.dir, 'lastcall.yaml'), `sources: [{ ${zone}name: api, paths: [logs] }]\n`);
  const env = { LASTCALL_NOW: '2026-09-03T00:00:00Z', TZ: 'America/New_York' };
  const { stdout, stderr, status } = runCli(['scan', 'logs', '-o', 'json'], { cwd: lab.dir, env });
  const { keys } = JSON.parse(stdout) as { keys: { lastUsedAt: string }[] };
  return { stderr, lastUsedAt: keys[0]?.lastUsedAt ?? '', status };
}

it('times without a zone are taken for UTC, which is said until somebody says what they are in', () => {
  const assumed = scan(CALL);
  expect([assumed.lastUsedAt, assumed.status]).toEqual(['2026-09-01T10:00:00.000Z', 0]);
  expect(assumed.stderr).toContain('api: its times name no time zone and are taken for UTC');
  expect(scan(CALL, 'UTC')).toMatchObject({ stderr: expect.not.stringContaining('time zone') });
  const local = scan(CALL, 'Europe/Berlin');
  expect([local.lastUsedAt, local.stderr.includes('time zone')]).toEqual(['2026-09-01T08:00:00.000Z', false]);
  expect(scan(CALL.replace('00"', '00Z"')).stderr).not.toContain('time zone');
});

it('a log that is in UTC by its format stays so, whatever the zone of the source', () => {
  const [plain, moved] = [scan(SPEND), scan(SPEND, 'Europe/Berlin')];
  expect([plain.lastUsedAt, moved.lastUsedAt]).toEqual(['2026-09-01T10:00:00.123Z', '2026-09-01T10:00:00.123Z']);
  expect(plain.stderr).not.toContain('time zone');
});
