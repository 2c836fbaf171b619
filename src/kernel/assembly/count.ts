import { COUNT_BYTES } from './memory';

// What was counted in a day or hour: how many by outcome, which day or hour, first and last instant of those that were let
// through and of those that were refused. What was counted in the document that is open is taken back when it turns out not
// to be closed, so it is counted apart from what was counted in the documents before it.
const NUMBER: u32 = 4;
const FIRST_USED: u32 = 16;
const LAST_USED: u32 = 24;
const FIRST_REFUSED: u32 = 32;
const LAST_REFUSED: u32 = 40;
/** Of a group's calls: its number, and its next count. */
export const OF_GROUP: u32 = 48;
export const NEXT: u32 = 52;
const DOCUMENT: u32 = 56;
/** Of a count that begins a group. */
export const OF_GROUP_ALONE: u32 = 60;

/** An outcome is known by where its calls are counted. */
export const ACCEPTED: u32 = 0;
export const FAILED: u32 = 8;
export const REFUSED: u32 = 12;

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

/** Whether it is of the document that is open. */
// @ts-ignore: decorator
@inline
export function isCurrent(count: u32): bool {
  return load<u32>(count, DOCUMENT) == documentNumber;
}

export function beginCount(count: u32, number: i32): void {
  store<u32>(count, 0, ACCEPTED);
  store<i32>(count, number, NUMBER);
  store<u32>(count, 0, FAILED);
  store<u32>(count, 0, REFUSED);
  store<f64>(count, Infinity, FIRST_USED);
  store<f64>(count, -Infinity, LAST_USED);
  store<f64>(count, Infinity, FIRST_REFUSED);
  store<f64>(count, -Infinity, LAST_REFUSED);
  store<u32>(count, documentNumber, DOCUMENT);
}

// @ts-ignore: decorator
@inline
export function addTo(count: u32, at: f64, outcome: u32): void {
  const calls = count + outcome;
  store<u32>(calls, load<u32>(calls) + 1);
  const ends = count + (outcome == REFUSED ? FIRST_REFUSED : FIRST_USED);
  if (at < load<f64>(ends)) store<f64>(ends, at);
  if (at > load<f64>(ends, 8)) store<f64>(ends, at, 8);
}

/** Adds all of one count to another of the same day or hour. */
export function addCount(into: u32, from: u32): void {
  store<u32>(into, load<u32>(into, ACCEPTED) + load<u32>(from, ACCEPTED), ACCEPTED);
  store<u32>(into, load<u32>(into, FAILED) + load<u32>(from, FAILED), FAILED);
  store<u32>(into, load<u32>(into, REFUSED) + load<u32>(from, REFUSED), REFUSED);
  store<f64>(into, min(load<f64>(into, FIRST_USED), load<f64>(from, FIRST_USED)), FIRST_USED);
  store<f64>(into, max(load<f64>(into, LAST_USED), load<f64>(from, LAST_USED)), LAST_USED);
  store<f64>(into, min(load<f64>(into, FIRST_REFUSED), load<f64>(from, FIRST_REFUSED)), FIRST_REFUSED);
  store<f64>(into, max(load<f64>(into, LAST_REFUSED), load<f64>(from, LAST_REFUSED)), LAST_REFUSED);
}
