import { describe, expect, it } from 'vitest';
import { newLab, readOnce } from './harness.ts';
import { gzip, trail, trailEvent, zstd } from './made-logs.ts';

const TRAIL = { source: 'trail' };
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

describe('documents', () => {
  it('count an event once, however often and wherever it is delivered', async () => {
    const { uses, hours } = await readOnce({ 'a.json': trail(range(0, 30)) }, TRAIL);
    const lab = newLab();
    lab.write('a.json', trail([...range(0, 20), 3, 4]));
    await lab.read(undefined, TRAIL);
    lab.write('b.json.gz', gzip(trail(range(10, 25), 2)));
    lab.write('0.json', trail([29, 29, ...range(24, 30)]));
    await lab.read(undefined, TRAIL);
    expect(lab.dump().uses).toEqual(uses);
    expect(lab.dump().hours).toEqual(hours);
    expect(lab.dump().skips).toMatchObject([/^trail \| duplicate \| 15 \|/].map((one) => expect.stringMatching(one)));
  });

  it.each([undefined, 2])('count for the time being what a truncated document holds (indent %s)', async (indent) => {
    const document = trail(range(0, 5), indent);
    const expected = await readOnce({ 'a.json': document }, TRAIL);
    const lab = newLab();
    for (const length of [document.length - 700, document.length - 5, document.length]) {
      lab.write('a.json', document.slice(0, length));
      await lab.read(undefined, TRAIL);
    }
    expect(lab.dump()).toEqual(expected);
  });

  it.each([
    ['plain', (text: string) => Buffer.from(text)],
    ['gzip', gzip],
    ['zstd', zstd],
  ] as const)('that end too early are a fault until they are whole (%s)', async (_, pack) => {
    const document = trail(range(0, 5));
    const lab = newLab();
    lab.write('a.json', pack(document.slice(0, -500)));
    for (let run = 0; run < 2; run++) {
      await lab.read(undefined, TRAIL);
      expect(lab.faults()).toMatchObject([{ path: 'a.json', reason: 'unread-input' }]);
    }
    lab.write('a.json', pack(document));
    await lab.read(undefined, TRAIL);
    expect(lab.faults()).toEqual([]);
    expect(lab.dump().uses).toEqual((await readOnce({ 'a.json': document }, TRAIL)).uses);
  });

  it('hide no event in a document of another shape', async () => {
    const known = trail(range(0, 200));
    for (const other of [
      JSON.stringify(trailEvent(300)),
      JSON.stringify({ Events: [trailEvent(300)] }),
      `[${JSON.stringify(trailEvent(300))}]`,
    ]) {
      const { uses, sources } = await readOnce({ 'a.json': `${known}\n${other}\n` }, TRAIL);
      const isCounted = uses.join() !== (await readOnce({ 'a.json': known }, TRAIL)).uses.join();
      expect([other.slice(0, 20), isCounted || sources.join().includes('| 200 | 1 |')]).toEqual([
        other.slice(0, 20),
        true,
      ]);
    }
  });

  it('read whole after a zstd file was cut give the same as at once', async () => {
    const packed = zstd(trail(range(0, 50)));
    const lab = newLab();
    for (const length of [packed.length - 100, packed.length - 1, packed.length]) {
      lab.write('a.json', packed.subarray(0, length));
      const { problems } = await lab.read(undefined, TRAIL);
      expect(problems).toHaveLength(length === packed.length ? 0 : 1);
    }
    expect(lab.dump()).toEqual(await readOnce({ 'a.json': trail(range(0, 50)) }, TRAIL));
  });

  it('count an event once while one of its documents is truncated, whatever the order of the files', async () => {
    const [open, whole] = [trail([1, 2, 3]).slice(0, -300), trail([1, 7])];
    const forth = await readOnce({ 'a.json': open, 'b.json': whole }, TRAIL);
    const back = await readOnce({ 'b.json': open, 'a.json': whole }, TRAIL);
    expect(forth.uses).toEqual(back.uses);
  });
});
