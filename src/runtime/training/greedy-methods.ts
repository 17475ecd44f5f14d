import type { PretrainStage } from '../../compiler/ir/experiment.js';
import { plainArguments, type WordValue } from '../../compiler/ir/value.js';
import { knownWord } from '../../compiler/library/library.js';
import type { ArgumentsOf, Parameters, ResolvedArgumentsOf } from '../../compiler/library/parameter.js';
import { activationsAfter, inputRangeOf, reconstructionActivation } from '../../compiler/library/stage-surroundings.js';
import type { ScheduleTime, StageWord } from '../../compiler/library/word.js';
import { argumentsAt } from '../lowering/arguments.js';
import { AutoencoderLayer } from './autoencoder-layer.js';
import type { StartGreedyLayer } from './greedy-layer.js';
import { RbmLayer, rbmUnits } from './rbm-layer.js';
import type { TrialContext } from './trial-context.js';

/** A method of pretraining with how it trains a layer. */
export interface TrainedStage<P extends Parameters = Parameters> extends StageWord<P> {
  /** @param at the arguments at a moment, where schedules stand among them */
  trainer(
    args: ArgumentsOf<P>,
    at: (time: ScheduleTime) => ResolvedArgumentsOf<P>,
    trainers: GreedyTrainers,
  ): StartGreedyLayer;
}

/** What layers can be trained as; a method is handed these, so that it loads no engine. */
export interface GreedyTrainers {
  boltzmannMachine(machine: MachineSettings): StartGreedyLayer;
  autoencoder(layer: GreedyAutoencoder): StartGreedyLayer;
}

/** A layer as a restricted Boltzmann machine. */
export interface MachineSettings {
  ratesAt(time: ScheduleTime): { readonly lr: number; readonly momentum: number; readonly weightDecay: number };
  /** Steps of the Gibbs chain. */
  readonly k: number;
  /** What the chain goes on with: `p(v|h)` itself, or a draw from it. */
  readonly visibleState: 'probability' | 'sample';
  /** What the weights start from. */
  readonly init: WordValue;
}

/** A layer with a tied decoder of its own. */
export interface GreedyAutoencoder {
  readonly optimizer: WordValue;
  readonly loss: WordValue;
  readonly corrupt: WordValue | null;
  /** The activation of the reconstruction; null for that of the layer that is rebuilt. */
  readonly output: WordValue | null;
}

/**
 * How a stage trains each of its layers.
 * @throws UnknownWord for a method that isn't among the words
 */
export function greedyMethod({ method }: PretrainStage, context: TrialContext): StartGreedyLayer {
  const { experiment, library } = context;
  const trainers: GreedyTrainers = {
    boltzmannMachine: (machine) => (layer, index, values) => {
      const activation = activationsAfter(index, experiment, library)[0]?.word ?? null;
      const units = rbmUnits(inputRangeOf(index, experiment), activation, library);
      return new RbmLayer(machine, layer, units, values, context);
    },
    autoencoder: (autoencoder) => (layer, index, values) => {
      const output = reconstructionActivation(autoencoder.output, index, experiment, library);
      const activations = activationsAfter(index, experiment, library);
      return new AutoencoderLayer(autoencoder, layer, activations, output, values, context);
    },
  };
  const args = method.arguments;
  return knownWord(library, 'stage', method.word).trainer(plainArguments(args), argumentsAt(args, library), trainers);
}
