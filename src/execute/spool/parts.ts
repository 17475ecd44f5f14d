import { JsonError } from '../../runtime/formats/json.js';
import { type Attempt, checkpointsIn } from './attempts.js';

/** A part of a training, up to a checkpoint that the next part goes on from. */
export interface Part {
  readonly attempt: Attempt;
  /** SHA-256 of the checkpoint where the next part goes on; null for one that ends the trial. */
  readonly until: string | null;
}

/**
 * The attempts that led to one, in order and with it, without those that ended where they began.
 * @param until where that one ended
 * @throws JsonError if checkpoints lead round in a circle, which no training does
 */
export function partsTo(attempts: readonly Attempt[], last: Attempt, until: string | null): readonly Part[] {
  const parts: Part[] = [{ attempt: last, until }];
  const begun = new Set([last.from]);
  for (let { from, number } = last; from !== null; ) {
    const until = from;
    const before = attempts.findLast(
      (attempt) =>
        attempt.number < number &&
        attempt.from !== until &&
        checkpointsIn(attempt).some(({ sha256 }) => sha256 === until),
    );
    if (before === undefined) break;
    if (begun.has(before.from)) throw new JsonError('its attempts lead round in a circle');
    begun.add(before.from);
    parts.unshift({ attempt: before, until });
    ({ from, number } = before);
  }
  return parts;
}
