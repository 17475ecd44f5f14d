import { customGrad, type Tensor, tensor } from '@tensorflow/tfjs-core';
import { createLibrary, knownWord } from '../../../src/compiler/library/library.js';
import type { Layer, Words } from '../../../src/words/word.js';
import { builtinWords } from '../../../src/words/words.js';

/**
 * An engine that is wrong in one bit: from the n-th training pass on, the sigmoid's second output is one unit in the last
 * place more than it should be.
 * @param layer features that the sigmoid has, so that only one of the network's is hit
 */
export function oneUlpOff(layer: number, fromPass: number): Words {
  let passes = 0;
  const { byFamily } = builtinWords;
  const off: Layer = {
    ...knownWord(builtinWords, 'layer', { word: 'sigmoid' }),
    lower: (operations) => ({
      forward(_args, input, context) {
        const output = operations.sigmoid(input);
        if (!context.training || input.shape[1] !== layer) return output;
        passes++;
        return passes < fromPass ? output : nudged(output);
      },
    }),
  };
  return createLibrary({ ...byFamily, layer: byFamily.layer.map((word) => (word.name === off.name ? off : word)) });
}

function nudged(values: Tensor): Tensor {
  const nudge = customGrad((...given) => {
    const [input = values] = given.filter((x): x is Tensor => typeof x !== 'function');
    const elements = Float32Array.from(input.dataSync());
    const bits = new Int32Array(elements.buffer);
    bits[1] = (bits[1] ?? 0) + 1;
    return { value: tensor(elements, input.shape), gradFunc: (upstream: Tensor) => [upstream] };
  });
  return nudge(values);
}
