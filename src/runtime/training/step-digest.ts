/** 64 bits as two unsigned integers: two lanes of MurmurHash3 (Appleby 2011), over 32-bit words. */
export type StepDigest = readonly [number, number];

export const noSteps: StepDigest = [0x9747b28c, 0x2f6a4d17];

/** Reads a number's bits. Written right before every read, so nothing carries over between calls. */
const terms64 = new Float64Array(1);
const termWords = new Uint32Array(terms64.buffer);

/**
 * Adds an update: its number of examples, their indices, and its loss terms as float64, with one bit pattern for all
 * NaNs. It runs at every update, so it must cost next to nothing; the links add SHA-256 on top.
 */
export function withStep([a, b]: StepDigest, indices: Uint32Array, terms: readonly number[]): StepDigest {
  let [first, second] = [mixed(a, indices.length), mixed(b, indices.length)];
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i] ?? 0;
    first = mixed(first, index);
    second = mixed(second, index);
  }
  for (const term of terms) {
    terms64[0] = term;
    const [low, high] = Number.isNaN(term) ? [0, 0x7ff80000] : [termWords[0] ?? 0, termWords[1] ?? 0];
    first = mixed(mixed(first, low), high);
    second = mixed(mixed(second, low), high);
  }
  return [first >>> 0, second >>> 0];
}

function mixed(hash: number, word: number): number {
  const scrambled = Math.imul(word, 0xcc9e2d51);
  const turned = Math.imul((scrambled << 15) | (scrambled >>> 17), 0x1b873593) ^ hash;
  return (Math.imul((turned << 13) | (turned >>> 19), 5) + 0xe6546b64) | 0;
}
