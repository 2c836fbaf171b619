import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readActivity } from '../../src/engines/sqlite/activity.ts';
import { readDeliveries } from '../../src/engines/sqlite/digests.ts';
import { openForReading } from '../../src/engines/sqlite/store.ts';
import type { Gap, SourceActivity } from '../../src/model.ts';
import { inferCoverage } from '../../src/verdicts/coverage.ts';
import { withDeliveries } from '../../src/verdicts/deliveries.ts';
import { DEFAULT_POLICY } from '../../src/verdicts/policy.ts';
import { type Lab, newLab } from './harness.ts';

const DAY_MS = 86_400_000;
const START = Date.UTC(2026, 8, 1);
const DAYS = 50;
/** No calls at all on these days, and none was missed. */
const QUIET = [30, 31, 32];
const PER_DAY = 2;
const DIGEST_MS = DAY_MS / PER_DAY;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const stamp = (at: number): string => new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, '');
const folder = (at: number): string => new Date(at).toISOString().slice(0, 10).replaceAll('-', '/');

interface Made {
  /** By path: logs and digests. */
  readonly files: Map<string, string>;
  readonly logs: readonly string[];
  readonly digests: readonly string[];
}

/** A log for each day that is not quiet, and two digests a day. */
function deliveries(region = 'eu-west-1', quiet: readonly number[] = QUIET): Made {
  const files = new Map<string, string>();
  const [logs, digests]: string[][] = [[], []];
  let previous: string | undefined;
  for (let at = START; at < START + DAYS * DAY_MS; at += DIGEST_MS) {
    const day = (at - START) / DAY_MS;
    const listed = [];
    if (Number.isInteger(day) && !quiet.includes(day)) {
      const eventTime = new Date(at + 3_600_000).toISOString().replace('.000', '');
      const record = { eventVersion: '1.08', eventTime, eventSource: 's3.amazonaws.com', eventName: 'GetObject', awsRegion: region, eventID: `${region}-${day}`, userIdentity: { type: 'IAMUser', accessKeyId: 'AKIAEXAMPLE000000001' } }; // prettier-ignore
      const text = JSON.stringify({ Records: [record] });
      const name = `AWSLogs/1/CloudTrail/${region}/${folder(at)}/1_CloudTrail_${region}_${stamp(at).slice(0, 13)}Z_${day}.json.gz`;
      files.set(name, text);
      logs?.push(name);
      listed.push({ s3Bucket: 'b', s3Object: name, hashValue: sha256(text), hashAlgorithm: 'SHA-256', oldestEventTime: eventTime, newestEventTime: eventTime }); // prettier-ignore
    }
    const name = `AWSLogs/1/CloudTrail-Digest/${region}/${folder(at)}/1_CloudTrail-Digest_${region}_t_${region}_${stamp(at + DIGEST_MS)}.json.gz`;
    const times = {
      digestStartTime: new Date(at).toISOString(),
      digestEndTime: new Date(at + DIGEST_MS).toISOString(),
    };
    const before = previous === undefined ? {} : { previousDigestHashValue: previous };
    const text = JSON.stringify({
      awsAccountId: '1',
      ...times,
      digestS3Bucket: 'b',
      digestS3Object: name,
      ...before,
      logFiles: listed,
    });
    previous = sha256(text);
    files.set(name, text);
    digests?.push(name);
  }
  return { files, logs: logs ?? [], digests: digests ?? [] };
}

function write(lab: Lab, { files }: Made): void {
  for (const [name, text] of files) lab.write(name, gzipSync(text));
}

function trailOf(lab: Lab): SourceActivity | undefined {
  const store = openForReading(lab.db, undefined);
  try {
    const found = readDeliveries(store.db);
    return readActivity(store.db, new Map())
      .map((one) => withDeliveries(one, found))
      .find(({ source }) => source === 'aws-cloudtrail');
  } finally {
    store.close();
  }
}

