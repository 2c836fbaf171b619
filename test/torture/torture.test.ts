import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeEverywhere } from './changing-logs.ts';
import { cutPowerEverywhere, failEverywhere, killAtRandom, killEverywhere } from './crashes.ts';
import { buildShim } from './faulty-run.ts';
import { fuzz } from './fuzz.ts';
import { tryHistories } from './histories.ts';
import { breakProgram, MUTANTS } from './mutants.ts';
import { runInPairs } from './pairs.ts';
import { buildProgram, type Program } from './program.ts';
import { Reference } from './reference.ts';
import type { Result } from './result.ts';
import { findTraces, searchSentinels, TRACES } from './sentinels.ts';

/** The share that each change has to pass; `npm run torture` is the whole. */
const SEED = 20_261_123;

const shim = buildShim();
if (shim === undefined) process.stderr.write('torture: no C compiler here, so no faults are injected\n');

describe.skipIf(shim === undefined)('a run that is crashed', () => {
  let program: Program;
  let reference: Reference;
  beforeAll(async () => {
    program = await buildProgram();
    reference = await Reference.make(shim ?? '', program.cli);
  });
  afterAll(() => {
    reference.remove();
    program.remove();
  });

  it('has enough operations to be crashed at', () => {
    expect(reference.operations[1].length).toBeGreaterThan(150);
    expect(reference.operations[2].length).toBeGreaterThan(150);
    expect(reference.expected[2].uses.length).toBeGreaterThan(50);
  });

  it('by SIGKILL at an operation gives equal totals when it is run again', async () => {
    expectNothing(await killEverywhere(reference, 97));
  });

  it('again and again gives equal totals in the end', async () => {
    expectNothing(await killAtRandom(reference, 4, SEED));
  });

  it('by a full or broken disk ends cleanly, and gives equal totals when it is mended', async () => {
    expectNothing(await failEverywhere(reference, 401));
  });

  it('by a power cut has kept what it reported', async () => {
    expectNothing(await cutPowerEverywhere(reference, 30));
  });

  it('no more than disturbed by a rotation while it reads, counts every line once in the end', async () => {
    expectNothing(await changeEverywhere(reference, 190));
  });

  it('beside another of its kind never counts twice', async () => {
    expectNothing(await runInPairs(reference, 3, SEED));
  });

  it('leaves no key behind, whatever it wrote', async () => {
    expectNothing(await searchSentinels(reference, 240));
  });
});

describe.skipIf(shim === undefined)('the torture notices', () => {
  it('that what is committed is not synced', async () => {
    const { cli, remove } = await breakProgram('what is committed is not synced');
    const reference = await Reference.make(shim ?? '', cli);
    const { failures } = await cutPowerEverywhere(reference, 10_000);
    reference.remove();
    remove();
    expect(failures.length).toBeGreaterThan(0);
  });

  it('that a key was written, in any encoding', () => {
    const key = 'sk_test_sentinelQ7xW9vB30007';
    const texts = [key, `Basic ${Buffer.from(`user:${key}`).toString('base64')}`, Buffer.from(key).toString('hex')];
    for (const text of texts) expect(findTraces([['a file', Buffer.from(`before ${text} after`)]])).toEqual(['a file']);
    expect(findTraces([['a file', Buffer.from('sk_test_...0007')]])).toEqual([]);
    expect(TRACES.length).toBe(11);
  });

  it('only what the program still does: each mutant has its place', async () => {
    for (const name of Object.keys(MUTANTS) as (keyof typeof MUTANTS)[]) {
      const { cli, remove } = await breakProgram(name);
      expect(fs.existsSync(cli)).toBe(true);
      remove();
    }
  });
});

describe('a log', () => {
  it('that is rotated in any way counts once, or what is lost is blocked', async () => {
    expectNothing(await tryHistories(30, SEED));
  });

  it('that is damaged in any way ends no run, and every byte of it is accounted for', async () => {
    expectNothing(await fuzz(4000, SEED));
  });
});

function expectNothing({ done, failures }: Result): void {
  expect(failures).toEqual([]);
  expect(done).toBeGreaterThan(0);
}
