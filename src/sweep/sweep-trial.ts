import { validationMeasures } from '../compiler/library/measured-parts.js';
import { recordedQuantities } from '../metrics/definitions.js';
import { largest } from '../numerics/extremes.js';
import type { Recipe } from '../project/recipe.js';
import type { ParameterValue } from '../runtime/events.js';
import type { Environment } from '../runtime/provenance/environment.js';
import type { RunDescription } from '../runtime/store/records.js';
import type { Store } from '../runtime/store/store.js';
import type { DataFiles } from '../trial/data.js';
import { checkpointToTrainLonger, type StartingPoint } from '../trial/longer-training.js';
import { describeTrial, type NamedTrial, withSeed } from '../trial/prepare.js';
import type { GivenWeights } from '../trial/weights-file.js';

/** A trial of a sweep, or the only one of a run. */
export interface SweepTrial {
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly seed: number;
  readonly identity: string;
  /** JSON. */
  readonly recipe: string;
  /** Absolute paths of its data files, by the paths in the recipe. */
  readonly dataFiles: DataFiles;
  /** Quantities recorded for each part of its data, in order; empty if unknown. */
  readonly quantities: readonly string[];
  /** The checkpoint of a shorter training to start from; null to start from the beginning. */
  readonly from: StartingPoint | null;
  /** Initial weights, instead of random ones. @throws as `describe` */
  readonly init: () => GivenWeights | null;
  /** All that is recorded of its run. @throws when it can't be trained any more */
  readonly describe: () => RunDescription;
  /** The same trial, starting from where a run of fewer epochs ended. @throws LongerTrainingError, StoreError */
  readonly longerThan: (store: Store, run: string) => SweepTrial;
  /** The same trial with other random numbers. @throws as `describe` */
  readonly withSeed: (seed: number) => SweepTrial;
}

export interface TrialRecording {
  readonly parameters: SweepTrial['parameters'];
  readonly dataFiles: DataFiles;
  /** Its recipe, as the results keep it. */
  readonly recorded: { readonly recipe: Recipe; readonly text: string };
  /** Null if nothing is stored. */
  readonly environment: Environment | null;
}

export function sweepTrial(trial: NamedTrial, recording: TrialRecording): SweepTrial {
  const { parameters, dataFiles, recorded, environment } = recording;
  const made: SweepTrial = {
    parameters,
    seed: trial.seed,
    identity: trial.identity,
    recipe: recorded.text,
    dataFiles,
    quantities: [
      ...recordedQuantities(trial.compiled.ir.loss),
      ...validationMeasures(trial.compiled.ir.evaluations, trial.library),
    ],
    from: null,
    init: () => trial.init,
    describe() {
      if (environment === null) throw new RangeError('nothing is kept of this trial');
      return describeTrial(trial, environment, recorded);
    },
    longerThan: (store, run) => ({ ...made, from: checkpointToTrainLonger(store, run, trial) }),
    withSeed: (seed) => sweepTrial(withSeed(trial, seed), recording),
  };
  return made;
}

/** Trials with the parameters of one, of the seeds after the largest that it has. */
export function moreSeeds(trials: readonly SweepTrial[], number: number, count: number): readonly SweepTrial[] {
  const like = trials[number];
  if (!like) return [];
  const seeds = trials.filter(({ recipe }) => recipe === like.recipe).map(({ seed }) => seed);
  const first = largest(seeds) + 1;
  return Array.from({ length: count }, (_, i) => like.withSeed(first + i));
}
