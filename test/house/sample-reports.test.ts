import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { firstHazard } from '../reporters/hazards.ts';
import { renderSampleReports, SAMPLE_FOLDER } from './sample-reports.ts';

describe('reports/sample', () => {
  let samples: ReadonlyMap<string, string>;
  beforeAll(() => {
    samples = renderSampleReports();
  }, 240_000);

  it('holds what the program says of the demo today (npm run goldens, and read the diff)', () => {
    for (const [file, text] of samples) expect(text, file).toBe(readFileSync(join(SAMPLE_FOLDER, file), 'utf8'));
  });

  it('holds nothing else', () => {
    expect(readdirSync(SAMPLE_FOLDER).toSorted()).toEqual([...samples.keys()].toSorted());
  });

  it('shows no whole key and no control character', () => {
    const keys = readFileSync(join(SAMPLE_FOLDER, '../../fixtures/demo/keys.csv'), 'utf8').match(/acme_\w+EXAMPLE\w+/g);
    expect(keys).toHaveLength(27);
    for (const [file, text] of samples) {
      expect(
        keys?.filter((key) => text.includes(key)),
        file,
      ).toEqual([]);
      expect(firstHazard(text.replaceAll('\r\n', '\n')), file).toBeUndefined();
    }
  });
});
