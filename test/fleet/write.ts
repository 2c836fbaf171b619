import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { DayNumber } from '../../src/model.ts';
import { isoDay, isoInstant } from '../../src/verdicts/calendar.ts';
import { instantOf } from './callers.ts';
import type { Call, Fleet, FleetCaller, FleetKey } from './fleet.ts';
import { rulesOf } from './observe.ts';
import type { FleetSource } from './sources.ts';
import { lastUse, nextUse } from './truth.ts';

/** Writes what a user of the fleet has at the start of a day (logs, inventory, configuration), and beside it the truth. */
export function writeFleet(fleet: Fleet, today: DayNumber, directory: string): void {
  for (const source of fleet.sources) writeLogs(source, fleet, today, join(directory, 'logs', source.name));
  const keys = fleet.keys.filter(({ createdDay }) => createdDay < today);
  writeFileSync(join(directory, 'keys.csv'), inventoryOf(keys));
  // JSON is YAML too.
  writeFileSync(join(directory, 'lastcall.yaml'), JSON.stringify(configOf(fleet, today), undefined, 2));
  writeFileSync(join(directory, 'truth.json'), JSON.stringify(truthOf(keys, fleet, today), undefined, 2));
}

/** One file a day, and one more for what came late. Every third file is compressed. */
function writeLogs(source: FleetSource, fleet: Fleet, today: DayNumber, directory: string): void {
  mkdirSync(directory, { recursive: true });
  const files = new Map<string, string[]>();
  for (const key of fleet.keys.filter(({ createdDay }) => createdDay < today)) {
    for (const caller of key.callers) {
      for (const call of caller.calls) {
        if (call.source !== source.name || call.day >= today || call.arrivesOn >= today) continue;
        const name = `${isoDay(call.day)}${call.arrivesOn > call.day ? '-late' : ''}.log`;
        const lines = files.get(name) ?? [];
        files.set(name, lines);
        for (let index = 0; index < call.records; index++) lines.push(lineOf(source, key, caller, call, index));
      }
    }
  }
  for (const [index, [name, lines]] of [...files].toSorted(([a], [b]) => (a < b ? -1 : 1)).entries()) {
    const text = `${lines.toSorted().join('\n')}\n`;
    if (index % 3 === 0) writeFileSync(join(directory, `${name}.gz`), gzipSync(text));
    else writeFileSync(join(directory, name), text);
  }
}

const STATUS = { accepted: 200, failed: 503, refused: 401 } as const;

function lineOf(source: FleetSource, key: FleetKey, { system }: FleetCaller, call: Call, index: number): string {
  const at = isoInstant(instantOf(call.day, index));
  const status = STATUS[call.outcome];
  if (hasAccessLog(source)) {
    const [year, month, day] = [at.slice(0, 4), MONTHS[Number(at.slice(5, 7)) - 1], at.slice(8, 10)];
    const time = `${day}/${month}/${year}:${at.slice(11, 19)} +0000`;
    return `${system.ip} - - [${time}] "GET /v1/items?api_key=${key.secret} HTTP/1.1" ${status} 512 "-" "${system.userAgent}"`;
  }
  return JSON.stringify({ time: at, auth: { key: key.secret }, peer: system.ip, agent: system.userAgent, status });
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** One source writes access logs, the others JSON lines. */
function hasAccessLog({ name }: FleetSource): boolean {
  return name === 'edge';
}

function inventoryOf(keys: readonly FleetKey[]): string {
  const rows = keys.map(({ id, createdDay, isCreatedListed, successor = '', sourceListed = '', secret }) =>
    [id, isCreatedListed ? isoDay(createdDay) : '', successor, sourceListed, secret].join(','),
  );
  return `${['id,created,successor,source,key', ...rows].join('\n')}\n`;
}

function configOf(fleet: Fleet, today: DayNumber): object {
  return {
    sources: fleet.sources.map((source) => ({
      name: source.name,
      paths: [`logs/${source.name}/*`],
      ...(hasAccessLog(source)
        ? { format: 'combined' }
        : {
            format: 'json',
            fields: { time: 'time', key: 'auth.key', ip: 'peer', userAgent: 'agent', status: 'status' },
          }),
      ...(source.deliveryLagDays === undefined ? {} : { deliveryLag: `${source.deliveryLagDays} days` }),
      outages: source.outages
        .filter(({ isDeclared, from }) => isDeclared && from < today)
        .map(({ from, to }) => ({ from: isoDay(from), to: isoDay(to) })),
    })),
    inventories: [{ path: 'keys.csv' }],
    systems: rulesOf(fleet),
  };
}

function truthOf(keys: readonly FleetKey[], fleet: Fleet, today: DayNumber): object {
  return keys.map((key) => {
    const [last, next] = [lastUse(key, today), nextUse(key, today, fleet)];
    return {
      key: key.id,
      kind: key.kind,
      callers: key.callers.map(({ kind, system }) => `${kind} ${system.name || system.userAgent}`),
      lastUse: last === undefined ? null : isoDay(last),
      nextUse: next === undefined ? null : isoDay(next),
    };
  });
}
