/** Where everything lies in linear memory. Nothing is allocated: all of it is of fixed size. */

const KIB: u32 = 1024;
const MIB: u32 = 1024 * KIB;

/** Sixteen bytes that are all ones, then as many zeros. */
export const MASKS: u32 = KIB;

/** The field map as a table; see `trie.ts`. Written by the host. */
export const TRIE: u32 = 4 * KIB;
export const TRIE_BYTES: u32 = 508 * KIB;

/** One open container a level of nesting. */
export const FRAMES: u32 = TRIE + TRIE_BYTES;
export const MAX_FRAMES: u32 = 64;
export const FRAME_BYTES: u32 = 16;

/** What the record at hand holds: rank, start and length of each field, then its keys. */
export const SLOTS: u32 = FRAMES + MAX_FRAMES * FRAME_BYTES;
export const MAX_SLOTS: u32 = 128;
export const SLOT_BYTES: u32 = 16;
export const KEYS: u32 = SLOTS + MAX_SLOTS * SLOT_BYTES;
export const MAX_KEYS: u32 = 16;

/** What the record at hand is grouped by: place and length of each part, and what it is. */
export const PARTS: u32 = KEYS + MAX_KEYS * SLOT_BYTES;
export const PART_BYTES: u32 = 8;
const MAX_PARTS: u32 = MAX_SLOTS + MAX_KEYS + 2;
export const KINDS: u32 = PARTS + MAX_PARTS * PART_BYTES;
/** A record with more to be grouped by is left to the plain reader. */
export const MAX_GROUP_BYTES: u32 = 64 * KIB;
/** The parts of the action that may hold keys. */
export const QUERY: u32 = KINDS + MAX_PARTS * 4 + 16;

/** The same of a field with a query of its own. */
export const OWN_QUERY: u32 = QUERY + MAX_GROUP_BYTES / 2;

/** Records per hour: places by hash, then the hours themselves. */
export const HOUR_TABLE: u32 = QUERY + MAX_GROUP_BYTES;
export const HOUR_PLACES: u32 = 4096;
export const HOURS: u32 = HOUR_TABLE + HOUR_PLACES * 4;
export const MAX_HOURS: u32 = HOUR_PLACES / 2;
/** Bytes of what counts calls or records of a stretch of time; see `count.ts`. */
export const COUNT_BYTES: u32 = 64;

/** Bytes of the log, from the start of a line or record. */
export const INPUT: u32 = MIB;
export const INPUT_BYTES: u32 = MIB;
/** Places in the input that matter to its structure; see `structure.ts`. */
export const INDEX: u32 = INPUT + INPUT_BYTES + 4 * KIB;
/** Places of the backslashes that begin an escape. */
export const ESCAPES: u32 = INDEX + 4 * INPUT_BYTES + 4 * KIB;

/** For each 64 bytes of the input, which of them are in a string. */
export const INSIDE: u32 = ESCAPES + 2 * INPUT_BYTES + 4 * KIB;
export const INSIDE_BYTES: u32 = INPUT_BYTES / 8 + 4 * KIB;

/** Groups: hash slots, addresses by number, the groups themselves, and their calls by day. */
export const HASH_BITS: u32 = 16;
export const TABLE: u32 = INSIDE + INSIDE_BYTES;
export const TABLE_BYTES: u32 = (1 << HASH_BITS) * 8;
export const GROUPS: u32 = TABLE + TABLE_BYTES;
export const MAX_GROUPS: u32 = 1 << (HASH_BITS - 1);
export const BUCKETS: u32 = GROUPS + MAX_GROUPS * 4;
export const MAX_BUCKETS: u32 = 1 << 17;
export const ARENA: u32 = (BUCKETS + MAX_BUCKETS * COUNT_BYTES + 63) & ~63;
export const ARENA_BYTES: u32 = 16 * MIB;

/** What records have in common; see `paths.ts`. */
export const MAX_EDGES: u32 = 2048;
export const EDGE_BYTES: u32 = 32;
export const EDGES: u32 = ARENA + ARENA_BYTES;
export const MAX_LINKS: u32 = 4096;
export const LINK_BYTES: u32 = 8;
export const LINKS: u32 = EDGES + MAX_EDGES * EDGE_BYTES;
export const MAX_STATES: u32 = 512;
export const STATE_BYTES: u32 = 16;
export const STATES: u32 = LINKS + MAX_LINKS * LINK_BYTES;
export const TEXTS: u32 = STATES + MAX_STATES * STATE_BYTES;
export const TEXTS_BYTES: u32 = 128 * KIB;

/** Calls that are left for later; see `later.ts`. */
export const MAX_LATER: u32 = 4096;
export const LATER_BYTES: u32 = 40;
export const LATER: u32 = TEXTS + TEXTS_BYTES;
export const MEMORY_END: u32 = LATER + MAX_LATER * LATER_BYTES;
