import type { LayerNode, PretrainStage } from '../../compiler/ir/experiment.js';
import { closed, within } from '../../compiler/ir/interval.js';
import { isWordValue, type Value, type WordValue } from '../../compiler/ir/value.js';
import { UnsupportedWord } from '../lowering/unsupported-word.js';
import { AutoencoderLayer } from './autoencoder-layer.js';
import type { StartGreedyLayer } from './greedy-layer.js';
import { RbmLayer, rbmUnits } from './rbm-layer.js';
import type { TrialContext } from './trial-context.js';

/**
 * How a stage trains each of its layers.
 * @throws UnsupportedWord for a method that isn't known
 */
export function greedyMethod(stage: PretrainStage, context: TrialContext): StartGreedyLayer {
  const { experiment, library } = context;
  const before = (index: number) => experiment.encoder[index - 1];
  const activationsAfter = (index: number): readonly LayerNode[] => {
    const following = experiment.encoder.slice(index + 1);
    const others = following.findIndex(({ word }) => library.find('layer', word)?.activation !== true);
    return others < 0 ? following : following.slice(0, others);
  };
  const inputRange = (index: number) => before(index)?.range ?? experiment.data.range;
  switch (stage.method.word) {
    case 'rbm':
      return (layer, index, values) => {
        const units = rbmUnits(inputRange(index), activationsAfter(index)[0]?.word ?? null);
        return new RbmLayer(stage, layer, units, values, context);
      };
    case 'autoencoder':
      return (layer, index, values) => {
        const output = reconstructionActivation(stage.method.arguments.output?.value ?? null, index, context);
        return new AutoencoderLayer(stage, layer, activationsAfter(index), output, values, context);
      };
    default:
      throw new UnsupportedWord('stage', stage.method.word);
  }
}

/**
 * The activation that was asked for; else that of the layer that is rebuilt, and for the data a sigmoid if it can reach
 * all of it.
 */
function reconstructionActivation(
  asked: Value,
  index: number,
  { experiment, library }: TrialContext,
): WordValue | null {
  if (isWordValue(asked)) return asked;
  const below = experiment.encoder[index - 1];
  if (below && library.find('layer', below.word)?.activation === true) return asActivation(below.word, below.arguments);
  const isData = experiment.encoder.slice(0, index).every(({ weights }) => weights.length === 0);
  return isData && within(experiment.data.range, closed(0, 1)) ? asActivation('sigmoid', {}) : null;
}

function asActivation(word: string, args: WordValue['arguments']): WordValue {
  return { kind: 'word', family: 'layer', word, version: 1, arguments: args };
}
