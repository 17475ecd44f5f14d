import type { Tensor } from '@tensorflow/tfjs-core';
import type { Noise } from '../../src/runtime/lowering/lowering.js';
import { weightKey } from '../../src/runtime/lowering/network.js';
import { freeEnergy, type RbmParameters } from '../../src/runtime/lowering/stage/boltzmann.js';
import { euclideanNorm } from '../../src/runtime/training/gradients.js';
import { RbmTrainer } from '../../src/runtime/training/rbm-trainer.js';
import { scoped } from '../../src/runtime/training/scope.js';
import { scalarValue } from '../../src/runtime/training/weight-store.js';
import { GoldenFormatError } from './fields.js';
import type { RbmTraining } from './golden-case.js';
import { storedDraw } from './golden-inputs.js';
import { floats, type TrainingFiles, type TrainingOutcome } from './run-training.js';
import { storedTensor } from './stored-tensors.js';

/**
 * Trains a restricted Boltzmann machine on stored batches and random numbers, with the trainer that a stage uses.
 * @throws GoldenFormatError
 */
export function runRbm(training: RbmTraining, files: TrainingFiles): TrainingOutcome {
  const { name, units, chain, steps } = training;
  const keys: RbmParameters<string> = {
    weight: weightKey(name, 'weight'),
    visibleBias: weightKey(name, 'visible_bias'),
    hiddenBias: weightKey(name, 'hidden_bias'),
  };
  const storedName = (key: string) => key.replace('/', '.');
  const values = new Map(Object.values(keys).map((key) => [key, floats(files.start, storedName(key))]));
  const [hidden = 0, visible = 0] = storedTensor(files.start, storedName(keys.weight)).shape;
  const trainer = new RbmTrainer(units, chain, keys, { visible, hidden }, values);
  const reports = Array.from({ length: steps }, (_, step) =>
    scoped(() => {
      const data = files.batch(step);
      const { lr, weightDecay } = training;
      const rates = { lr, weightDecay, momentum: momentumAt(training, step) };
      return trainer.step(data, rates, storedNoise(files, step), ({ gradients, model }, parameters) => ({
        freeEnergyData: scalarValue(freeEnergy(units, parameters, data)),
        freeEnergyModel: scalarValue(freeEnergy(units, parameters, model)),
        norms: step > 0 ? [] : gradientNorms(keys, gradients, storedName),
      }));
    }),
  );
  const final = new Map([...trainer.store.values()].map(([key, elements]) => [storedName(key), elements]));
  trainer.dispose();
  const reconstruction = reports.map((report) => report.reconstruction);
  return {
    trajectory: {
      terms: {
        reconstruction,
        free_energy_data: reports.map(({ observed }) => observed.freeEnergyData),
        free_energy_model: reports.map(({ observed }) => observed.freeEnergyModel),
      },
      total: reconstruction,
      globalGradientNorm: null,
      gradientNormStep1: Object.fromEntries(reports[0]?.observed.norms ?? []),
    },
    final,
    evalOutput: null,
  };
}

function gradientNorms(
  keys: RbmParameters<string>,
  gradients: RbmParameters,
  storedName: (key: string) => string,
): readonly (readonly [string, number])[] {
  return [
    [storedName(keys.weight), euclideanNorm(gradients.weight)],
    [storedName(keys.visibleBias), euclideanNorm(gradients.visibleBias)],
    [storedName(keys.hiddenBias), euclideanNorm(gradients.hiddenBias)],
  ];
}

function momentumAt({ momentum }: RbmTraining, step: number): number {
  return momentum.filter(({ fromStep }) => fromStep <= step).at(-1)?.value ?? 0;
}

/** `u_hidden`, `u_visible`, `eps_hidden` and `eps_visible` are `[steps, k, batch, units]`. */
function storedNoise({ inputs, prefix }: TrainingFiles, step: number): Noise {
  const draw =
    (kind: 'u' | 'eps') =>
    (purpose: string): Tensor => {
      const [units, iteration] = purpose.split('_');
      if (units === undefined || iteration === undefined) throw new GoldenFormatError(`no case stores '${purpose}'`);
      return storedDraw(inputs, `${prefix}${kind}_${units}`, step, Number(iteration));
    };
  return { uniform: draw('u'), normal: draw('eps') };
}
