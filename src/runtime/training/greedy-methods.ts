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

/** A pretraining method with its trainer. */
export interface TrainedStage<P extends Parameters = Parameters> extends StageWord<P> {
  /** @param at the arguments at a moment, for those that follow schedules */
  trainer(
    args: ArgumentsOf<P>,
    at: (time: ScheduleTime) => ResolvedArgumentsOf<P>,
    trainers: GreedyTrainers,
  ): StartGreedyLayer;
}

/** Ways to train a layer. A method is handed these, so that it loads no engine. */
export interface GreedyTrainers {
  boltzmannMachine(machine: MachineSettings): StartGreedyLayer;
  autoencoder(layer: GreedyAutoencoder): StartGreedyLayer;
}

/** Settings of a layer trained as a restricted Boltzmann machine. */
export interface MachineSettings {
  ratesAt(time: ScheduleTime): { readonly lr: number; readonly momentum: number; readonly weightDecay: number };
  /** Steps of the Gibbs chain. */
  readonly k: number;
  /** State that continues the chain: `p(v|h)` itself, or a sample from it. */
  readonly visibleState: 'probability' | 'sample';
  /** Initializer of the weights. */
  readonly init: WordValue;
}

/** Settings of a layer trained with a tied decoder of its own. */
export interface GreedyAutoencoder {
  readonly optimizer: WordValue;
  readonly loss: WordValue;
  readonly corrupt: WordValue | null;
  /** Activation of the reconstruction; null for that of the layer whose output is reconstructed. */
  readonly output: WordValue | null;
}

/**
 * Returns how a stage trains each of its layers.
 * @throws UnknownWord for an unknown method
 */
export function greedyMethod({ method }: PretrainStage, context: TrialContext): StartGreedyLayer {
  const { experiment, library } = context;
  const trainers: GreedyTrainers = {
    boltzmannMachine: (machine) => (layer, index, values) => {
      const activation = activationsAfter(index, experiment, library)[0] ?? null;
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
