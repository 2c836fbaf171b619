import { crc32 } from 'node:zlib';
import { tailOf } from '../../src/attribution/masked.ts';
import { writeTransaction } from '../../src/engines/sqlite/database.ts';
import { blockRow } from '../../src/engines/sqlite/caller-blocks.ts';
import type { DayCounts } from '../../src/tally/day-row.ts';
import { blockOf, encodeBlock } from '../../src/engines/sqlite/day-block.ts';
import { storeInventory } from '../../src/engines/sqlite/inventories.ts';
import { encodeSum, sumUp } from '../../src/engines/sqlite/caller-sum.ts';
import { openForWriting, type WritableStore } from '../../src/engines/sqlite/store.ts';
import type { DayNumber, InventoryEntry } from '../../src/model.ts';
import { DAY_MS } from '../../src/tally/rollup.ts';

export interface FleetSize {
  readonly keys: number;
  /** Callers per key. */
  readonly callers: number;
  readonly days: number;
  readonly today: DayNumber;
}

/** How often callers call: the share of callers up to which a pause in days holds. */
const RHYTHMS: readonly (readonly [share: number, pause: number])[] = [
  [0.1, 1],
  [0.25, 7],
  [0.5, 30],
  [0.6, 91],
  [1, 250],
];

const SOURCES = ['gateway', 'edge', 'batch'];

/** Fills a new database as if so many callers had been read: the same for the same size. */
export function makeFleet(file: string, canary: string, size: FleetSize): { readonly callerDays: number } {
  const store = openForWriting(file, canary);
  try {
    store.db.pragma('synchronous = OFF');
    return writeTransaction(store.db, file, () => fill(store, size));
  } finally {
    store.close();
  }
}

function fill(store: WritableStore, size: FleetSize): { callerDays: number } {
  const random = randomFrom(1);
  const { db } = store;
  const scan = store.ledger.startScan(size.today * DAY_MS, 1, 'bench');
  const insertSource = db.prepare("INSERT INTO sources (id, name, format) VALUES (?, ?, 'json')");
  const insertKind = db.prepare("INSERT INTO source_kinds VALUES (?, 'secret')");
  const insertDay = db.prepare('INSERT INTO days VALUES (?, ?, 0, 1000000, 0, ?, ?, ?)');
  for (const [index, name] of SOURCES.entries()) {
    insertSource.run(index + 1, name);
    insertKind.run(index + 1);
    for (let day = size.today - size.days; day < size.today; day++) {
      insertDay.run(index + 1, day, day * DAY_MS, (day + 1) * DAY_MS - 1, Buffer.alloc(288));
    }
  }
  const insertSystem = db.prepare('INSERT INTO systems VALUES (?, ?, ?, ?)');
  const systems = size.keys;
  for (let id = 1; id <= systems; id++) {
    const name = `service-${id}`;
    insertSystem.run(id, name, id % 2 === 0 ? 'field' : 'derived', crc32(name));
  }
  const callerDays = fillKeys(store, size, systems, random);
  storeInventory(db, { file: '/keys.csv', sha256: '', partial: undefined, entries: entriesOf(size) }, 0);
  store.ledger.finishScan(scan, size.today * DAY_MS, { files: 0, records: 0, quarantined: 0, skipped: 0, bytes: 0 });
  return { callerDays };
}

function fillKeys({ db }: WritableStore, size: FleetSize, systems: number, random: () => number): number {
  const insertKey = db.prepare("INSERT INTO keys (id, key, kind, display, tail, lot) VALUES (?, ?, 'secret', ?, ?, ?)");
  const insertCaller = db.prepare('INSERT OR IGNORE INTO callers VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, NULL)');
  const insertBlock = db.prepare('INSERT INTO rollups VALUES (?, ?)');
  let callerDays = 0;
  for (let id = 1; id <= size.keys; id++) {
    const key = keyOf(id);
    const display = displayOf(id);
    insertKey.run(id, key, display, tailOf(display), crc32(key));
    // One key in ten was never used.
    const callers = id % 10 === 0 ? 0 : Math.round((size.callers * 10) / 9);
    for (let caller = 0; caller < callers; caller++) {
      const system = 1 + Math.floor(random() * systems);
      const source = 1 + Math.floor(random() * SOURCES.length);
      const days = daysOf(size, random).map(callsOn);
      const sum = sumUp(days);
      const row = [id, system, source, (crc32(key) + system) % 4294967296, days.length, sum.useDays[0], encodeSum(sum)];
      const inserted = insertCaller.run(...row);
      if (inserted.changes === 0) continue;
      callerDays += days.length;
      for (const [block, ofBlock] of Map.groupBy(days, ({ day }) => blockOf(day))) {
        insertBlock.run(blockRow(Number(inserted.lastInsertRowid), block), encodeBlock(block, ofBlock));
      }
    }
  }
  return callerDays;
}

function daysOf({ today, days }: FleetSize, random: () => number): DayNumber[] {
  const share = random();
  const pause = RHYTHMS.find(([upTo]) => share <= upTo)?.[1] ?? 1;
  const from = today - days + Math.floor(random() * days * 0.5);
  const to = random() < 0.5 ? today - 1 : from + Math.floor(random() * (today - from));
  const list: DayNumber[] = [];
  for (let day = from; day <= to; day += Math.max(1, Math.round(pause * (0.8 + 0.4 * random())))) list.push(day);
  return list;
}

function callsOn(day: DayNumber): DayCounts {
  const at = day * DAY_MS;
  return {
    day,
    accepted: 20,
    failed: 1,
    refused: 0,
    firstUsedAt: at + 3_600_000,
    lastUsedAt: at + 72_000_000,
    firstRefusedAt: undefined,
    lastRefusedAt: undefined,
  };
}

function entriesOf({ keys, today, days }: FleetSize): InventoryEntry[] {
  return Array.from({ length: keys }, (_, index) => ({
    id: `key-${index + 1}`,
    match: { by: 'fingerprint', key: keyOf(index + 1) },
    display: displayOf(index + 1),
    label: `Key ${index + 1}`,
    owner: `team-${index % 100}`,
    createdAt: (today - days - 100) * DAY_MS,
    expiresAt: undefined,
    status: 'active',
    successor: undefined,
    source: undefined,
    lastUsedAt: undefined,
    metadata: {},
    file: '/keys.csv',
    row: index + 2,
  }));
}

function keyOf(id: number): string {
  return `k_${(Math.imul(id, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0')}${id.toString(16).padStart(12, '0')}`;
}

function displayOf(id: number): string {
  return `demo_...${id.toString(36).padStart(4, '0').slice(-4)}`;
}

/** xorshift32 */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4294967296;
  };
}
