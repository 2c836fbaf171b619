import { COUNT_BYTES } from './memory';

// What was counted in a day or hour: how many, which one, first and last instant. What was counted in the document that is
// open is taken back when it turns out not to be closed, so the same of the documents before it stands apart.
const NUMBER: u32 = 4;
const FIRST_AT: u32 = 8;
const LAST_AT: u32 = 16;
const DOCUMENT: u32 = 24;
const SETTLED: u32 = 28;
const SETTLED_FIRST_AT: u32 = 32;
const SETTLED_LAST_AT: u32 = 40;
/** Of a group's calls: its number, and its next count. */
export const OF_GROUP: u32 = 48;
export const NEXT: u32 = 52;

/** Of the document that is open, or was last. */
export let documentNumber: u32 = 0;

/** What is counted from now on is of another document. */
export function nextDocument(): void {
  documentNumber++;
}

// @ts-ignore: decorator
@inline
export function countAt(all: u32, index: u32): u32 {
  return all + index * COUNT_BYTES;
}

const NONE: i32 = i32.MIN_VALUE;

/** A count of nothing. */
export function clearCount(count: u32): void {
  store<i32>(count, NONE, NUMBER);
}

export function isCleared(count: u32): bool {
  return numberOf(count) == NONE;
}

// @ts-ignore: decorator
@inline
export function numberOf(count: u32): i32 {
  return load<i32>(count, NUMBER);
}

export function beginCount(count: u32, number: i32, at: f64): void {
  store<u32>(count, 0);
  store<i32>(count, number, NUMBER);
  store<f64>(count, at, FIRST_AT);
  store<f64>(count, at, LAST_AT);
  store<u32>(count, documentNumber, DOCUMENT);
  store<u32>(count, 0, SETTLED);
}

// @ts-ignore: decorator
@inline
export function addTo(count: u32, at: f64): void {
  if (load<u32>(count, DOCUMENT) != documentNumber) settle(count, at);
  store<u32>(count, load<u32>(count) + 1);
  if (at < load<f64>(count, FIRST_AT)) store<f64>(count, at, FIRST_AT);
  if (at > load<f64>(count, LAST_AT)) store<f64>(count, at, LAST_AT);
}

function settle(count: u32, at: f64): void {
  const isFirst = load<u32>(count, SETTLED) == 0;
  const firstAt = load<f64>(count, FIRST_AT);
  const lastAt = load<f64>(count, LAST_AT);
  if (isFirst || firstAt < load<f64>(count, SETTLED_FIRST_AT)) store<f64>(count, firstAt, SETTLED_FIRST_AT);
  if (isFirst || lastAt > load<f64>(count, SETTLED_LAST_AT)) store<f64>(count, lastAt, SETTLED_LAST_AT);
  store<u32>(count, load<u32>(count, SETTLED) + load<u32>(count), SETTLED);
  store<u32>(count, 0);
  store<f64>(count, at, FIRST_AT);
  store<f64>(count, at, LAST_AT);
  store<u32>(count, documentNumber, DOCUMENT);
}
