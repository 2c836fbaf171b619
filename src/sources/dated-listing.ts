import { endOfFolder } from './dated-folders.ts';
import type { S3Address } from './s3-address.ts';
import type { ListedObject, S3Reader } from './s3-client.ts';

/** Folders that are listed side by side. */
const AT_ONCE = 8;

/**
 * The objects under an address, without those in folders whose name says that they are of days before `since`: years of
 * logs need not be listed for those of a night. An object may be found twice. Throws as `list`, after what could be listed.
 */
export async function listSince(
  reader: S3Reader,
  address: S3Address,
  since: number,
  found: (object: ListedObject) => void,
): Promise<void> {
  const folders: S3Address[] = [address];
  const underWay = new Set<Promise<void>>();
  let namesFolders = true;
  const list = async (folder: S3Address): Promise<void> => {
    const isDay = folder !== address && endOfFolder(folder.prefix)?.isDay === true;
    const inside = isDay ? undefined : await listFolder(reader, folder, since, found);
    if (inside === undefined) await listAll(reader, folder, found);
    else if (inside === 'empty') namesFolders = false;
    else folders.push(...inside.map((prefix) => ({ ...address, prefix })));
  };
  try {
    while (folders.length > 0 || underWay.size > 0) {
      while (folders.length > 0 && underWay.size < AT_ONCE) {
        const one = list(folders.pop()!).finally(() => underWay.delete(one));
        underWay.add(one);
      }
      await Promise.race(underWay);
    }
  } finally {
    await Promise.allSettled(underWay);
  }
  if (!namesFolders) await listAll(reader, address, found);
}

/**
 * The folders in it that are to be listed too. Undefined: they are to be listed with all that is in them, since more than a
 * page of them have no date. `empty`: there is nothing, as a store says that cannot list folders.
 */
async function listFolder(
  reader: S3Reader,
  address: S3Address,
  since: number,
  found: (object: ListedObject) => void,
): Promise<readonly string[] | 'empty' | undefined> {
  const inside: string[] = [];
  let isEmpty = true;
  for await (const { objects, folders, isLast } of reader.pages(address)) {
    const dated = folders.filter((folder) => endOfFolder(folder) !== undefined);
    if (!isLast && dated.length * 2 < folders.length) return undefined;
    for (const object of objects) found(object);
    inside.push(...folders.filter((folder) => (endOfFolder(folder)?.lastDay ?? Infinity) >= since));
    isEmpty &&= objects.length + folders.length === 0;
  }
  return isEmpty ? 'empty' : inside;
}

async function listAll(reader: S3Reader, address: S3Address, found: (object: ListedObject) => void): Promise<void> {
  for await (const object of reader.list(address)) found(object);
}
