import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { KeyKind, Report, SourceActivity } from '../src/model.ts';
import { withKindsOfFormat } from '../src/verdicts/key-kinds.ts';
import { temporaryDirectory } from './engines/sqlite/made-store.ts';
import { runCli } from './run-cli.ts';

const NOW = '2026-01-01T00:00:00.000Z';
const DAYS = 450;
const KEY = 'AKIAEXAMPLE000000001';

const SERVICE = { type: 'AWSService', invokedBy: 'config.amazonaws.com' };
const ROLE = {
  type: 'AssumedRole',
  principalId: 'AROAEXAMPLE000000001:config',
  accessKeyId: 'ASIAEXAMPLE000000001',
  sessionContext: { sessionIssuer: { type: 'Role', arn: 'arn:aws:iam::111122223333:role/config', userName: 'config' } },
};

/** A region in which keys call every day, and one in which others do. */
function writeTrails(folder: string, quiet: object): void {
  for (const [region, identity] of [
    ['eu-west-1', { type: 'IAMUser', userName: 'ci', accessKeyId: 'AKIAEXAMPLE000000002' }],
    ['us-east-1', quiet],
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

describe('a region of CloudTrail in which no access key calls', () => {
  it('proves that none was used there, where sessions show their ids', () => {
    const folder = temporaryDirectory();
    writeTrails(folder, ROLE);
    const { verdict, stderr } = verdictOn(folder, {});
    expect(verdict).toBe('safe');
    expect(stderr).not.toContain('carries a key');
  });

  it('proves nothing where no call shows an id, and is warned of', () => {
    const folder = temporaryDirectory();
    writeTrails(folder, SERVICE);
    const { verdict, stderr } = verdictOn(folder, {});
    expect(verdict).toBe('unknown');
    expect(stderr).toContain('carries a key');
  });

  it('proves nothing where somebody says where the keys sit, which may be wrong', () => {
    const folder = temporaryDirectory();
    writeTrails(folder, ROLE);
    expect(verdictOn(folder, { keyId: 'no.such.field' }).verdict).toBe('unknown');
  });
});

describe('the kinds of keys that a source can show', () => {
  const activity = (source: string, format: string, keyKinds: readonly KeyKind[]): SourceActivity =>
    ({ source, format, keyKinds }) as unknown as SourceActivity;
  const kindsOf = (...sources: readonly SourceActivity[]): readonly (readonly KeyKind[])[] =>
    withKindsOfFormat(sources, (source) => source === 'mapped').map(({ keyKinds }) => keyKinds);

  it('are those of its format, where a vendor logs every key, and the source shows sessions alone', () => {
    expect(
      kindsOf(
        activity('a', 'aws-cloudtrail', ['aws_access_key', 'public_id']),
        activity('b', 'aws-cloudtrail', []),
        activity('c', 'aws-cloudtrail', ['aws_sts_session_key']),
        activity('mapped', 'aws-cloudtrail', []),
        activity('d', 'aws-cloudtrail', ['public_id']),
        activity('e', 'kong', []),
      ),
    ).toEqual([['aws_access_key', 'public_id'], [], ['aws_sts_session_key', 'aws_access_key'], [], ['public_id'], []]);
  });

  it('are not those of a source of which somebody says where keys sit', () => {
    const [, second] = kindsOf(
      activity('mapped', 'aws-cloudtrail', ['aws_access_key']),
      activity('b', 'aws-cloudtrail', ['aws_sts_session_key']),
    );
    expect(second).toEqual(['aws_sts_session_key']);
  });
});
