import type { Corruption } from '../datasets/corruptions/corruption.js';
import { gaussian } from '../datasets/corruptions/gaussian.js';
import { masking } from '../datasets/corruptions/masking.js';
import { pepper } from '../datasets/corruptions/pepper.js';
import { salt } from '../datasets/corruptions/salt.js';
import { saltAndPepper } from '../datasets/corruptions/salt_and_pepper.js';
import type { RandomStream } from '../random/stream.js';

/** Damages values between the layers of a network, in place: they have no units, so white is 1 and black 0. */
export function corruptValues(values: Float32Array, corruption: Corruption, random: RandomStream, step: number): void {
  const drawn = new Float32Array(values.length);
  switch (corruption.word) {
    case 'gaussian':
      random.normal(drawn, step);
      return gaussian(values, drawn, corruption.sigma);
    case 'salt':
      random.uniform(drawn, step);
      return salt(values, drawn, corruption.p);
    case 'pepper':
      random.uniform(drawn, step);
      return pepper(values, drawn, corruption.p);
    case 'salt_and_pepper':
      random.uniform(drawn, step);
      return saltAndPepper(values, drawn, corruption.p);
    case 'masking':
      random.uniform(drawn, step);
      return masking(values, drawn, corruption.p);
  }
}
