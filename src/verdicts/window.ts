/** The last few values, with their median at hand. */
export class Window {
  readonly #size: number;
  /** In order of arrival, the oldest at `#oldest` once the window is full. */
  readonly #values: number[] = [];
  readonly #sorted: number[] = [];
  #oldest = 0;

  constructor(size: number) {
    this.#size = size;
  }

  get length(): number {
    return this.#values.length;
  }

  /** The middle value, the mean of the two middle ones, 0 of nothing. */
  get median(): number {
    return middleOf(this.#sorted);
  }

  push(value: number): void {
    if (this.#values.length < this.#size) this.#values.push(value);
    else {
      const gone = this.#values[this.#oldest]!;
      this.#values[this.#oldest] = value;
      this.#oldest = (this.#oldest + 1) % this.#size;
      if (gone === value) return;
      this.#sorted.splice(placeOf(gone, this.#sorted), 1);
    }
    this.#sorted.splice(placeOf(value, this.#sorted), 0, value);
  }
}

/** The middle value, the mean of the two middle ones, 0 of nothing. */
export function median(values: readonly number[]): number {
  return middleOf(values.toSorted((a, b) => a - b));
}

function middleOf(sorted: readonly number[]): number {
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/** Of the first value that is not less. */
function placeOf(value: number, sorted: readonly number[]): number {
  let from = 0;
  let to = sorted.length;
  while (from < to) {
    const at = (from + to) >> 1;
    if (sorted[at]! < value) from = at + 1;
    else to = at;
  }
  return from;
}