/** What is open of the days, by number of the day, and what the first fault says. */
function gapsOf(lab: Lab): { readonly gaps: readonly string[]; readonly fault: string | undefined } {
  const trail = trailOf(lab);
  if (trail === undefined) return { gaps: ['all'], fault: undefined };
  const { gaps } = inferCoverage(trail, START + DAYS * DAY_MS, { ...DEFAULT_POLICY, lateWindowDays: 0 });
  const text = ({ from, to, reason }: Gap): string => `${from - START / DAY_MS}-${to - START / DAY_MS} ${reason}`;
  return { gaps: gaps.map(text), fault: trail.faults[0]?.detail };
}

async function readAs(change: (made: Made) => void, made = deliveries()): Promise<ReturnType<typeof gapsOf>> {
  const lab = newLab();
  change(made);
  write(lab, made);
  await lab.read();
  return gapsOf(lab);
}

const without = ({ files }: Made, some: readonly string[]): void => some.forEach((name) => files.delete(name));
const HOLE = '30-32 no-records';

describe('digests of CloudTrail', () => {
  it('prove quiet days, which are a gap without them', async () => {
    expect(await readAs((made) => without(made, made.digests))).toEqual({ gaps: [HOLE], fault: undefined });
    expect(await readAs(() => undefined)).toEqual({ gaps: [], fault: undefined });
  });

  it('prove nothing of a day of which one of them is missing, or was changed', async () => {
    const ofDay31 = (made: Made): string => made.digests[31 * PER_DAY + 1] ?? '';
    expect((await readAs((made) => without(made, [ofDay31(made)]))).gaps).toEqual(['31-31 no-records']);
    const edited = await readAs((made) =>
      made.files.set(ofDay31(made), (made.files.get(ofDay31(made)) ?? '').replace('"b"', '"c"')),
    );
    expect(edited.gaps).toEqual(['31-31 no-records']);
  });

  it('name the logs that are missing, or are not what was delivered: a gap over the time of the digest', async () => {
    const missing = await readAs((made) => without(made, [made.logs[20] ?? '']));
    expect(missing.gaps).toEqual(['20-20 unread-input']);
    expect(missing.fault).toMatch(/CloudTrail_eu-west-1_20260921T0000Z_20\.json\.gz: listed in a digest, but not read/);
    const changed = await readAs(({ files, logs }) => files.set(logs[20] ?? '', '{"Records":[]}'));
    expect(changed.gaps).toEqual(['20-20 unread-input']);
  });

  it('mend such a gap when the log is read later', async () => {
    const lab = newLab();
    const made = deliveries();
    const late = made.logs[20] ?? '';
    write(lab, made);
    lab.remove(late);
    await lab.read();
    expect(gapsOf(lab).gaps).toEqual(['20-20 unread-input']);
    lab.write(late, gzipSync(made.files.get(late) ?? ''));
    await lab.read();
    expect(gapsOf(lab)).toEqual({ gaps: [], fault: undefined });
  });

  it('prove nothing while another region has logs without digests, or a gap in them', async () => {
    const both = (change: (other: Made) => void): ReturnType<typeof readAs> => {
      const other = deliveries('us-east-1');
      change(other);
      return readAs((made) => other.files.forEach((text, name) => made.files.set(name, text)));
    };
    expect((await both(() => undefined)).gaps).toEqual([]);
    expect((await both((other) => without(other, other.digests))).gaps).toEqual([HOLE]);
    expect((await both((other) => without(other, other.digests.slice(31 * PER_DAY, 32 * PER_DAY)))).gaps).toEqual([
      '31-31 no-records',
    ]);
  });

  it('that are no digests prove nothing and miss nothing', async () => {
    const named = '"digestS3Object":"x","digestEndTime":"2026-12-31T00:00:00Z"';
    const odd = [
      `{${named}}`,
      `{${named},"digestStartTime":"2026-01-01T00:00:00Z","logFiles":[]}`,
      `{${named},"digestStartTime":"2026-12-30T23:00:00Z","logFiles":[{"s3Object":"y","hashValue":"short"}]}`,
    ];
    const result = await readAs((made) => {
      without(made, made.digests);
      odd.forEach((text, n) => made.files.set(`CloudTrail-Digest/${n}.json`, text));
    });
    expect(result).toEqual({ gaps: [HOLE], fault: undefined });
  });
});
