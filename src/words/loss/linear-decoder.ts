import { type LossLayer, type Problem, problem } from '../../compiler/library/word.js';
import { dense } from '../layer/dense.js';
import { flatten } from '../layer/flatten.js';
import { postBias } from '../layer/pre_bias.js';
import { reshape } from '../layer/reshape.js';

/** Layers of a decoder that leave `W h + b` what it is. */
const around: readonly string[] = [postBias.name, reshape.name, flatten.name];

/** Returns whether a decoder of these layers gives `W h + b`. */
export function isLinearDecoder(words: readonly string[]): boolean {
  return words.filter((word) => !around.includes(word)).join() === dense.name;
}

/**
 * An error where the output isn't `W h + b` of the code h, for a term that takes columns of W.
 * @param code the layer that the term looks at, by its argument `on`
 * @param end the end of the decoder, by its argument `decoder`
 */
export function linearDecoder(loss: string, code: LossLayer, end: LossLayer): readonly Problem[] {
  if (!code.isCode) {
    return [
      problem('AE504', `${loss} looks at the end of the encoder, whose units the decoder's columns belong to`, {
        argument: 'on',
        hint: 'leave on= out',
      }),
    ];
  }
  const all = [end.word, ...end.down.map(({ word }) => word)];
  if (end.isOutput && isLinearDecoder(all)) return [];
  const words = all.filter((word) => !around.includes(word));
  const found = words.length === 0 ? 'none' : words.join(', ');
  return [
    problem('AE504', `${loss} needs a decoder of one dense layer without an activation, and this has ${found}`, {
      argument: 'decoder',
      hint: 'write: decoder { dense(input.size) }',
    }),
  ];
}
