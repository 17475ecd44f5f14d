/** Words for enumerated axes. */
export const listedWords = ['range', 'linspace', 'logspace', 'choice'] as const;

/** Words for randomly drawn axes; `choice` is drawn too if the number of trials to draw is given. */
export const drawnWords = ['uniform', 'loguniform', 'int'] as const;

/** Returns whether a word denotes the values of an axis rather than a single value. */
export function isAxisWord(word: string): boolean {
  return [...listedWords, ...drawnWords].some((each) => each === word);
}
