import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/config.ts';
import { settingsByPath } from '../../src/ingest/log-settings.ts';
import { fingerprinter } from './reading.ts';

const CONFIG = `
sources:
  - name: edge
    paths: [logs/edge, 'logs/*.edge.gz']
    format: combined
    timezone: Europe/Berlin
    keyParameters: [sig]
    keyHeaders: [x-edge-key]
  - name: billing
    paths: [logs/billing.json]
    fields: { time: when, status: code }
    records: rows[*]
  - name: rest
    paths: [logs]
`;

const NO_FLAGS = {
  sources: parseConfig(CONFIG, 'lastcall.yaml').sources,
  source: undefined,
  logFormat: 'auto',
  logFormatString: undefined,
  records: undefined,
  fields: {},
  timezone: undefined,
  systems: [],
};

describe('the source of a log', () => {
  const sourceOf = (file: string): string | undefined => settingsByPath(NO_FLAGS, fingerprinter, [])(file).source;

  it.each([
    ['logs/edge/a.log', 'edge'],
    ['logs/edge/b/c.log', 'edge'],
    ['./logs/../logs/edge/a.log', 'edge'],
    [path.resolve('logs/edge/a.log'), 'edge'],
    ['logs/x.edge.gz', 'edge'],
    ['logs/edge-2/a.log', 'rest'],
    ['logs/edge.log', 'rest'],
    ['logs/sub/x.edge.gz', 'rest'],
    ['logs/billing.json', 'billing'],
    ['logs/billing.json.1', 'rest'],
    ['logs/.hidden', 'rest'],
    ['other/a.log', undefined],
    ['-', undefined],
  ])('of %s is the first whose path fits: %s', (file, source) => {
    expect(sourceOf(file)).toBe(source);
  });
});

describe('how a log is read', () => {
  it('is what its source says', () => {
    const settingsOf = settingsByPath(NO_FLAGS, fingerprinter, []);
    expect(settingsOf('logs/edge/a.log')).toMatchObject({
      choice: { format: 'combined', keyHeaders: ['x-edge-key'], fields: {} },
      interpretation: { timezone: 'Europe/Berlin', keyParameters: ['sig'] },
    });
    expect(settingsOf('logs/billing.json').choice).toMatchObject({
      format: 'auto',
      recordsPath: 'rows[*]',
      fields: { time: 'when', status: 'code' },
    });
    expect(settingsOf('other/a.log')).toMatchObject({
      choice: { format: 'auto', recordsPath: undefined, keyHeaders: [], sessionHeaders: [] },
      interpretation: { timezone: undefined, keyParameters: undefined },
    });
  });

  it('is what flags say over that, field by field', () => {
    const flags = { source: 'typed', logFormat: 'json', records: 'items[*]', fields: { status: 'rc' } };
    expect(settingsByPath({ ...NO_FLAGS, ...flags }, fingerprinter, [])('logs/billing.json')).toMatchObject({
      source: 'typed',
      choice: { format: 'json', recordsPath: 'items[*]', fields: { time: 'when', status: 'rc' } },
    });
  });
});
