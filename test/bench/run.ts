import fs from 'node:fs';
import os from 'node:os';
import { parseArgs } from 'node:util';
import type { Bench, BenchOptions } from './bench.ts';
import { isBuilt } from './contenders.ts';
import { FORMATS_BENCH } from './formats-bench.ts';
import { describeMachine } from './machine.ts';
import { MEMORY_BENCH } from './memory-bench.ts';
import { writeSection } from './results.ts';
import { ROLLUP_BENCHES } from './rollup-bench.ts';
import { STARTUP_BENCH } from './startup-bench.ts';
import { parseSize, renderTable, type Table } from './table.ts';
import { WRITES_BENCH } from './writes-bench.ts';

/** `npm run bench -- [name ...] [--size 1g] [--runs 5] [--only duckdb,jq] [--variants] [--folder dir] [--write] [--json file]` */
const BENCHES: readonly Bench[] = [...ROLLUP_BENCHES, FORMATS_BENCH, STARTUP_BENCH, MEMORY_BENCH, WRITES_BENCH];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    size: { type: 'string', default: '1g' },
    runs: { type: 'string', default: '5' },
    only: { type: 'string' },
    variants: { type: 'boolean', default: false },
    folder: { type: 'string', default: os.tmpdir() },
    write: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});
const unknown = positionals.filter((name) => !BENCHES.some((bench) => bench.name === name));
if (unknown.length > 0)
  throw new Error(`No bench: ${unknown.join(', ')}. There are ${BENCHES.map(({ name }) => name).join(', ')}.`);
if (!isBuilt()) throw new Error('There is no dist: npm run build');

const options: BenchOptions = {
  folder: values.folder,
  bytes: parseSize(values.size),
  runs: Number(values.runs),
  only: values.only?.split(','),
  variants: values.variants,
  tell: (line) => process.stderr.write(`  ${line}\n`),
};
const found: Record<string, Table> = {};
for (const bench of BENCHES) {
  if (positionals.length > 0 && !positionals.includes(bench.name)) continue;
  const busyBefore = os.loadavg()[0] ?? 0;
  const table = await bench.run(options);
  const measured = `${describeMachine(busyBefore)}; ${options.runs} runs unless said otherwise`;
  process.stdout.write(`${renderTable(table)}\n${measured}\n\n`);
  found[bench.name] = table;
  if (values.write) writeSection(bench.name, `${renderTable(table)}\n${measured}\n`);
}
if (values.json !== undefined) fs.writeFileSync(values.json, `${JSON.stringify(found, undefined, 2)}\n`);
