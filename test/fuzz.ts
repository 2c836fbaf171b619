import * as fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { casesFor, documentsFor, isAccessLog, MAPS, readFast, readPlainly } from './ingest/kernel-oracle.ts';

/** `npm run fuzz [seconds [seed]]`: holds the kernel to the plain reader on logs made at random, for so long. */
const seconds = Number(process.argv[2] ?? 60);
const first = process.argv[3] === undefined ? Date.now() % 2 ** 31 : Number(process.argv[3]);
const RUNS = 200;

const until = performance.now() + seconds * 1000;
let rounds = 0;
for (let seed = first; performance.now() < until && process.exitCode === undefined; seed++, rounds++) {
  const map = MAPS[seed % MAPS.length] as (typeof MAPS)[number];
  const hasLines = isAccessLog(map.format) || Math.floor(seed / MAPS.length) % 2 === 0;
  const cases = hasLines ? casesFor(map) : documentsFor(map);
  const isSame = fc.property(cases, (one) => isDeepStrictEqual(readFast(one).outcome, readPlainly(one)));
  const { failed, counterexample } = fc.check(isSame, { seed, numRuns: RUNS });
  if (!failed || counterexample === null) continue;
  const [{ log, chunk, plan }] = counterexample;
  process.stdout.write(
    `${map.name}: the kernel differs (seed ${seed}, chunks of ${chunk}, records at "${plan.recordsPath ?? 'lines'}") on\n${JSON.stringify(log.toString('latin1'))}\n`,
  );
  process.exitCode = 1;
}
process.stdout.write(`${rounds * RUNS} logs from seed ${first}\n`);
