import { inventoryError, type InventoryTable } from './inventory.ts';
import { rawSecretKind } from '../attribution/raw-secret.ts';
import { STATUS_COLUMNS } from './status.ts';

/** What a column of an inventory can mean to us. */
export type InventoryColumn =
  | 'id'
  | 'label'
  | 'owner'
  | 'created'
  | 'expires'
  | 'status'
  | 'successor'
  | 'source'
  | 'lastUsed'
  | 'keepUntil'
  | 'keepReason'
  | 'key'
  | 'sha256'
  | 'masked';

/**
 * Names in the wild, as `plainName` writes them. Where several columns of a file mean the same, the order here is the
 * order of preference; for those that identify a key (`IDENTIFYING`) it is an error instead.
 */
const NAMES: Readonly<Record<InventoryColumn, readonly string[]>> = {
  id: names('id keyid accesskeyid awsaccesskeyid apikeyid uid uuid tokenid credentialid kid sid'),
  label: names('label displayname name title keyname apikeyname tokenname friendlyname alias description'),
  owner: [
    ...names('owner owneremail ownername owner.email owner.name owner.login owner.user.email owner.user.name'),
    ...names('owner.serviceaccount.name team username user useremail user.email user.name user.login'),
    ...names('createdby createdby.email createdby.name createdby.id creator contact'),
    ...names('consumer consumer.username consumer.id userid'),
  ],
  created: [
    ...names('created createdat createdate createddate createtime createdtime createdon creationdate creationtime'),
    ...names('datecreated timecreated issuedat issuedon'),
  ],
  expires: [
    ...names('expires expiresat expireson expiry expirydate expiration expirationdate expirationtime expiretime'),
    ...names('validuntil tokenexpiresat'),
  ],
  status: STATUS_COLUMNS,
  successor: names('successor successorid replacedby replacedbyid supersededby rotatedto'),
  source: names('source logsource'),
  lastUsed: [
    ...names(
      'lastused lastusedat lastuseddate lastusedtime lastusedon lastuse lastusetime datelastused lastseen lastseenat',
    ),
    ...names(
      'lastaccessed lastaccessedat lastactivity lastactive lastactiveat tokenlastusedat accesskeylastused.lastuseddate',
    ),
  ],
  keepUntil: names('keepuntil retainuntil exemptuntil'),
  keepReason: names('keepreason retainreason exemptreason'),
  key: names('key apikey secret token keyvalue apikeyvalue secretkey keystring accesstoken value'),
  sha256: names(
    'sha256 keysha256 sha256hash sha256hex hash keyhash hashedkey tokenhash hashedtoken tokensha256 digest',
  ),
  masked: [
    ...names('masked maskedkey maskedvalue maskedtoken redacted redactedkey redactedvalue obfuscated obfuscatedvalue'),
    ...names('hint keyhint tokenhint partialkeyhint'),
  ],
};

const KNOWN_NAMES = new Set(Object.values(NAMES).flat());
const COLUMNS = Object.keys(NAMES).filter(isInventoryColumn);
const IDENTIFYING: readonly InventoryColumn[] = ['id', 'key', 'sha256', 'masked'];

/** Which columns of a table mean what. */
export interface ColumnMap {
  /** Indices of the columns that mean this, the preferred one first. */
  readonly of: Readonly<Record<InventoryColumn, readonly number[]>>;
  /** Indices of the columns that mean nothing to us, or the same as another. */
  readonly others: readonly number[];
  /** The user has said which column is the id. */
  readonly isIdExplicit: boolean;
}

/** A name without case, blanks, dashes and underscores. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/[\s_-]/g, '');
}

/**
 * Finds out what the columns mean. What the user names (`explicit`: column of the file -> our name) comes before what
 * the format knows of them, and both before what names suggest: where they say which column it is, no other is taken for
 * it. Throws when no column tells which key a row is about, or when two could.
 */
