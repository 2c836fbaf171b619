import type { InventoryEntry } from '../model.ts';
import { awsAccessKeys } from './aws-access-keys.ts';
import { awsCredentialReport } from './aws-credential-report.ts';
import type { Inventory } from './index.ts';

/**
 * Inventories that were given together, completed by each other: the keys of an AWS credential report get the ids that
 * `list-access-keys` tells, where user and creation date fit one key and no other, or only one is left.
 */
export function joinInventories<I extends Inventory>(inventories: readonly I[]): I[] {
  const keys = entriesIn(inventories, awsAccessKeys.name);
  const keyOf = keysOfPlaces(entriesIn(inventories, awsCredentialReport.name), keys);
  return inventories.map((inventory) => {
    if (inventory.format !== awsCredentialReport.name) return inventory;
    const entries = inventory.entries.map((entry) => {
      const key = keyOf.get(entry);
      return key === undefined ? entry : { ...entry, id: key.id, match: key.match };
    });
    const open = entries.filter(({ match }) => match.by === 'id' && match.keys.length === 0).length;
    if (open === 0) return { ...inventory, entries };
    const partial = `it tells no ids, so ${open} of its ${entries.length} access keys cannot be found in logs`;
    return { ...inventory, entries, partial: inventory.partial ?? partial, remedy: remedyFor(keys) };
  });
}

function remedyFor(keys: readonly InventoryEntry[]): string {
  if (keys.length > 0) return `${keys[0]!.file} does not list them. Export both again, one right after the other.`;
  return `Give a second inventory beside it, which tells the ids: for u in $(aws iam list-users --query 'Users[].UserName' --output text); do aws iam list-access-keys --user-name "$u"; done > access-keys.json`;
}

/** The key that lies in each place of a report, as far as it can be told. */
function keysOfPlaces(
  places: readonly InventoryEntry[],
  keys: readonly InventoryEntry[],
): ReadonlyMap<InventoryEntry, InventoryEntry> {
  const byDate = pairs(places, keys, ownerAndDate, () => true);
  const taken = new Set(byDate.values());
  // A user of that name in two accounts is two users.
  const reports = Map.groupBy(places, owner);
  const isOneUser = (place: InventoryEntry): boolean =>
    new Set(reports.get(owner(place))?.map(({ file }) => file)).size === 1;
  const left = places.filter((place) => !byDate.has(place) && isOneUser(place));
  return new Map([
    ...byDate,
    ...pairs(
      left,
      keys.filter((key) => !taken.has(key)),
      owner,
      isLeft,
    ),
  ]);
}

/** What has the same name as one of the others, and as no other. */
function pairs(
  places: readonly InventoryEntry[],
  keys: readonly InventoryEntry[],
  nameOf: (entry: InventoryEntry) => string,
  fits: (place: InventoryEntry, key: InventoryEntry) => boolean,
): ReadonlyMap<InventoryEntry, InventoryEntry> {
  const byName = Map.groupBy(keys, nameOf);
  const found = [...Map.groupBy(places, nameOf)].flatMap(([name, [place, ...others]]) => {
    const [key, ...otherKeys] = byName.get(name) ?? [];
    if (place === undefined || key === undefined || others.length + otherKeys.length > 0) return [];
    return fits(place, key) ? [[place, key] as const] : [];
  });
  return new Map(found);
}

/** A key without an owner or a date is like no other. */
function ownerAndDate({ createdAt, ...entry }: InventoryEntry): string {
  return createdAt === undefined ? unlike(entry) : `${owner(entry)}\0${Math.floor(createdAt / 1000)}`;
}

function owner(entry: Pick<InventoryEntry, 'owner' | 'file' | 'row'>): string {
  return entry.owner ?? unlike(entry);
}

function unlike({ file, row }: Pick<InventoryEntry, 'file' | 'row'>): string {
  return `${file} ${row}`;
}

/** A report tells when a key was changed last, so that may be later: a key that is as old lay in one of its places. */
function isLeft(place: InventoryEntry, key: InventoryEntry): boolean {
  if (place.status !== key.status || key.createdAt === undefined) return false;
  return place.createdAt === undefined || key.createdAt <= place.createdAt;
}

function entriesIn(inventories: readonly Inventory[], format: string): readonly InventoryEntry[] {
  return inventories.filter((inventory) => inventory.format === format).flatMap(({ entries }) => entries);
}
