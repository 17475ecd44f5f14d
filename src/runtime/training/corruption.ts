import type { WordValue } from '../../compiler/ir/value.js';
import { knownWord } from '../../compiler/library/library.js';
import type { Parameters, ResolvedArgumentsOf } from '../../compiler/library/parameter.js';
import type { CorruptionWord, ScheduleTime } from '../../compiler/library/word.js';
import type { Corruption } from '../datasets/corruption.js';
import { argumentsAt } from '../lowering/arguments.js';
import type { FusedCorruption } from '../lowering/fused-operations.js';
import type { TrainedLibrary } from './trained-words.js';

/** A corruption with what it does to values. */
export interface TrainedCorruption<P extends Parameters = Parameters> extends CorruptionWord<P> {
  /** Raw values are those before any transform of values; the network sees those after all of them. */
  readonly damages: Corruption['damages'];
  /** The distribution of the random numbers that it is handed, one for each value. */
  readonly draws: Corruption['draws'];
  /** Damages values in place, in float32 with each operation rounded once. */
  damage(args: ResolvedArgumentsOf<P>, values: Float32Array | Float64Array, drawn: Float32Array): void;
  /** The same for a backend that corrupts by itself, with equal bits; absent where no kernel can. */
  readonly kernel?: CorruptionKernel<P>;
}

export interface CorruptionKernel<P extends Parameters> {
  /** Whether it needs raw values: a kernel is handed what the network sees. */
  readonly needsRaw: boolean;
  /** @param black what 0 in raw units is for the network, @param white what 1 is */
  of(args: ResolvedArgumentsOf<P>, black: number, white: number): FusedCorruption;
}

/** What a corruption is at each moment; its level may follow a schedule. @throws UnknownWord */
export function corruptionAt(corruption: WordValue, library: TrainedLibrary): (time: ScheduleTime) => Corruption {
  const word = knownWord(library, 'corruption', corruption.word);
  const at = argumentsAt(corruption.arguments, library);
  const { damages, draws } = word;
  return (time) => {
    const args = at(time);
    return { damages, draws, damage: (values, drawn) => word.damage(args, values, drawn) };
  };
}

/** The values that a kernel damages, as the network sees them. */
interface SeenValues {
  /** Whether no transform has changed them. */
  readonly areRaw: boolean;
  /** What 0 and 1 in raw units are. */
  readonly black: number;
  readonly white: number;
}

/** The same for a kernel; null where the host has to do it. @throws UnknownWord */
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
