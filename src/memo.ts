/**
 * Remembers the results of a pure function by its text argument. Bounded: beyond `most` results it begins anew. Long
 * texts are not kept, so that a flood of them cannot take the memory.
 */
export function memo<T>(compute: (text: string) => T, most = 50_000): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    let result = known.get(text);
    if (result === undefined) {
      result = compute(text);
      if (text.length > MAX_TEXT) return result;
      if (known.size >= most) known.clear();
      known.set(text, result);
    }
    return result;
  };
}

const MAX_TEXT = 512;
