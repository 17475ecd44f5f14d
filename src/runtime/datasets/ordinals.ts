/** Tells the second transform of one word from the first: `standardize`, then `standardize_2`. */
export function ordinals(): (word: string) => string {
  const counts = new Map<string, number>();
  return (word) => {
    const count = (counts.get(word) ?? 0) + 1;
    counts.set(word, count);
    return numbered(word, count);
  };
}

/** @param count from 1 */
export function numbered(word: string, count: number): string {
  return count === 1 ? word : `${word}_${count}`;
}
