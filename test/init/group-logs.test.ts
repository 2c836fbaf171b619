import { describe, expect, it } from 'vitest';
import { groupLogs } from '../../src/init/group-logs.ts';
import type { SurveyedLog } from '../../src/init/survey.ts';

describe('logs that lie together', () => {
  it('are one source when they are rotations of one log', () => {
    const names = ['access.log', 'access.log.1', 'access.log.2.gz', 'access.log-20260131.gz'];
    expect(shapeOf(names.map((name) => `/var/log/nginx/${name}`))).toEqual([
      ['nginx', '/var/log/nginx/access.log*', 4],
    ]);
  });

  it('are several sources when they are several logs', () => {
    expect(shapeOf(['logs/api.log', 'logs/api.log.1', 'logs/billing.log'])).toEqual([
      ['api', 'logs/api.log*', 2],
      ['billing', 'logs/billing.log*', 1],
    ]);
  });

  it('are one source over folders by date, and one a region', () => {
    const file = (region: string, day: string): string =>
      `AWSLogs/1/CloudTrail/${region}/2026/01/${day}/1_CloudTrail_${region}_x${day}.json.gz`;
    const files = ['eu-west-1', 'us-east-1'].flatMap((region) => ['01', '02', '03'].map((day) => file(region, day)));
    expect(shapeOf(files)).toEqual([
      ['cloudtrail-eu-west-1', 'AWSLogs/1/CloudTrail/eu-west-1/**/*', 3],
      ['cloudtrail-us-east-1', 'AWSLogs/1/CloudTrail/us-east-1/**/*', 3],
    ]);
  });

  it('are one source when their names are dated, and take the files of the next months along', () => {
    expect(shapeOf(['gw-2026-08.jsonl.gz', 'gw-2026-09.jsonl'].map((name) => `logs/${name}`))).toEqual([
      ['gw', 'logs/gw-[0-9]*.jsonl*', 2],
    ]);
    expect(shapeOf(['logs/api.2026-01-30.log', 'logs/api.2026-01-31.log.gz'])).toEqual([
      ['api', 'logs/api.[0-9]*.log*', 2],
    ]);
    expect(shapeOf(['logs/2026-01-31-orders.log', 'logs/2026-01-31-billing.log'])).toEqual([
      ['billing', 'logs/[0-9]*-billing.log*', 1],
      ['orders', 'logs/[0-9]*-orders.log*', 1],
    ]);
    expect(shapeOf(['logs/calls_2026.csv', 'logs/calls_2026-W31.csv'])).toEqual([
      ['calls', 'logs/calls_[0-9]*.csv*', 2],
    ]);
    expect(shapeOf(['logs/u_ex261122.log'])).toEqual([['u-ex', 'logs/u_ex[0-9]*.log*', 1]]);
    const trail = ['1145Z_7xgocspSowgK0Gto', '1150Z_1vnLavRRp0ek1mP4'];
    expect(shapeOf(trail.map((end) => `logs/1_CloudTrail_us-east-1_20230710T${end}.json.gz`))).toEqual([
      ['1-cloudtrail-us-east-1', 'logs/1_CloudTrail_us-east-1_[0-9]*.json*', 2],
    ]);
  });

  it('take no other file of their folder along', () => {
    const logs = Array.from({ length: 12 }, (_, index) => `logs/part-${'abcdefghijkl'[index]}x.jsonl`);
    expect(shapeOf(logs)).toEqual([['logs', 'logs/*', 12]]);
    expect(shapeOf(logs, ['logs/notes.txt'])).toEqual([['logs', 'logs/*.jsonl', 12]]);
  });

  it('have names of their own, and patterns that mean their names', () => {
    expect(shapeOf(['a/gateway/access.log', 'b/gateway/access.log', 'c[1]/x.log'])).toEqual([
      ['gateway', 'a/gateway/access.log*', 1],
      ['gateway-2', 'b/gateway/access.log*', 1],
      ['x', String.raw`c\[1\]/x.log*`, 1],
    ]);
  });
});

function shapeOf(files: readonly string[], strangers: readonly string[] = []): unknown {
  const logs = files.map((file) => ({ file, format: 'json', fields: {} }) as unknown as SurveyedLog);
  return groupLogs(logs, strangers).map(({ name, pattern, logs: { length } }) => [name, pattern, length]);
}
