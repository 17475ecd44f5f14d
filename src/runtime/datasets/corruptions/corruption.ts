/** What damages the input while the target stays clean. `p` is the probability that a value is hit, each on its own. */
export type Corruption =
  | { readonly word: 'salt' | 'pepper' | 'salt_and_pepper' | 'masking'; readonly p: number }
  | { readonly word: 'gaussian'; readonly sigma: number };
