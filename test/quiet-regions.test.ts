import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { FORMATS } from '../src/formats/index.ts';
import type { KeyKind, Report, SourceActivity } from '../src/model.ts';
import { withKindsOfFormat } from '../src/verdicts/key-kinds.ts';
import { temporaryDirectory } from './engines/sqlite/made-store.ts';
import { runCli } from './run-cli.ts';

const NOW = '2026-01-01T00:00:00.000Z';
const DAYS = 450;
const KEY = 'AKIAEXAMPLE000000001';

/** A region in which keys call every day, and one that has calls of services alone. */
function writeTrails(folder: string): void {
  for (const [region, identity] of [
    ['eu-west-1', { type: 'IAMUser', userName: 'ci', accessKeyId: 'AKIAEXAMPLE000000002' }],
    ['us-east-1', { type: 'AWSService', invokedBy: 'config.amazonaws.com' }],
  ] as const) {
    const events = Array.from({ length: DAYS }, (_, index) => ({
      eventVersion: '1.08',
      eventTime: new Date(Date.parse(NOW) - (DAYS - index) * 86_400_000 + 3_600_000).toISOString(),
      eventSource: 'sts.amazonaws.com',
      eventName: 'GetCallerIdentity',
      awsRegion: region,
      sourceIPAddress: '192.0.2.10',
      userAgent: 'ci/1.0',
      userIdentity: identity,
      eventID: `${region}-${index}`,
    }));
    fs.writeFileSync(path.join(folder, `${region}.json`), JSON.stringify({ Records: events }));
  }
  const keys = { UserName: 'ci', AccessKeyId: KEY, Status: 'Active', CreateDate: '2024-01-01T00:00:00Z' };
  fs.writeFileSync(path.join(folder, 'keys.json'), JSON.stringify({ AccessKeyMetadata: [keys] }));
}

function verdictOn(folder: string, fields: Record<string, string>): { verdict: string; stderr: string } {
  const sources = ['eu-west-1', 'us-east-1'].map((name) => ({ name, paths: [`${name}.json`] }));
  const config = { sources: [sources[0], { ...sources[1], fields }], inventories: [{ path: 'keys.json' }] };
  fs.writeFileSync(path.join(folder, 'lastcall.yaml'), JSON.stringify(config));
  const { stdout, stderr } = runCli(['scan', '-o', 'json', '--db', `${Object.keys(fields).length}.db`], {
    cwd: folder,
    env: { LASTCALL_NOW: NOW },
  });
  const { keys } = JSON.parse(stdout) as Report;
  return { verdict: [...keys].find(({ key }) => key === KEY)?.verdict ?? '', stderr };
}

describe('a region of CloudTrail that has calls of services alone', () => {
  it('proves that no key was used there, and is no cause for a warning', () => {
    const folder = temporaryDirectory();
    writeTrails(folder);
    const { verdict, stderr } = verdictOn(folder, {});
    expect(verdict).toBe('safe');
    expect(stderr).not.toContain('carries a key');
  });

  it('proves nothing where somebody says where the keys sit, which may be wrong', () => {
    const folder = temporaryDirectory();
    writeTrails(folder);
    expect(verdictOn(folder, { keyId: 'no.such.field' }).verdict).toBe('unknown');
  });
});

describe('the kinds of keys that a source can show', () => {
  const activity = (source: string, format: string, keyKinds: readonly KeyKind[]): SourceActivity =>
    ({ source, format, keyKinds }) as unknown as SourceActivity;
  const kindsOf = (...sources: readonly SourceActivity[]): readonly (readonly KeyKind[])[] =>
    withKindsOfFormat(sources, (source) => source === 'mapped').map(({ keyKinds }) => keyKinds);

  it('are those of its format, where a vendor logs every key, and the source shows none or sessions', () => {
    expect(
      kindsOf(
        activity('a', 'aws-cloudtrail', ['aws_access_key', 'public_id']),
        activity('b', 'aws-cloudtrail', []),
        activity('c', 'aws-cloudtrail', ['aws_sts_session_key']),
        activity('mapped', 'aws-cloudtrail', []),
        activity('d', 'aws-cloudtrail', ['public_id']),
        activity('e', 'kong', []),
      ),
    ).toEqual([
      ['aws_access_key', 'public_id'],
      ['aws_access_key'],
      ['aws_sts_session_key', 'aws_access_key'],
      [],
      ['public_id'],
      [],
    ]);
  });

  it('are not those of a source of which somebody says where keys sit', () => {
    const [, second] = kindsOf(
      activity('mapped', 'aws-cloudtrail', ['aws_access_key']),
      activity('b', 'aws-cloudtrail', []),
    );
    expect(second).toEqual([]);
  });

  it('are lent in the formats that say so', () => {
    for (const { name, tellsKeys } of FORMATS) {
      const [, second] = kindsOf(activity('a', name, ['aws_access_key']), activity('b', name, []));
      expect([name, second]).toEqual([name, tellsKeys === true ? ['aws_access_key'] : []]);
    }
  });
});
