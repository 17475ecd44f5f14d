import type { ExperimentIr, LayerNode } from '../ir/experiment.js';
import { closed, type Interval, within } from '../ir/interval.js';
import { isWordValue, type Value, type WordValue } from '../ir/value.js';
import { knownWord, type Library } from './library.js';
import type { LayerWord } from './word.js';

type Experiment = Pick<ExperimentIr, 'encoder' | 'data'>;

/** Activations directly after a layer of the encoder. */
export function activationsAfter(index: number, { encoder }: Experiment, library: Library): readonly LayerNode[] {
  const following = encoder.slice(index + 1);
  const others = following.findIndex((node) => !knownWord(library, 'layer', node).activation);
  return others < 0 ? following : following.slice(0, others);
}

/** Range of the input of an encoder layer. */
export function inputRangeOf(index: number, { encoder, data }: Experiment): Interval {
  return encoder[index - 1]?.range ?? data.range;
}

/**
 * Activation that reconstructs a layer's input: the requested one; else that of the reconstructed layer, or for the
 * data that of Bernoulli units, a sigmoid, if it covers their range. Null for none.
 */
export function reconstructionActivation(
  asked: Value,
  index: number,
  { encoder, data }: Experiment,
  library: Library,
): WordValue | null {
  if (isWordValue(asked)) return asked;
  const below = encoder[index - 1];
  if (below) {
    const word = knownWord(library, 'layer', below);
    if (word.activation) return asActivation(word, below.arguments);
  }
  const isData = encoder.slice(0, index).every(({ weights }) => weights.length === 0);
  const bernoulli = library.byFamily.layer.find(({ activation, units }) => activation && units === 'bernoulli');
  return isData && bernoulli && within(data.range, closed(0, 1)) ? asActivation(bernoulli, {}) : null;
}

function asActivation({ name, version, defined }: LayerWord, args: WordValue['arguments']): WordValue {
  const definition = defined === undefined ? {} : { definition: defined };
  return { kind: 'word', family: 'layer', word: name, version, ...definition, arguments: args };
}
