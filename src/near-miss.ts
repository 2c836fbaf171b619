/**
 * The known name that was probably meant: at most two typing mistakes away, else one that begins with what was typed, or
 * differs from it in its last letters only, as a plural does.
 */
export function nearMiss(typed: string, known: readonly string[]): string | undefined {
  const wanted = typed.toLowerCase();
  let nearest: string | undefined;
  let least = 3;
  for (const name of known) {
    // As many mistakes at least; a fleet has a million names.
    if (Math.abs(name.length - wanted.length) >= least) continue;
    const mistakes = countMistakes(wanted, name.toLowerCase());
    // A name that shares no letter with what was typed is no near miss, however short both are.
    if (mistakes < least && mistakes < Math.max(wanted.length, name.length)) {
      least = mistakes;
      nearest = name;
    }
  }
  if (nearest !== undefined || wanted === '') return nearest;
  const isBegun = (name: string): boolean => name.toLowerCase().startsWith(wanted);
  return known.find(isBegun) ?? known.find((name) => isSameStem(wanted, name.toLowerCase()));
}

const ENDING = 3;
const LEAST_STEM = 4;

/** `inventory` and `inventories` */
function isSameStem(a: string, b: string): boolean {
  const stem = Math.max(LEAST_STEM, a.length - ENDING, b.length - ENDING);
  return Math.min(a.length, b.length) >= stem && a.slice(0, stem) === b.slice(0, stem);
}

/** A hint such as `Did you mean "name"?`, or undefined when nothing is near. */
export function didYouMean(typed: string, known: readonly string[]): string | undefined {
  const meant = nearMiss(typed, known);
  return meant === undefined ? undefined : `Did you mean "${meant}"?`;
}

/** Damerau-Levenshtein distance: letters put in, left out, replaced, or swapped with their neighbour. */
function countMistakes(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = last[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1);
      let fewest = Math.min(replaced, last[column]! + 1, current[column - 1]! + 1);
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        fewest = Math.min(fewest, beforeLast[column - 2]! + 1);
      }
      current.push(fewest);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length]!;
}
