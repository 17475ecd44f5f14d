import type { LockedLink } from '../../runtime/provenance/lock-file.js';
import type { ChainLink } from '../../runtime/training/hash-chain.js';
import { trainTrial } from '../../runtime/training/train-trial.js';
import type { Trial } from '../../trial/prepare.js';

/** Updates compared in each stage, and for each layer of a pretraining stage. */
const comparedSteps = 64;

/** Links recorded besides a stage's last: enough to see how early two trials diverge. */
const lockedSteps: readonly number[] = [1, 8, comparedSteps];

/**
 * Trains the first steps of each stage and keeps the hash chain. A link covers batches, loss terms and weights of all
 * updates before it, across stages, so a few suffice.
 */
export async function firstLinks(trial: Trial, seed: number): Promise<readonly LockedLink[]> {
  const { compiled, data, backend, library, init } = trial;
  const links: ChainLink[] = [];
  const ended = new AbortController();
  const last = compiled.ir.stages.at(-1);
  await trainTrial({
    experiment: compiled.ir,
    data,
    seed,
    ...(init === null ? {} : { init: init.values }),
    library,
    backend,
    emit: () => {},
    clock: () => performance.now(),
    // One more than compared, so that the last stage can be ended before any evaluation.
    maxSteps: comparedSteps + 1,
    signal: ended.signal,
    chain: {
      onLink(link) {
        links.push(link);
        if (last?.kind === 'train' && link.stage === last.name && link.step === comparedSteps) ended.abort();
      },
    },
  });
  const ends = new Map(links.map(({ stage, step }) => [stage, step]));
  return links
    .filter(({ stage, step }) => lockedSteps.includes(step) || ends.get(stage) === step)
    .map((link) => ({ seed, ...link }));
}
