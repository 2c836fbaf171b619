import type { LastcallError } from '../errors.ts';
import type { Fingerprinter } from '../attribution/fingerprint.ts';
import type { EpochMs, InventoryEntry, KeyMatch, KeyStatus } from '../model.ts';
import { mapColumns, plainName, shownColumn, type ColumnMap, type InventoryColumn } from './columns.ts';
import { isAbsent, readDate, readEnd, readExpiry } from './dates.ts';
import { identify, type Identity } from './identity.ts';
import { inventoryError, type InventoryFormat, type InventoryRow, type InventoryTable } from './inventory.ts';
import { hideSecrets, isSecretColumn } from '../attribution/raw-secret.ts';
import { laterStatus, readDisabledAt, readStatus, STATUS_WORDS } from './status.ts';

export interface EntryOptions {
  readonly columns: Readonly<Record<string, string>>;
  readonly source: string | undefined;
  readonly fingerprinter: Fingerprinter;
}

/** Turns the table of a format into inventory entries, all or none. Raw keys end here. */
export function entriesOf(
  table: InventoryTable,
  format: InventoryFormat,
  file: string,
  options: EntryOptions,
): InventoryEntry[] {
  if (table.columns.length === 0) throw emptyList(file);
  // What is no list at all, such as a page of a web site, has no columns that are known.
  const map = mapColumns(table, format.columns ?? {}, options.columns, file);
  if (table.rows.length === 0) throw emptyList(file);
  const context: RowContext = { table, map, file, hidesIds: format.hidesIds === true, ...options };
  const identities = table.rows.map((row) => identifyRow(row, context));
  const rawKeys = new Set(identities.map(({ rawKey }) => rawKey).filter((key) => key !== undefined));
  const drafts = table.rows.map((row, index) => readRow(row, identities[index]!, rawKeys, context));
  const ids = chooseIds(drafts);
  refuseTwins(drafts, ids, table, file);
  const idOfKey = new Map(drafts.flatMap(({ entry }, index) => keysOf(entry.match).map((key) => [key, ids[index]])));
  return drafts.map(({ entry, successor }, index) => ({
    id: ids[index]!,
    ...entry,
    forms: formsOf(identities[index]!.forms, idOfKey),
    successor: successor === undefined ? undefined : (idOfKey.get(successor.key) ?? successor.text),
  }));
}

function emptyList(file: string): LastcallError {
  return inventoryError(file, undefined, 'lists no keys', 'If that is as it should be, leave this inventory out.');
}

/** A row as far as it can be read without the others. */
interface Draft {
  readonly identity: Identity;
  /** The label, where it may stand as the id. */
  readonly name: string | undefined;
  /** What the row names as successor, as it may be kept, and its fingerprint in case it names the key itself. */
  readonly successor: { readonly text: string; readonly key: string } | undefined;
  readonly entry: Omit<InventoryEntry, 'id' | 'successor'>;
}

interface RowContext extends EntryOptions {
  readonly table: InventoryTable;
  readonly map: ColumnMap;
  readonly file: string;
  readonly hidesIds: boolean;
}

const MAX_METADATA = 50;
const MAX_METADATA_LENGTH = 200;

function identifyRow(row: InventoryRow, { table, map, file, fingerprinter }: RowContext): Identity {
  const place = `${table.rowWord} ${row.row}`;
  const textOf = (column: InventoryColumn): string | undefined => presentText(row, map.of[column]);
  const cells = { id: textOf('id'), key: textOf('key'), sha256: textOf('sha256'), masked: textOf('masked') };
  const identity = identify(cells, map.isIdExplicit, fingerprinter, (column, what, hint) => {
    throw inventoryError(file, place, `the column ${shownColumn(table.columns, map.of[column][0] ?? 0)} ${what}`, hint);
  });
  if (identity === undefined) throw inventoryError(file, place, 'has neither an id nor a key');
  return identity;
}

function readRow(row: InventoryRow, identity: Identity, rawKeys: ReadonlySet<string>, context: RowContext): Draft {
  const { table, map, file, fingerprinter } = context;
  const hide = (text: string): string => hideSecrets(text, identity.rawKey, rawKeys);
  const textOf = (column: InventoryColumn): string | undefined => presentText(row, map.of[column]);
  const hiddenOf = (column: InventoryColumn): string | undefined => {
    const text = textOf(column);
    return text === undefined ? undefined : hide(text);
  };
  const label = hiddenOf('label');
  const successor = textOf('successor');
  return {
    identity,
    name: label === textOf('label') ? label : undefined,
    successor: successor === undefined ? undefined : successorOf(successor, hide(successor), fingerprinter),
    entry: {
      match: context.hidesIds ? { by: 'id', keys: [] } : identity.match,
      display: identity.display,
      label,
      owner: hiddenOf('owner'),
      createdAt: dateOf(row, 'created', context),
      expiresAt: dateOf(row, 'expires', context),
      status: statusOf(row, context),
      disabledAt: disabledAtOf(row, context),
      source: hiddenOf('source') ?? context.source,
      lastUsedAt: dateOf(row, 'lastUsed', context),
      keepUntilAt: dateOf(row, 'keepUntil', context),
      keepReason: hiddenOf('keepReason'),
      metadata: metadataOf(row, map, table.columns, hide),
      file,
      row: row.row,
    },
  };
}

