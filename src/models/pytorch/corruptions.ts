import { ownValue, type WordValue } from '../../compiler/ir/value.js';
import { call } from '../../words/python.js';
import type { Words } from '../../words/word.js';
import { numberAt } from './schedules.js';
import { UnknownToPytorch } from './unsupported.js';

/** How a corruption is called, given the values and the random numbers for them. */
interface Corruption {
  readonly level: string;
  readonly draw: 'uniform' | 'normal';
}

const corruptions: Readonly<Record<string, Corruption>> = {
  salt: { level: 'p', draw: 'uniform' },
  pepper: { level: 'p', draw: 'uniform' },
  salt_and_pepper: { level: 'p', draw: 'uniform' },
  masking: { level: 'p', draw: 'uniform' },
  gaussian: { level: 'sigma', draw: 'normal' },
};

/**
 * Values with some of them damaged.
 * @param stream name of the constant with the stream's key
 * @throws UnknownToPytorch
 */
export function corruptedValues(
  { word, arguments: args }: WordValue,
  values: string,
  stream: string,
  words: Words,
): string {
  const corruption = ownValue(corruptions, word);
  if (!corruption) throw new UnknownToPytorch('corruption', word);
  const drawn = call(corruption.draw, [stream, 'step', `${values}.shape`]);
  return call(`${word}_noise`, [values, drawn, numberAt(args[corruption.level]?.value ?? null, words)]);
}

export const corruptionDefinitions: readonly (readonly string[])[] = [
  `
def salt_noise(x, u, p):
    return np.where(u < np.float32(p), np.float32(1), x)`,
  `
def pepper_noise(x, u, p):
    return np.where(u < np.float32(p), np.float32(0), x)`,
  `
def salt_and_pepper_noise(x, u, p):
    p = np.float32(p)
    return np.where(u < p, np.where(u < p / np.float32(2), np.float32(0), np.float32(1)), x)`,
  `
def masking_noise(x, u, p):
    return np.where(u < np.float32(p), np.float32(0), x)`,
  `
def gaussian_noise(x, n, sigma):
    return x + np.float32(sigma) * n`,
].map((text) => text.split('\n'));
