/** `npm run fleet`: the table of policies on made fleets. */
import { parseArgs } from 'node:util';
import { bench, table } from './bench.ts';
import { candidates } from './policies.ts';
import { PROFILES } from './profiles.ts';
import type { ProfileName } from './profiles.ts';

const { values } = parseArgs({
  options: {
    profile: { type: 'string', default: 'base' },
    fleets: { type: 'string', default: '12' },
    seed: { type: 'string', default: '1' },
    audits: { type: 'string', default: '730' },
    weekly: { type: 'string', default: '0' },
  },
});

if (!isProfile(values.profile)) throw new Error(`--profile is one of ${Object.keys(PROFILES).join(', ')}`);
const rows = bench(candidates(), {
  profile: values.profile,
  fleets: Number(values.fleets),
  seed: Number(values.seed),
  audits: values.audits.split(',').map(Number),
  weeklyFleets: Number(values.weekly),
});
process.stdout.write(`${table(rows)}\n`);

function isProfile(name: string): name is ProfileName {
  return Object.hasOwn(PROFILES, name);
}
