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
  if (corruption.word === 'gaussian') {
    random.normal(drawn, step);
    gaussian(values, drawn, corruption.sigma);
    return;
  }
  random.uniform(drawn, step);
  replacements[corruption.word](values, drawn, corruption.p);
}

type Replacement = Exclude<Corruption['word'], 'gaussian'>;

const replacements: Readonly<Record<Replacement, (values: Float32Array, uniforms: Float32Array, p: number) => void>> = {
  salt,
  pepper,
  salt_and_pepper: saltAndPepper,
  masking,
};
