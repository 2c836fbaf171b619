/**
 * `npm run fleet`: the table of policies on made fleets. With `--misses`, each wrong "safe" of lastcall instead; with
 * `--unfound`, what keeps dead keys from being found; with `--write <folder>`, one fleet as logs, inventory, configuration and truth, to look at or to run lastcall on.
 */
import { mkdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { DAY_MS, isoInstant } from '../../src/verdicts/calendar.ts';
import { bench, table } from './bench.ts';
import { makeFleet } from './fleet.ts';
import type { Fleet } from './fleet.ts';
import { describe, examine } from './misses.ts';
import { candidates } from './policies.ts';
import { PROFILES } from './profiles.ts';
import type { ProfileName } from './profiles.ts';
import { describeUnfound, searchDead } from './unfound.ts';
import { writeFleet } from './write.ts';

const { values } = parseArgs({
  options: {
    profile: { type: 'string', default: 'base' },
    fleets: { type: 'string', default: '12' },
    seed: { type: 'string', default: '1' },
    audits: { type: 'string', default: '730' },
    weekly: { type: 'string', default: '0' },
    misses: { type: 'boolean', default: false },
    unfound: { type: 'boolean', default: false },
    write: { type: 'string' },
  },
});

if (!isProfile(values.profile)) throw new Error(`--profile is one of ${Object.keys(PROFILES).join(', ')}`);
const [fleets, seed, weeklyFleets] = [values.fleets, values.seed, values.weekly].map(Number) as [
  number,
  number,
  number,
];
const audits = values.audits.split(',').map(Number);
process.stdout.write(`${result(values.profile)}\n`);

function result(name: ProfileName): string {
  if (values.write !== undefined) return write(name, values.write);
  if (values.misses) return describe(madeFleets(name).flatMap((fleet) => audits.map((audit) => examine(fleet, audit))));
  if (values.unfound) {
    return describeUnfound(madeFleets(name).flatMap((fleet) => audits.map((audit) => searchDead(fleet, audit))));
  }
  return table(bench(candidates(), { profile: name, fleets, seed, audits, weeklyFleets }));
}

function write(name: ProfileName, folder: string): string {
  const fleet = makeFleet(name, seed);
  mkdirSync(folder, { recursive: true });
  writeFleet(fleet, fleet.start + audits[0]!, folder);
  return `${folder}: as of ${isoInstant((fleet.start + audits[0]!) * DAY_MS)}`;
}

function madeFleets(name: ProfileName): readonly Fleet[] {
  return Array.from({ length: fleets }, (_, index) => makeFleet(name, seed + index));
}

function isProfile(name: string): name is ProfileName {
  return Object.hasOwn(PROFILES, name);
}
