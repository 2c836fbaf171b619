import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import zlib from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { REFUSED } from '../../src/formats/aws-cloudtrail.ts';
import { runCli } from '../run-cli.ts';
import { callsIn, differences, keyDaysOfCsv, keyDaysOfDatabase } from './key-days.ts';
import { LOG_KINDS, type LogFiles, type LogKind, makeLogFiles } from './log-files.ts';

const BYTES = 400_000;
const home = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-bench-test-'));
afterAll(() => fs.rmSync(home, { recursive: true }));

/** SHA-256 of the text of all files, one after the other: on no machine another. */
const GATEWAY = 'a52a2dc3285353c602d96c798ed2b7ce98484f759e0d455101508f6fe80008ce';
const DIGESTS: Readonly<Record<LogKind, string>> = {
  plain: GATEWAY,
  gzip: GATEWAY,
  many: GATEWAY,
  cloudtrail: '619697594dcd6ea93f77b7a4c179080333a44052db90256c21a9a519bf7fc3ca',
  combined: 'f1ad3e0d93176784ddd34a674d15abea37f2d7ff41dbc0743dc671cef5a685fe',
};

describe('the logs of the bench', () => {
  it.each(LOG_KINDS)('are the same on every machine: %s', (kind) => {
    const log = makeLogFiles(home, kind, BYTES);
    const text = textOf(log).join('');
    expect(log.bytes).toBe(Buffer.byteLength(text));
    expect(Math.abs(log.bytes / BYTES - 1)).toBeLessThan(0.05);
    expect(createHash('sha256').update(text).digest('hex')).toBe(DIGESTS[kind]);
  });

  it('are as many files as they are said to be', () => {
    expect(LOG_KINDS.map((kind) => makeLogFiles(home, kind, BYTES).files.length)).toEqual([1, 1, 8, 1, 1]);
  });

  it('are made once: what lies there is taken', () => {
    const [file = ''] = makeLogFiles(home, 'plain', BYTES).files;
    const { mtimeMs } = fs.statSync(file);
    expect(makeLogFiles(home, 'plain', BYTES).files).toEqual([file]);
    expect(fs.statSync(file).mtimeMs).toBe(mtimeMs);
  });
});

describe('the check of the bench', () => {
  it.each(['plain', 'many', 'cloudtrail', 'combined'] as const)(
    'finds that lastcall counts what is in the log: %s',
    (kind) => {
      const log = makeLogFiles(home, kind, BYTES);
      const db = path.join(home, `${kind}.db`);
      expect(runCli(['ingest', '--quiet', '--db', db, ...log.files], { cwd: home })).toMatchObject({ status: 0 });
      const ours = keyDaysOfDatabase(db);
      const calls = callsOf(log);
      expect(callsIn(ours)).toBe(calls.length);
      expect(differences(ours, keyDaysOfCsv(calls.map(csvOf).join('\n')))).toEqual([]);
      expect(differences(ours, keyDaysOfCsv(calls.slice(1).map(csvOf).join('\n')))).toHaveLength(1);
    },
  );
});

function textOf({ files }: LogFiles): string[] {
  return files.map((file) => {
    const bytes = fs.readFileSync(file);
    return (file.endsWith('.gz') ? zlib.gunzipSync(bytes) : bytes).toString('utf8');
  });
}

interface Call {
  readonly key: string;
  readonly at: string;
  readonly outcome: 'accepted' | 'failed' | 'refused';
}

/** What stands in the log, read in the plainest way. */
function callsOf(log: LogFiles): Call[] {
  const texts = textOf(log);
  if (log.kind === 'cloudtrail') return [...new Map(texts.flatMap(eventsOf)).values()];
  const lines = texts.flatMap((text) => text.trimEnd().split('\n'));
  return lines.map(log.kind === 'combined' ? combinedCall : gatewayCall);
}

function gatewayCall(line: string): Call {
  const { auth, timestamp, status } = JSON.parse(line) as {
    auth: { api_key: string };
    timestamp: string;
    status: number;
  };
  return { key: auth.api_key, at: timestamp, outcome: outcomeOf(status) };
}

function combinedCall(line: string): Call {
  const [, day, time, key, status] = / \[(\d\d)\/Sep\/2026:([\d:]+) .*api_key=(\w+) \S+" (\d+)/.exec(line) ?? [];
  return { key: key as string, at: `2026-09-${day}T${time}Z`, outcome: outcomeOf(Number(status)) };
}

function eventsOf(text: string): [id: string, call: Call][] {
  const { Records } = JSON.parse(text) as {
    Records: { eventID: string; eventTime: string; userIdentity: { accessKeyId: string }; errorCode?: string }[];
  };
  return Records.map(({ eventID, eventTime, userIdentity, errorCode }) => {
    const outcome = errorCode === undefined ? 'accepted' : REFUSED.has(errorCode) ? 'refused' : 'failed';
    return [eventID, { key: userIdentity.accessKeyId, at: eventTime, outcome }];
  });
}

function outcomeOf(status: number): Call['outcome'] {
  return status < 400 ? 'accepted' : status === 401 || status === 403 ? 'refused' : 'failed';
}

/** As a rival writes it, with a line for each call. */
function csvOf({ key, at, outcome }: Call): string {
  const counts = (['accepted', 'failed', 'refused'] as const).map((one) => (one === outcome ? 1 : 0));
  return [key, at.slice(0, 10), ...counts, at, at].join(',');
}
