import fs from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { environment } from '../../../run-cli.ts';
import { spawnSync } from 'node:child_process';

const DAY_MS = 86_400_000;
const FIRST = Date.UTC(2025, 9, 28);
const DAYS = 100;
/** The first night is before the last records are there. */
const NIGHTS = ['2026-02-04T02:00:00Z', '2026-02-05T02:00:00Z'] as const;

/** After both nights. */
export const LATER = '2026-02-06T02:00:00Z';

/**
 * What a small company's database has seen after two nights: a hundred days of JSON lines and CloudTrail events, one of them
 * delivered twice, a torn record, a log without line end, one that is cut. `cli` is the program of any version.
 */
export function liveThrough(folder: string, cli: string): void {
  fs.mkdirSync(path.join(folder, 'logs'));
  const calls = Array.from({ length: DAYS }, (_, day) => callsOf(day));
  fs.writeFileSync(
    path.join(folder, 'keys.csv'),
    'id,label,owner,created,status,successor,key\n' +
      'shop,Shop,shop,2024-06-01,active,,acme_live_EXAMPLEshop0001\n' +
      'old,Billing (old),finance,2024-06-01,active,new,acme_live_EXAMPLEbillingold2\n' +
      'new,Billing,finance,2025-10-01,active,,acme_live_EXAMPLEbillingnew3\n' +
      'AKIAIOSFODNN7EXAMPLE,Backup,ops,2024-06-01,active,,\n',
  );
  write(folder, 'app.log', `${calls.slice(0, -1).join('')}{"time":"2026-02-03T10:00:0\n`);
  write(folder, 'trail.json', JSON.stringify({ Records: [...trail(), ...trail().slice(0, 2)] }));
  const packed = gzipSync(JSON.stringify({ Records: trail().toReversed() }));
  write(folder, 'cut.json.gz', packed.subarray(0, packed.length - 100));
  night(folder, cli, NIGHTS[0]);
  fs.appendFileSync(path.join(folder, 'logs', 'app.log'), calls.at(-1)!.trimEnd());
  night(folder, cli, NIGHTS[1]);
}

/** A night's run, as any version of the program knows it. */
export function night(folder: string, cli: string, now: string): void {
  const args = ['scan', 'logs', '--keys', 'keys.csv', '--db', 'lastcall.db', '-o', 'json=night.json'];
  const { status, stderr } = spawnSync(process.execPath, [cli, ...args], {
    cwd: folder,
    env: environment({ LASTCALL_NOW: now }),
    encoding: 'utf8',
  });
  // The cut log makes it 3.
  if (status !== 3) throw new Error(`lastcall scan ended with ${status}: ${stderr}`);
}

function write(folder: string, name: string, content: string | Buffer): void {
  fs.writeFileSync(path.join(folder, 'logs', name), content);
}

function callsOf(day: number): string {
  const hasMoved = day >= 60;
  return [
    call(day, 9, 'acme_live_EXAMPLEshop0001', 'shop', 200),
    call(day, 10, hasMoved ? 'acme_live_EXAMPLEbillingnew3' : 'acme_live_EXAMPLEbillingold2', 'billing', 200),
    ...(day % 25 === 0 ? [call(day, 11, 'acme_live_EXAMPLEunknown4', 'nobody', 403)] : []),
  ].join('');
}

function call(day: number, hour: number, key: string, system: string, status: number): string {
  const time = new Date(FIRST + day * DAY_MS + hour * 3_600_000).toISOString();
  return `${JSON.stringify({ time, key, system, status })}\n`;
}

function trail(): object[] {
  return Array.from({ length: 40 }, (_, index) => ({
    eventVersion: '1.08',
    eventTime: new Date(FIRST + index * 2 * DAY_MS).toISOString(),
    eventID: `00000000-0000-4000-8000-0000000000${String(index).padStart(2, '0')}`,
    eventSource: 's3.amazonaws.com',
    eventName: 'ListBuckets',
    awsRegion: 'eu-central-1',
    sourceIPAddress: '192.0.2.7',
    userAgent: 'aws-cli/2.15',
    userIdentity: { type: 'IAMUser', accessKeyId: 'AKIAIOSFODNN7EXAMPLE', userName: 'backup' },
  }));
}