export function mapColumns(
  table: InventoryTable,
  known: Readonly<Record<string, InventoryColumn>>,
  explicit: Readonly<Record<string, string>>,
  file: string,
): ColumnMap {
  const plain = table.columns.map(plainName);
  const chosen = new Map<number, InventoryColumn>();
  for (const [name, column] of Object.entries(explicit)) {
    chosen.set(indexOf(name, table, plain, file), checkColumn(name, column, file));
  }
  const named = new Set(chosen.values());
  for (const [name, column] of Object.entries(known)) {
    const index = table.columns.indexOf(name);
    if (index !== -1 && !chosen.has(index) && !named.has(column)) chosen.set(index, column);
  }
  const settled = new Set(chosen.values());
  const of = {} as Record<InventoryColumn, readonly number[]>;
  for (const column of COLUMNS) {
    const settledFor = [...chosen].filter(([, meaning]) => meaning === column).map(([index]) => index);
    of[column] = settled.has(column) ? settledFor : indicesNamed(NAMES[column], plain, chosen);
  }
  refuseUnclear(of, table, file);
  // Of columns that are all guessed to mean the same (owner, user), the first that says something counts; all are kept.
  const taken = new Set(COLUMNS.flatMap((column) => (settled.has(column) ? of[column] : of[column].slice(0, 1))));
  const others = plain.flatMap((name, index) => (name === '' || taken.has(index) ? [] : [index]));
  return { of, others, isIdExplicit: settled.has('id') };
}

/** A column name as an error may show it: a name that could be a key, as in a file without a header, is not shown. */
export function shownColumn(columns: readonly string[], index: number): string {
  const name = columns[index] ?? '';
  const digits = name.replace(/\D/g, '').length;
  const isKnown = KNOWN_NAMES.has(plainName(name));
  const isPlain = /^[\w .@-]{1,24}$/.test(name) && digits <= 3 && rawSecretKind(name) === undefined;
  return isKnown || isPlain ? `"${name}"` : `number ${index + 1}`;
}

function indicesNamed(
  wanted: readonly string[],
  plain: readonly string[],
  chosen: ReadonlyMap<number, unknown>,
): number[] {
  return wanted.flatMap((name) =>
    plain.flatMap((other, index) => (other === name && !chosen.has(index) ? [index] : [])),
  );
}

function indexOf(name: string, table: InventoryTable, plain: readonly string[], file: string): number {
  const exact = table.columns.indexOf(name);
  const index = exact === -1 ? plain.indexOf(plainName(name)) : exact;
  if (index !== -1) return index;
  throw inventoryError(file, undefined, `has no column "${name}", which the column mapping names`, listColumns(table));
}

function checkColumn(name: string, column: string, file: string): InventoryColumn {
  if (isInventoryColumn(column)) return column;
  const hint = `A column can be ${COLUMNS.join(', ')}.`;
  throw inventoryError(
    file,
    undefined,
    `the column "${name}" is mapped to something that is no inventory column`,
    hint,
  );
}

function refuseUnclear(of: ColumnMap['of'], table: InventoryTable, file: string): void {
  for (const column of IDENTIFYING) {
    const [first, second] = of[column];
    if (first === undefined || second === undefined) continue;
    const both = `${shownColumn(table.columns, first)} and ${shownColumn(table.columns, second)}`;
    throw inventoryError(file, undefined, `the columns ${both} could both be the ${column}`, mappingHint(column));
  }
  if (IDENTIFYING.some((column) => of[column].length > 0)) return;
  const hint = `${listColumns(table)} ${mappingHint('id')} Names that are understood: ${IDENTIFYING.map(
    (column) => `${column} (${NAMES[column].slice(0, 4).join(', ')}, ...)`,
  ).join('; ')}.`;
  throw inventoryError(file, undefined, 'no column says which key a row is about', hint);
}

function mappingHint(column: InventoryColumn): string {
  return `Say which column it is with --key-field ${column}=<column>, or under "inventories" in the configuration.`;
}

/** Where not one name is known, there may be no header at all, and what looks like names may be keys. */
function listColumns(table: InventoryTable): string {
  if (!table.columns.some((name) => KNOWN_NAMES.has(plainName(name)))) {
    if (table.columns.length === 1)
      return 'It has no header that is known. A list of one key a line begins with the line "key".';
    return `None of its ${table.columns.length} column names is known: does the file begin with a header?`;
  }
  return `It has the columns ${table.columns.map((_, index) => shownColumn(table.columns, index)).join(', ')}.`;
}

function names(list: string): readonly string[] {
  return list.split(' ');
}

function isInventoryColumn(name: string): name is InventoryColumn {
  return Object.hasOwn(NAMES, name);
}
