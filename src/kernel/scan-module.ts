import { SCAN_BINARY } from './scan-binary.ts';

/** What the compiled kernel (`assembly/`) offers. Constants and counters are globals. */
export interface ScanExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly INPUT: Global;
  readonly INPUT_BYTES: Global;
  readonly TRIE: Global;
  readonly TRIE_BYTES: Global;
  readonly SLOTS: Global;
  readonly SLOT_BYTES: Global;
  readonly MAX_SLOTS: Global;
  readonly KEYS: Global;
  readonly QUERY: Global;
  readonly OWN_QUERY: Global;
  readonly ownQueryLength: Global;
  readonly COUNT_BYTES: Global;
  readonly HOURS: Global;
  readonly documentNumber: Global;
  readonly keyCount: Global;
  readonly queryLength: Global;
  /** Groups: places by hash, and behind them addresses by number; then the groups themselves. */
  readonly TABLE: Global;
  readonly GROUPS: Global;
  readonly ARENA: Global;
  readonly arenaEnd: Global;
  readonly groupCount: Global;
  readonly bucketCount: Global;
  readonly hourCount: Global;
  readonly openRecords: Global;
  readonly openRecordBytes: Global;
  readonly records: Global;
  readonly recordBytes: Global;
  readonly lastAt: Global;
  readonly LATER: Global;
  readonly LATER_BYTES: Global;
  readonly laterCount: Global;
  readonly stop: Global;
  nameHash(start: number, length: number): number;
  hashOfQueryName(start: number, length: number): number;
  setMap(root: number): void;
  markHash(textEnd: number): number;
  setMarks(table: number): void;
  setQueryNames(table: number, shift: number): void;
  setZone(isUtc: boolean): void;
  setGrouping(slots: number, keyless: boolean, byHour: boolean): void;
  setReduced(statusSlot: number, errorSlot: number, cookieSlot: number, addressSlot: number): void;
  setCombined(address: number, agent: number, status: number, user: number, referer: number, vhost: number): void;
  setLastAt(at: number): void;
  setDeferring(defers: boolean): void;
  takeLater(): void;
  clearCounts(): void;
  beginOpen(): void;
  forgetGroups(): void;
  adoptGroups(count: number, end: number): void;
  scanLines(length: number): void;
  scanCombined(length: number): void;
  indexDocument(from: number, length: number): void;
  isInString(place: number): number;
  scanRecords(from: number, length: number): number;
}

export interface Global {
  readonly value: number;
}

/** What the kernel asks while it scans; see `assembly/host.ts`. */
export interface ScanImports {
  onGroup(group: number, at: number): number;
  onFull(): void;
  onCountsFull(): void;
  onPlain(start: number, end: number): void;
  onTime(start: number, length: number): number;
  onLaterFull(): void;
  onEvent(
    group: number,
    outcome: number,
    at: number,
    start: number,
    length: number,
    record: number,
    bytes: number,
  ): number;
}

export function instantiateScan(host: ScanImports): ScanExports {
  return new WebAssembly.Instance(compiledScan(), { host: { ...host } }).exports as ScanExports;
}

/** To be handed to other threads: compiled once for all. */
export function compiledScan(): object {
  compiled ??= new WebAssembly.Module(Buffer.from(SCAN_BINARY, 'base64'));
  return compiled;
}

export function useCompiledScan(module: object): void {
  compiled = module;
}

let compiled: object | undefined;

/** The part of the global that is used here: the types of Node leave it to the DOM. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};
