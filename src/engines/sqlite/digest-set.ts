/** Of 16 bytes. */
export type Digest = Uint32Array;

/** A set of digests: 16 bytes and a little each, where a Set of strings takes ten times as much. */
export class DigestSet {
  #words = new Uint32Array(4 * FIRST_PLACES);
  /** All zeros stand for a free place. */
  #hasZero = false;
  size = 0;

  has(digest: Digest): boolean {
    const place = this.#place(digest);
    return place < 0 ? this.#hasZero : this.#isTaken(place);
  }

  add(digest: Digest): void {
    const place = this.#place(digest);
    if (place < 0 ? this.#hasZero : this.#isTaken(place)) return;
    this.size++;
    if (place < 0) this.#hasZero = true;
    else this.#words.set(digest, place);
    if (this.size * 16 > this.#words.length * 3) this.#grow();
  }

  /** Where it is, or would be; -1 for zeros. */
  #place(digest: Digest): number {
    const words = this.#words;
    const [a = 0, b = 0, c = 0, d = 0] = digest;
    if ((a | b | c | d) === 0) return -1;
    const last = words.length - 1;
    for (let at = (Math.imul(a ^ d, 0x9e37_79b1) ^ b ^ (c >>> 7)) << 2; ; at += 4) {
      at &= last;
      if (words[at] === a && words[at + 1] === b && words[at + 2] === c && words[at + 3] === d) return at;
      if (!this.#isTaken(at)) return at;
    }
  }

  #isTaken(place: number): boolean {
    const words = this.#words;
    return (
      ((words[place] as number) |
        (words[place + 1] as number) |
        (words[place + 2] as number) |
        (words[place + 3] as number)) !==
      0
    );
  }

  #grow(): void {
    const old = this.#words;
    this.#words = new Uint32Array(old.length * 2);
    for (let at = 0; at < old.length; at += 4) {
      const digest = old.subarray(at, at + 4);
      const place = this.#place(digest);
      if (place >= 0) this.#words.set(digest, place);
    }
  }
}

const FIRST_PLACES = 1024;
