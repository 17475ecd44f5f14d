import type { StreamKey } from './address.js';

const MULTIPLIER_0 = 0xd2511f53 | 0;
const MULTIPLIER_1 = 0xcd9e8d57 | 0;
const WEYL_0 = 0x9e3779b9 | 0;
const WEYL_1 = 0xbb67ae85 | 0;
const ROUNDS = 10;

/** The upper 32 bits of the product of two unsigned 32-bit integers, from four products of 16-bit halves. */
export function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const crossA = (Math.imul(aHigh, bLow) + (Math.imul(aLow, bLow) >>> 16)) | 0;
  const crossB = (Math.imul(aLow, bHigh) + (crossA & 0xffff)) | 0;
  return (Math.imul(aHigh, bHigh) + (crossA >>> 16) + (crossB >>> 16)) | 0;
}

/**
 * Philox4x32-10: a bijection of 128-bit counters, selected by a 64-bit key, whose outputs are the random numbers.
 *
 * Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011. Stateless: `draw` computes the
 * four words of one counter and leaves them in `word0` … `word3`, as signed 32-bit integers (only their bits matter).
 */
export class Philox {
  word0 = 0;
  word1 = 0;
  word2 = 0;
  word3 = 0;
  private readonly key0: number;
  private readonly key1: number;

  constructor(key: StreamKey) {
    this.key0 = key[0] | 0;
    this.key1 = key[1] | 0;
  }

  /** Computes the words of the counter [counter0, counter1, counter2, counter3], least significant first. */
  draw(counter0: number, counter1: number, counter2: number, counter3: number): void {
    let x0 = counter0 | 0;
    let x1 = counter1 | 0;
    let x2 = counter2 | 0;
    let x3 = counter3 | 0;
    let key0 = this.key0;
    let key1 = this.key1;
    for (let round = 0; round < ROUNDS; round++) {
      const high0 = multiplyHigh(x0, MULTIPLIER_0);
      const low0 = Math.imul(x0, MULTIPLIER_0);
      const high1 = multiplyHigh(x2, MULTIPLIER_1);
      const low1 = Math.imul(x2, MULTIPLIER_1);
      x0 = high1 ^ x1 ^ key0;
      x1 = low1;
      x2 = high0 ^ x3 ^ key1;
      x3 = low0;
      key0 = (key0 + WEYL_0) | 0;
      key1 = (key1 + WEYL_1) | 0;
    }
    this.word0 = x0;
    this.word1 = x1;
    this.word2 = x2;
    this.word3 = x3;
  }

  /** Computes the words of block `block` of step `step`: the counter [block low, block high, step low, step high]. */
  drawBlock(block: number, step: number): void {
    this.draw(block, Math.floor(block / 4294967296), step, Math.floor(step / 4294967296));
  }
}