/** A successor that is given as a raw key becomes its fingerprint. */
function successorOf(text: string, hidden: string, { ofKey }: Fingerprinter): { text: string; key: string } {
  const { key } = ofKey(text);
  return { text: hidden === text ? text : key, key };
}

/** The first cell of these columns that is not absent, without the blanks around it. */
function presentText(row: InventoryRow, columns: readonly number[]): string | undefined {
  for (const index of columns) {
    const text = row.cells[index]?.trim() ?? '';
    if (!isAbsent(text)) return text;
  }
  return undefined;
}

const READ_DATE = { created: readDate, expires: readExpiry, lastUsed: readDate, keepUntil: readEnd };

/** Of several columns the first that has a date; of those on last use the latest. What is kept is kept until a date. */
function dateOf(
  row: InventoryRow,
  column: keyof typeof READ_DATE,
  { table, map, file }: RowContext,
): EpochMs | undefined {
  const dates: EpochMs[] = [];
  for (const index of map.of[column]) {
    const cell = row.cells[index] ?? '';
    const at = READ_DATE[column](cell);
    if (at === 'impossible') {
      const what = `the column ${shownColumn(table.columns, index)} holds no date between 2001 and 2100`;
      throw inventoryError(
        file,
        `${table.rowWord} ${row.row}`,
        what,
        'Dates are written 2026-01-31 or 2026-01-31T10:00:00Z.',
      );
    }
    if (at !== undefined) dates.push(at);
  }
  return column === 'lastUsed' && dates.length > 0 ? Math.max(...dates) : dates[0];
}

/** Of several dates the first: from then on it was out of use. */
function disabledAtOf(row: InventoryRow, { table, map }: RowContext): EpochMs | undefined {
  const dates = map.of.status.flatMap(
    (index) => readDisabledAt(plainName(table.columns[index] ?? ''), row.cells[index] ?? '') ?? [],
  );
  return dates.length === 0 ? undefined : Math.min(...dates);
}

function statusOf(row: InventoryRow, { table, map, file }: RowContext): KeyStatus {
  let status: KeyStatus = 'active';
  for (const index of map.of.status) {
    const text = row.cells[index] ?? '';
    const said = readStatus(plainName(table.columns[index] ?? ''), plainName(text), text);
    if (said === 'unknown') {
      const what = `the column ${shownColumn(table.columns, index)} holds a status that is not known`;
      throw inventoryError(file, `${table.rowWord} ${row.row}`, what, `Known are ${STATUS_WORDS.join(', ')}.`);
    }
    if (said !== undefined) status = laterStatus(status, said);
  }
  return status;
}

function metadataOf(
  row: InventoryRow,
  map: ColumnMap,
  columns: readonly string[],
  hide: (text: string) => string,
): Readonly<Record<string, string>> {
  const metadata = new Map<string, string>();
  for (const index of map.others) {
    const name = columns[index] ?? '';
    const text = row.cells[index]?.trim() ?? '';
    if (text === '' || isSecretColumn(plainName(name))) continue;
    if (metadata.size >= MAX_METADATA) break;
    metadata.set(hide(name), hide(text).slice(0, MAX_METADATA_LENGTH).toWellFormed());
  }
  return Object.fromEntries(metadata);
}

/** The id of the row, else its label where no other row could be meant by it, else what stands in for an id. */
function chooseIds(drafts: readonly Draft[]): readonly string[] {
  const uses = new Map<string, number>();
  for (const { identity, name } of drafts) {
    for (const used of new Set([identity.id, name])) {
      if (used !== undefined) uses.set(used, (uses.get(used) ?? 0) + 1);
    }
  }
  return drafts.map(({ identity, name }) => {
    const isOnlyName = name !== undefined && uses.get(name) === 1;
    return identity.id ?? (isOnlyName ? name : identity.fallbackId);
  });
}

/** The same id twice, or the same key twice, would mix the evidence of two rows. */
function refuseTwins(drafts: readonly Draft[], ids: readonly string[], table: InventoryTable, file: string): void {
  const rowOfId = new Map<string, number>();
  const rowOfKey = new Map<string, number>();
  for (const [index, { entry }] of drafts.entries()) {
    const { row, match } = entry;
    const refuse = (what: string, other: number): never => {
      throw inventoryError(file, `${table.rowWord} ${row}`, `has the same ${what} as ${table.rowWord} ${other}`);
    };
    const id = ids[index]!;
    const sameId = rowOfId.get(id);
    if (sameId !== undefined) refuse('id', sameId);
    rowOfId.set(id, row);
    for (const key of keysOf(match)) {
      const sameKey = rowOfKey.get(key);
      if (sameKey !== undefined) refuse('key', sameKey);
      rowOfKey.set(key, row);
    }
  }
}

/** What is another key of the list is no form of this one. */
function formsOf(forms: readonly string[], others: ReadonlyMap<string, unknown>): readonly string[] | undefined {
  const own = [...new Set(forms)].filter((form) => !others.has(form));
  return own.length === 0 ? undefined : own;
}

/** The keys of traffic that an entry is found by. */
function keysOf(match: KeyMatch): readonly string[] {
  if (match.by === 'fingerprint') return [match.key];
  return match.keys ?? [];
}
