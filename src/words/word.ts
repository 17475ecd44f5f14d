import type { LayerReference, WordValue } from '../compiler/ir/value.js';
import type { Library } from '../compiler/library/library.js';
import type { ArgumentsOf, Parameters } from '../compiler/library/parameter.js';
import type { LoweredLoss, LoweredWords } from '../runtime/lowering/lowering.js';

/** A word whole: its definition, what it computes, and its form in an exported PyTorch project. */
export interface WordOf extends LoweredWords {
  readonly loss: Loss;
}

/** All words that an experiment may use: one value, handed in wherever words are needed. */
export type Words = Library<WordOf>;

export interface Loss<P extends Parameters = Parameters> extends LoweredLoss<P> {
  /** Null for a loss that PyTorch projects can't be written with. */
  readonly pytorch: LossInPytorch<P> | null;
}

export interface LossInPytorch<P extends Parameters> {
  /** The term as an expression, of the prediction `y` and the target `t`, without its weight. */
  expression(args: ArgumentsOf<P>, place: PytorchLossPlace): string;
  /** The Python function that the expression calls, where PyTorch has none. */
  readonly definition?: string;
  /** What the model gives, where it isn't the reconstruction itself. */
  readonly predicts?: string;
}

/** What a loss in Python may refer to. */
export interface PytorchLossPlace {
  /** A number, or a schedule's value at the moment `time`. */
  number(value: number | WordValue): string;
  /** The output of a layer, or of one of its heads. */
  output(layer: LayerReference, head?: string): string;
  /** The weight of a layer, or of the one under its activations. */
  weightUnder(layer: LayerReference): string;
  /** Elements of one example of the network's input. */
  readonly inputElements: number;
}
