import { afterAll, describe, expect, it } from 'vitest';
import { type Inflater, openInflater } from '../../src/sources/inflater.ts';
import { type Lab, newLab, type ReadOptions } from './harness.ts';
import { gzip, jsonLog, trail, zstd } from './made-logs.ts';

const inflater = openInflater(0);
afterAll(() => inflater.close());

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, n) => from + n);
const TORN = gzip(jsonLog(6000, 12_000));

/** Logs, night by night. */
const NIGHTS: readonly Readonly<Record<string, Buffer>>[] = [
  {
    'a.gz': gzip(jsonLog(0, 4000)),
    'b.zst': zstd(jsonLog(4000, 5000)),
    'growing.gz': gzip(jsonLog(5000, 6000)),
    'torn.gz': TORN.subarray(0, TORN.length - 9000),
    'trail.json.gz': gzip(trail(range(0, 400))),
    'no-log.gz': Buffer.from('1f8b08000000', 'hex'),
  },
  {
    'a.copy.gz': gzip(jsonLog(0, 3000)),
    'growing.gz': Buffer.concat([gzip(jsonLog(5000, 6000)), gzip(jsonLog(20_000, 22_000))]),
    'torn.gz': TORN,
  },
];

describe('compressed logs that a thread decompresses', () => {
  it('come to what they come to without it, night after night', async () => {
    const [without, within] = [newLab(), newLab()];
    for (const night of NIGHTS) {
      const results = [await readNight(without, night, {}), await readNight(within, night, { inflater })];
      expect(results[1]).toEqual(results[0]);
      expect(within.dump()).toEqual(without.dump());
      expect(within.faults()).toEqual(without.faults());
    }
  });

  it('are gone on with where a run was interrupted', async () => {
    const [whole, lab] = [newLab(), newLab()];
    for (const one of [whole, lab]) one.write('a.gz', gzip(jsonLog(0, 30_000)));
    await whole.read();
    let asked = 0;
    const first = await lab.read([''], { inflater, isInterrupted: () => ++asked > 8 });
    expect(first.isInterrupted).toBe(true);
    expect(first.records).toBeGreaterThan(0);
    expect(first.records).toBeLessThan(30_000);
    await lab.read([''], { inflater });
    expect(lab.dump()).toEqual(whole.dump());
  });

  it('fail the run, which keeps nothing, when the thread ends early', async () => {
    const mortal = openInflater(0);
    const broken: Inflater = {
      isFor: () => true,
      takes: () => true,
      start: () => mortal.start(),
      prepare: () => undefined,
      forget: () => undefined,
      bytes: (handle, from, count) => mortal.bytes({ ...handle, fd: -1 }, from, count),
      close: () => mortal.close(),
    };
    const lab = newLab();
    lab.write('a.gz', gzip(jsonLog(0, 300)));
    await expect(lab.read([''], { inflater: broken })).rejects.toThrow('out of range');
    await broken.close();
    expect(lab.dump().uses).toEqual([]);
    expect((await lab.read([''], { inflater })).records).toBe(300);
  });
});

async function readNight(lab: Lab, logs: Readonly<Record<string, Buffer>>, options: ReadOptions): Promise<object> {
  for (const [name, content] of Object.entries(logs)) lab.write(name, content);
  const { problems, formats, ...totals } = await lab.read([''], options);
  const said = problems.map((problem) => ({ ...problem, file: problem.file.replace(lab.dir, '') }));
  return { said, totals, formats: [...formats].toSorted() };
}
