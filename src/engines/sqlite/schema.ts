/** Marks a file as a lastcall database (PRAGMA application_id): "LCL2". */
export const APPLICATION_ID = 0x4c434c32;

/** "LCL1": before days came in blocks, and before the first release. */
export const DRAFT_APPLICATION_ID = 0x4c434c31;

/**
 * What inventories list, and under which keys the logs may show it (`inventory_matches`). `way` and `masked_tail` are
 * what evidence is gathered by (see verdicts/evidence.ts). Inventories that are read for one report only take the place of
 * these tables for as long.
 */
export const INVENTORY_TABLES = `
  CREATE TABLE inventories (
    id INTEGER PRIMARY KEY,
    file TEXT NOT NULL UNIQUE,
    sha256 TEXT NOT NULL,
    imported_at INTEGER NOT NULL,
    partial TEXT
  ) STRICT;

  CREATE TABLE inventory_keys (
    inventory_id INTEGER NOT NULL REFERENCES inventories (id) ON DELETE CASCADE,
    row INTEGER NOT NULL,
    id TEXT NOT NULL,
    label TEXT,
    display TEXT,
    masked_tail TEXT,
    way TEXT NOT NULL,
    entry TEXT NOT NULL,
    listed_since INTEGER,
    PRIMARY KEY (inventory_id, row)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX inventory_keys_id ON inventory_keys (id);
  CREATE INDEX inventory_keys_label ON inventory_keys (label) WHERE label IS NOT NULL;
  CREATE INDEX inventory_keys_display ON inventory_keys (display) WHERE display IS NOT NULL;
  CREATE INDEX inventory_keys_masked ON inventory_keys (masked_tail) WHERE masked_tail IS NOT NULL;

  CREATE TABLE inventory_matches (
    key TEXT NOT NULL,
    inventory_id INTEGER NOT NULL,
    row INTEGER NOT NULL,
    PRIMARY KEY (key, inventory_id, row),
    FOREIGN KEY (inventory_id, row) REFERENCES inventory_keys ON DELETE CASCADE
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX inventory_matches_row ON inventory_matches (inventory_id, row);
`;

/** When an inventory first said that a key is disabled or deleted, which it had listed as active before. */
export const DISABLED_SINCE = 'ALTER TABLE inventory_keys ADD COLUMN disabled_since INTEGER';

/**
 * What was planned, done and seen of hand-offs: the one table whose rows can neither be changed nor removed. `hash` is
 * over the row and the hash of the row before, under a key of the installation. REPLACE would remove a row without
 * asking the trigger, so a row must be the next one.
 */
const HANDOFF_LEDGER = `
  CREATE TABLE handoff_ledger (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    plan TEXT NOT NULL,
    nonce TEXT,
    key TEXT,
    body TEXT NOT NULL,
    hash TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX handoff_ledger_nonce ON handoff_ledger (nonce) WHERE kind = 'intent';

  CREATE TRIGGER handoff_ledger_next BEFORE INSERT ON handoff_ledger
  WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM handoff_ledger)
  BEGIN SELECT RAISE(ABORT, 'the hand-off ledger is only ever added to'); END;
  CREATE TRIGGER handoff_ledger_kept BEFORE DELETE ON handoff_ledger
  BEGIN SELECT RAISE(ABORT, 'the hand-off ledger is only ever added to'); END;
  CREATE TRIGGER handoff_ledger_unchanged BEFORE UPDATE ON handoff_ledger
  BEGIN SELECT RAISE(ABORT, 'the hand-off ledger is only ever added to'); END;
`;

