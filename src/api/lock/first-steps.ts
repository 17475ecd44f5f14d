import { builtinLibrary } from '../../compiler/library/builtin.js';
import { builtinLowerings } from '../../runtime/lowering/builtin.js';
import type { QuickHash } from '../../runtime/provenance/lock-file.js';
import type { TrainingState } from '../../runtime/training/state.js';
import { trainTrial } from '../../runtime/training/train-trial.js';
import { weightsSha256 } from '../../runtime/training/weights-sha256.js';
import type { Prepared } from './measure.js';

/** Updates of each stage after which the weights' hash is kept. */
export const hashedSteps: readonly number[] = [1, 8, 64];

/**
 * Trains the first steps of each stage, and says what the weights are on the way. A later step's weights follow from all
 * that went before, batches and noise included, so that the first hash that differs shows where two trainings part.
 * @param steps of each stage at most
 */
export async function firstSteps(
  { compiled, data, backend }: Prepared,
  seed: number,
  steps: readonly number[] = hashedSteps,
): Promise<readonly QuickHash[]> {
  const hashes: QuickHash[] = [];
  const ended = new AbortController();
  const last = Math.max(...steps);
  const stages = compiled.ir.stages;
  let stage = 0;
  await trainTrial({
    experiment: compiled.ir,
    data,
    seed,
    lowerings: builtinLowerings,
    library: builtinLibrary,
    backend,
    emit: (event) => {
      if (event.event === 'stage_started') stage = stages.findIndex(({ name }) => name === event.stage);
    },
    clock: () => performance.now(),
    // One more than is looked at, so that the last stage can be ended before anything is evaluated.
    maxSteps: last + 1,
    signal: ended.signal,
    checkpoints: {
      due: (step) => steps.includes(step),
      save: (state) => {
        const step = state.progress?.step ?? 0;
        hashes.push({ seed, stage: placeOf(state, stages[state.stage]?.name ?? ''), step, sha256: hashOf(state) });
        if (stage === stages.length - 1 && step === last) ended.abort();
      },
    },
  });
  return hashes;
}

/** `train`; `pretrain/0` for the first layer of a stage that trains one after the other. */
function placeOf({ progress }: TrainingState, stage: string): string {
  return progress?.kind === 'pretrain' ? `${stage}/${progress.layer}` : stage;
}

function hashOf({ weights, progress }: TrainingState): string {
  // A layer that is pretrained hands its weights over when it is done.
  const inTraining = progress?.kind === 'pretrain' ? Object.entries(progress.values) : [];
  return weightsSha256(
    new Map([...Object.entries(weights), ...inTraining.map(([name, values]) => [`+${name}`, values] as const)]),
  );
}
