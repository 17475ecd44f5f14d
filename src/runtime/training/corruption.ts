import type { WordValue } from '../../compiler/ir/value.js';
import { knownWord } from '../../compiler/library/library.js';
import type { Parameters, ResolvedArgumentsOf } from '../../compiler/library/parameter.js';
import type { CorruptionWord, ScheduleTime } from '../../compiler/library/word.js';
import type { Corruption } from '../datasets/corruption.js';
import { argumentsAt } from '../lowering/arguments.js';
import type { FusedCorruption } from '../lowering/fused-operations.js';
import type { TrainedLibrary } from './trained-words.js';

/** A corruption word with its computation. */
export interface TrainedCorruption<P extends Parameters = Parameters> extends CorruptionWord<P> {
  /** Distribution of the random numbers that it receives, one per value. */
  readonly draws: Corruption['draws'];
  /** Corrupts values in place, in float32, rounding every operation once. */
  damage(args: ResolvedArgumentsOf<P>, values: Float32Array | Float64Array, drawn: Float32Array): void;
  /** The same in a backend's kernel, with equal bits; absent if no kernel can do it. */
  readonly kernel?: CorruptionKernel<P>;
}

export interface CorruptionKernel<P extends Parameters> {
  /** Whether it needs raw values: kernels receive what the network sees. */
  readonly needsRaw: boolean;
  /**
   * @param black the network's value for 0 in raw units
   * @param white the network's value for 1 in raw units
   */
  of(args: ResolvedArgumentsOf<P>, black: number, white: number): FusedCorruption;
}

/**
 * A corruption at each moment; its level may follow a schedule.
 * @throws UnknownWord
 */
export function corruptionAt(corruption: WordValue, library: TrainedLibrary): (time: ScheduleTime) => Corruption {
  const word = knownWord(library, 'corruption', corruption.word);
  const at = argumentsAt(corruption.arguments, library);
  const { damages, draws } = word;
  return (time) => {
    const args = at(time);
    return { damages, draws, damage: (values, drawn) => word.damage(args, values, drawn) };
  };
}

/** The values that a kernel corrupts, as the network sees them. */
interface SeenValues {
  /** Whether no transform changes values. */
  readonly areRaw: boolean;
  /** The network's values for 0 and 1 in raw units. */
  readonly black: number;
  readonly white: number;
}

/**
 * The same as a kernel; null if the host has to do it.
 * @throws UnknownWord
 */
export function kernelCorruptionAt(
  corruption: WordValue,
  { areRaw, black, white }: SeenValues,
  library: TrainedLibrary,
): ((time: ScheduleTime) => FusedCorruption) | null {
  const { kernel } = knownWord(library, 'corruption', corruption.word);
  if (kernel === undefined || (kernel.needsRaw && !areRaw)) return null;
  const at = argumentsAt(corruption.arguments, library);
  return (time) => kernel.of(at(time), black, white);
}
