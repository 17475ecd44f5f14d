import type { Corruption } from '../datasets/corruptions/corruption.js';
import type { FusedCorruption } from '../lowering/fused-operations.js';

/**
 * A corruption as a kernel takes it, with the bits of the functions in src/runtime/datasets/corruptions.
 * @param black what 0 in raw units is for the network, @param white what 1 is
 */
export function fusedCorruption(corruption: Corruption, black: number, white: number): FusedCorruption {
  if (corruption.word === 'gaussian') return { kind: 'disturb', deviation: corruption.sigma };
  const probability = Math.fround(corruption.p);
  switch (corruption.word) {
    case 'salt':
      return { kind: 'replace', probability, split: 0, low: black, high: white };
    case 'pepper':
      return { kind: 'replace', probability, split: probability, low: black, high: white };
    case 'salt_and_pepper':
      return { kind: 'replace', probability, split: Math.fround(probability / 2), low: black, high: white };
    case 'masking':
      return { kind: 'replace', probability, split: probability, low: 0, high: 0 };
  }
}
