import type { PretrainStage } from '../../compiler/ir/experiment.js';
import { UnknownWord } from '../../compiler/library/library.js';
import { activationsAfter, inputRangeOf, reconstructionActivation } from '../../compiler/library/stage/surroundings.js';
import { AutoencoderLayer } from './autoencoder-layer.js';
import type { StartGreedyLayer } from './greedy-layer.js';
import { RbmLayer, rbmUnits } from './rbm-layer.js';
import type { TrialContext } from './trial-context.js';

/**
 * How a stage trains each of its layers.
 * @throws UnknownWord for a method that isn't known
 */
export function greedyMethod(stage: PretrainStage, context: TrialContext): StartGreedyLayer {
  const { experiment, library } = context;
  switch (stage.method.word) {
    case 'rbm':
      return (layer, index, values) => {
        const activation = activationsAfter(index, experiment, library)[0]?.word ?? null;
        const units = rbmUnits(inputRangeOf(index, experiment), activation);
        return new RbmLayer(stage, layer, units, values, context);
      };
    case 'autoencoder':
      return (layer, index, values) => {
        const asked = stage.method.arguments.output?.value ?? null;
        const output = reconstructionActivation(asked, index, experiment, library);
        const activations = activationsAfter(index, experiment, library);
        return new AutoencoderLayer(stage, layer, activations, output, values, context);
      };
    default:
      throw new UnknownWord('stage', stage.method.word);
  }
}
