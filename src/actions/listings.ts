import fs from 'node:fs';
import { type Listing, readListings, storeListings } from '../engines/sqlite/listings.ts';
import { openForReading, type WritableStore } from '../engines/sqlite/store.ts';
import type { EpochMs } from '../model.ts';
import type { Options } from '../options.ts';
import { dayOf } from '../verdicts/calendar.ts';

/** What comes later than any lag allows for is found by then. */
const FULL_EVERY_DAYS = 7;
const DAY_MS = 86_400_000;

/** From which day on folders of an address are to be listed; what lies before was listed by earlier runs. */
export interface ListingPlan {
  /** As days since 1970. Undefined: all of it. */
  readonly since: (address: string) => number | undefined;
  /** Notes, with the end of the run, that these were listed to their end. */
  readonly note: (store: WritableStore, listed: readonly string[]) => void;
}

/**
 * Only the nightly commands leave old folders out. What leads to a deletion lists everything: a call may have come in late.
 * Nor is anything left out once a week, or where an earlier run did not read all that it had listed.
 */
export function planListings(options: Options): ListingPlan {
  const { command, now, policy, sources } = options;
  const known = command === 'scan' || command === 'ingest' ? listingsIn(options) : new Map<string, Listing>();
  const late = Math.max(policy.lateWindowDays, ...sources.map(({ deliveryLagDays = 0 }) => Math.ceil(deliveryLagDays)));
  const since = (address: string): number | undefined => {
    const listing = known.get(address);
    if (listing === undefined || !isFresh(listing, now)) return undefined;
    return dayOf(listing.at) - late - 1;
  };
  const note = (store: WritableStore, listed: readonly string[]): void => {
    const noted = listed.map((address): [string, Listing] => {
      const fullAt = since(address) === undefined ? now : known.get(address)!.fullAt;
      return [address, { at: now, fullAt }];
    });
    if (noted.length > 0) storeListings(store.db, new Map(noted));
  };
  return { since, note };
}

/** A clock that was turned back makes no listing younger. */
function isFresh({ at, fullAt }: Listing, now: EpochMs): boolean {
  return at <= now && now - fullAt < FULL_EVERY_DAYS * DAY_MS && fullAt <= at;
}

function listingsIn({ db }: Options): ReadonlyMap<string, Listing> {
  if (!fs.existsSync(db)) return new Map();
  const store = openForReading(db, undefined);
  try {
    return readListings(store.db);
  } finally {
    store.close();
  }
}
