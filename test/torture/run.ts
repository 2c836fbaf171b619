import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { changeEverywhere } from './changing-logs.ts';
import { cutPowerEverywhere, failEverywhere, killAtRandom, killEverywhere } from './crashes.ts';
import { buildShim } from './faulty-run.ts';
import { fuzz } from './fuzz.ts';
import { tryHistories } from './histories.ts';
import { breakProgram, MUTANTS } from './mutants.ts';
import { runInPairs } from './pairs.ts';
import { buildProgram, type Program } from './program.ts';
import { Reference } from './reference.ts';
import type { OnDone, Result } from './result.ts';
import { searchSentinels } from './sentinels.ts';

/** `npm run torture [part...] -- [--every n] [--from n] [--to n] [--count n] [--seed n] [--processes n]`: all of it takes hours; see README.md. */
const { values, positionals } = parseArgs({
  options: {
    every: { type: 'string' },
    from: { type: 'string' },
    to: { type: 'string' },
    count: { type: 'string' },
    seed: { type: 'string' },
    processes: { type: 'string' },
  },
  allowPositionals: true,
});
const which = { every: Number(values.every ?? 1), from: Number(values.from ?? 0), to: Number(values.to ?? Infinity) };
const seed = Number(values.seed ?? 1);
const processes = Number(values.processes ?? 1);
const countOr = (usual: number): number => Number(values.count ?? usual);

type Part = (onDone: OnDone) => Promise<Result>;

const PARTS: Readonly<Record<string, Part>> = {
  kills: (onDone) => withReference((reference) => killEverywhere(reference, which, onDone)),
  'random-kills': (onDone) => withReference((reference) => killAtRandom(reference, countOr(1000), seed, onDone)),
  faults: (onDone) => withReference((reference) => failEverywhere(reference, which, onDone)),
  'power-cuts': (onDone) => withReference((reference) => cutPowerEverywhere(reference, which, onDone)),
  changes: (onDone) => withReference((reference) => changeEverywhere(reference, which, onDone)),
  pairs: (onDone) => withReference((reference) => runInPairs(reference, countOr(1000), seed, onDone)),
  mutants: tortureMutants,
  histories: (onDone) => divided('histories', countOr(10_000), (count) => tryHistories(count, seed, onDone)),
  fuzz: (onDone) => divided('fuzz', countOr(1_000_000), (count) => fuzz(count, seed, onDone)),
  sentinels: (onDone) => withReference((reference) => searchSentinels(reference, which, onDone)),
};

for (const name of positionals.length > 0 ? positionals : Object.keys(PARTS)) {
  const part = PARTS[name];
  if (part === undefined) throw new Error(`there is no part "${name}"; there are ${Object.keys(PARTS).join(', ')}`);
  const startedAt = performance.now();
  let saidAt = startedAt;
  const { done, failures } = await part((count, failed, failure) => {
    if (failure !== undefined) process.stderr.write(`${name}: ${failure}\n`);
    if (performance.now() - saidAt < 10_000) return;
    saidAt = performance.now();
    process.stderr.write(`${name}: ${count} done, ${failed} failed\n`);
  });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  process.stdout.write(`${name}: ${done} in ${seconds} s, ${failures.length} failed\n`);
  for (const failure of failures.slice(0, 20)) process.stdout.write(`- ${failure}\n`);
  if (failures.length > 0) process.exitCode = 1;
}

/** What uses one core does its share in each of several processes, each from a seed of its own. */
async function divided(part: string, count: number, act: (count: number) => Promise<Result>): Promise<Result> {
  if (processes === 1) return act(count);
  const shares = Array.from({ length: processes }, (_, n) => Math.floor((count + n) / processes));
  const ends = await Promise.all(shares.map((share, n) => inProcess([part, share, seed + n])));
  return { done: count, failures: ends.filter((end) => end !== '') };
}

/** Empty when nothing failed. */
function inProcess([part, count, ownSeed]: readonly [string, number, number]): Promise<string> {
  const script = process.argv[1] ?? '';
  const child = spawn(process.execPath, [script, part, '--count', String(count), '--seed', String(ownSeed)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  return new Promise((resolve) => child.on('close', (status) => resolve(status === 0 ? '' : `${status}: ${said}`)));
}

async function withReference(act: (reference: Reference) => Promise<Result>, make = buildProgram): Promise<Result> {
  const shim = buildShim();
  if (shim === undefined) return { done: 0, failures: ['there is no C compiler, or this is not Linux'] };
  const program: Program = await make();
  const reference = await Reference.make(shim, program.cli);
  try {
    return await act(reference);
  } finally {
    reference.remove();
    program.remove();
  }
}

/** Negative controls: what the torture finds in a broken program must not be nothing. */
async function tortureMutants(onDone: OnDone): Promise<Result> {
  const [position, unsynced] = Object.keys(MUTANTS) as (keyof typeof MUTANTS)[];
  const ways = [
    [position, (reference: Reference): Promise<Result> => killEverywhere(reference, 12, onDone)],
    [unsynced, (reference: Reference): Promise<Result> => cutPowerEverywhere(reference, 1000, onDone)],
  ] as const;
  const failures: string[] = [];
  for (const [name, act] of ways) {
    const found = await withReference(act, () => breakProgram(name as keyof typeof MUTANTS));
    if (found.failures.length === 0) failures.push(`nobody noticed that ${name}`);
  }
  return { done: ways.length, failures };
}
