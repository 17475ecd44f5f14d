/** The words of axes that are listed. */
export const listedWords = ['range', 'linspace', 'logspace', 'choice'] as const;

/** The words of axes that are drawn; `choice` is drawn too where something says how many trials to draw. */
export const drawnWords = ['uniform', 'loguniform', 'int'] as const;

/** Whether a word stands for the values of an axis, and not for one value. */
export function isAxisWord(word: string): boolean {
  return [...listedWords, ...drawnWords].some((each) => each === word);
}
