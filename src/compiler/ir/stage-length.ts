import type { StageLength } from '../library/word.js';
import type { StageNode } from './experiment.js';
import { ownValue } from './value.js';

/** Batches per epoch; an incomplete last one counts unless it is dropped. */
export function batchesOfEpoch(examples: number, batch: number, dropLast: boolean): number {
  return dropLast ? Math.floor(examples / batch) : Math.ceil(examples / batch);
}

/**
 * Length of a training stage, or of one layer in a pretraining; a stage of so many steps may end within an epoch.
 * @param examples number of training examples
 * @throws RangeError for settings that the compiler would reject
 */
export function stageLength({ settings }: Pick<StageNode, 'settings'>, examples: number): StageLength {
  const [epochs, steps, batch, dropLast] = ['epochs', 'steps', 'batch', 'drop_last'].map(
    (name) => ownValue(settings, name)?.value,
  );
  if (typeof epochs !== 'number' || typeof batch !== 'number') throw new RangeError('a stage needs epochs and a batch');
  const each = batchesOfEpoch(examples, batch, dropLast === true);
  return typeof steps === 'number' ? { epochs: steps / each, steps } : { epochs, steps: epochs * each };
}