/**
 * Append-only: migration N takes a database from version N to N + 1 (PRAGMA user_version). All that are due run in one
 * transaction. A database of each released version stands in test/engines/sqlite/released/.
 *
 * `stream_id` in days and event_ids is 0 for what is settled. Rows of another stream_id are what that stream's tail said
 * beyond its safe point (a line without line end, an open document), as is everything in `tails`; they are replaced when
 * the stream is read again.
 * `rollups` has the settled days of a caller in blocks (see day-block.ts). Its id is the caller's, times 2^20, plus the
 * block: so a caller's blocks lie together and are found by number. `callers.summary` is what a verdict needs of them (see
 * caller-sum.ts); `lot` puts callers with as many days in an order that depends on their names alone. A caller is there
 * as long as it has a block or a tail, and a key as long as it has a caller.
 * `heads` has the hashes of all heads of a stream (see sources/identity.ts), so that a copy of its first part finds it.
 * `place_sets` has the places in which callers send keys (see place-set.ts). Of a caller NULL: it is not known, as its calls
 * were counted before this was kept, or by a server.
 * A fault without source_id may hide calls of any source; one with stream_id 0 is of a file that was never read.
 * `named_sources` has the sources that records name instead of the source of their log.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE scans (
    id INTEGER PRIMARY KEY,
    started_at INTEGER NOT NULL,
    finished_at INTEGER,
    pid INTEGER NOT NULL,
    version TEXT NOT NULL,
    files INTEGER NOT NULL DEFAULT 0,
    records INTEGER NOT NULL DEFAULT 0,
    quarantined INTEGER NOT NULL DEFAULT 0,
    skipped INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0
  ) STRICT;

  CREATE TABLE sources (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    format TEXT NOT NULL
  ) STRICT;

  CREATE TABLE named_sources (
    log_source_id INTEGER NOT NULL REFERENCES sources (id),
    source_id INTEGER NOT NULL REFERENCES sources (id),
    PRIMARY KEY (log_source_id, source_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE streams (
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES sources (id),
    format TEXT NOT NULL,
    head_length INTEGER NOT NULL,
    head_hash BLOB NOT NULL,
    position INTEGER NOT NULL,
    resume_at INTEGER,
    read_length INTEGER NOT NULL,
    crc INTEGER NOT NULL,
    tail_hash BLOB NOT NULL,
    path TEXT NOT NULL,
    device TEXT NOT NULL,
    inode TEXT NOT NULL,
    size INTEGER NOT NULL,
    modified_ns TEXT NOT NULL,
    changed_ns TEXT NOT NULL,
    records INTEGER NOT NULL DEFAULT 0,
    keyed INTEGER NOT NULL DEFAULT 0,
    quarantined INTEGER NOT NULL DEFAULT 0,
    skipped INTEGER NOT NULL DEFAULT 0,
    pending_records INTEGER NOT NULL DEFAULT 0,
    pending_quarantined INTEGER NOT NULL DEFAULT 0,
    first_at INTEGER,
    last_at INTEGER,
    seen_scan INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX streams_head ON streams (head_length, head_hash);
  CREATE INDEX streams_path ON streams (path);

  CREATE TABLE heads (
    length INTEGER NOT NULL,
    hash BLOB NOT NULL,
    stream_id INTEGER NOT NULL REFERENCES streams (id),
    PRIMARY KEY (length, hash, stream_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE skips (
    stream_id INTEGER NOT NULL REFERENCES streams (id),
    reason TEXT NOT NULL,
    records INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (stream_id, reason)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE quarantine (
    stream_id INTEGER NOT NULL REFERENCES streams (id),
    offset INTEGER NOT NULL,
    length INTEGER NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (stream_id, offset, reason)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE keys (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    display TEXT NOT NULL,
    tail TEXT NOT NULL,
    lot INTEGER NOT NULL,
    issuer TEXT,
    collapse INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX keys_tail ON keys (kind, tail);
  CREATE INDEX keys_display ON keys (display);

  CREATE TABLE systems (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    attribution TEXT NOT NULL,
    lot INTEGER NOT NULL,
    UNIQUE (name, attribution)
  ) STRICT;

  CREATE TABLE callers (
    id INTEGER PRIMARY KEY,
    key_id INTEGER NOT NULL REFERENCES keys (id),
    system_id INTEGER NOT NULL REFERENCES systems (id),
    source_id INTEGER NOT NULL REFERENCES sources (id),
    lot INTEGER NOT NULL,
    days INTEGER NOT NULL DEFAULT 0,
    first_used_day INTEGER,
    summary BLOB,
    UNIQUE (key_id, system_id, source_id)
  ) STRICT;
  CREATE INDEX callers_system ON callers (system_id, key_id, first_used_day);
  CREATE INDEX callers_steady ON callers (source_id, days DESC, lot) WHERE days >= 28;

  CREATE TABLE rollups (
    id INTEGER PRIMARY KEY,
    counts BLOB NOT NULL
  ) STRICT;

  CREATE TABLE tails (
    stream_id INTEGER NOT NULL REFERENCES streams (id),
    caller_id INTEGER NOT NULL REFERENCES callers (id),
    block INTEGER NOT NULL,
    counts BLOB NOT NULL,
    PRIMARY KEY (stream_id, caller_id, block)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX tails_caller ON tails (caller_id);

  CREATE TABLE source_kinds (
    source_id INTEGER NOT NULL REFERENCES sources (id),
    kind TEXT NOT NULL,
    PRIMARY KEY (source_id, kind)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE days (
    source_id INTEGER NOT NULL REFERENCES sources (id),
    day INTEGER NOT NULL,
    stream_id INTEGER NOT NULL DEFAULT 0,
    records INTEGER NOT NULL,
    quarantined INTEGER NOT NULL,
    first_at INTEGER,
    last_at INTEGER,
    hours BLOB NOT NULL,
    PRIMARY KEY (source_id, day, stream_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX days_pending ON days (stream_id) WHERE stream_id <> 0;

  CREATE TABLE event_ids (
    day INTEGER NOT NULL,
    id BLOB NOT NULL,
    stream_id INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (day, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX event_ids_pending ON event_ids (stream_id) WHERE stream_id <> 0;

  CREATE TABLE faults (
    path TEXT NOT NULL,
    reason TEXT NOT NULL,
    stream_id INTEGER NOT NULL DEFAULT 0,
    source_id INTEGER REFERENCES sources (id),
    file TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL,
    from_at INTEGER,
    to_at INTEGER,
    scan_id INTEGER NOT NULL,
    PRIMARY KEY (path, reason, stream_id)
  ) STRICT, WITHOUT ROWID;

  ${INVENTORY_TABLES}

  CREATE TABLE verdicts (
    key TEXT NOT NULL,
    scan_id INTEGER NOT NULL,
    verdict TEXT NOT NULL,
    PRIMARY KEY (key, scan_id)
  ) STRICT, WITHOUT ROWID;
  `,
  // The header lines in force at `position`, for logs whose columns are named in them.
  'ALTER TABLE streams ADD COLUMN header TEXT',
  HANDOFF_LEDGER,
  // What an audit found, so that a later one can tell what is new. Sources without a text are those of the audit before.
  `
  ALTER TABLE verdicts ADD COLUMN findings TEXT NOT NULL DEFAULT '';

  CREATE TABLE audits (
    scan_id INTEGER PRIMARY KEY REFERENCES scans (id),
    as_of INTEGER NOT NULL,
    sources TEXT
  ) STRICT;
  `,
  // Days of tables that a server counted for us, each a stream of its own: rows as counted, and by which query.
  `CREATE TABLE table_days (
    place TEXT NOT NULL,
    day INTEGER NOT NULL,
    stream_id INTEGER NOT NULL REFERENCES streams (id),
    query TEXT NOT NULL,
    rows INTEGER NOT NULL,
    sealed INTEGER NOT NULL,
    PRIMARY KEY (place, day)
  ) STRICT, WITHOUT ROWID`,
  // Rows may repeat event ids, so their number is not that of the calls; and a column may say when the newest came.
  `ALTER TABLE table_days ADD COLUMN calls INTEGER;
  ALTER TABLE table_days ADD COLUMN ingested_at INTEGER;`,
  // Bytes of the records that were counted up to `position`. NULL: of a log that was met before this was kept.
  'ALTER TABLE streams ADD COLUMN counted_bytes INTEGER',
  // What digests of CloudTrail list, by the SHA-256 of each log and of the digest before.
  `
  ALTER TABLE streams ADD COLUMN sha256 BLOB;
  CREATE INDEX streams_sha256 ON streams (sha256) WHERE sha256 IS NOT NULL;

  CREATE TABLE digests (
    stream_id INTEGER PRIMARY KEY REFERENCES streams (id),
    chain TEXT NOT NULL,
    from_at INTEGER NOT NULL,
    to_at INTEGER NOT NULL,
    previous BLOB
  ) STRICT;

  CREATE TABLE digest_files (
    stream_id INTEGER NOT NULL REFERENCES digests (stream_id),
    sha256 BLOB NOT NULL,
    name TEXT NOT NULL,
    from_at INTEGER,
    PRIMARY KEY (stream_id, sha256)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX digest_files_sha256 ON digest_files (sha256);
  `,
  DISABLED_SINCE,
  `
  CREATE TABLE place_sets (
    id INTEGER PRIMARY KEY,
    places TEXT NOT NULL UNIQUE
  ) STRICT;
  ALTER TABLE callers ADD COLUMN place_set_id INTEGER REFERENCES place_sets (id);
  `,
  // What the user declared to be no log, when it stood in the way of a verdict.
  `
  CREATE TABLE exclusions (
    path TEXT PRIMARY KEY,
    pattern TEXT NOT NULL,
    scan_id INTEGER NOT NULL,
    trouble TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  // Callers that are new show that keys are still logged, too.
  `
  DROP INDEX callers_steady;
  CREATE INDEX callers_steady ON callers (source_id, days DESC, lot) WHERE days >= 10;
  `,
  // Keys of which a seen key may be another form: it counts as them where an inventory lists them and not itself.
  `
  CREATE TABLE key_forms (
    form TEXT NOT NULL,
    key_id INTEGER NOT NULL REFERENCES keys (id) ON DELETE CASCADE,
    PRIMARY KEY (form, key_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX key_forms_key ON key_forms (key_id);
  `,
  // The steadiest callers may be long gone: the newest show as well that keys are still logged.
  'CREATE INDEX callers_newest ON callers (source_id, first_used_day DESC, lot) WHERE days >= 10',
];
