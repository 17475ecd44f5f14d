import type { Shape } from '../compiler/ir/shape.js';
import type { LayerReference, Value, WordValue } from '../compiler/ir/value.js';
import type { Library } from '../compiler/library/library.js';
import type { ArgumentsOf, Parameters } from '../compiler/library/parameter.js';
import type { ScheduleWord, StructureWord } from '../compiler/library/word.js';
import type { ReadDataset } from '../runtime/datasets/load.js';
import type { PixelTransformWord, ValueTransformWord } from '../runtime/datasets/transform.js';
import type { MeasuredEvaluation } from '../runtime/evaluation/measure.js';
import type { DrawnFigure } from '../runtime/figures/figure.js';
import type {
  LoweredClip,
  LoweredConstraint,
  LoweredLayer,
  LoweredLoss,
  LoweredOptimizer,
} from '../runtime/lowering/lowering.js';
import type { TrainedCorruption } from '../runtime/training/corruption.js';
import type { TrainedStage } from '../runtime/training/greedy-methods.js';
import type { TrainedResampling } from '../runtime/training/resampling.js';
import type { TrainedWords } from '../runtime/training/trained-words.js';
import type { LayerInOnnx, OnnxGraphBuilder, PixelsInOnnx, ValuesInOnnx } from './onnx.js';
import type { LayerInSaelens } from './saelens.js';

/** A word whole: its definition, what it computes, and its forms in an exported PyTorch project and in ONNX. */
export interface WordOf extends TrainedWords {
  readonly layer: Layer;
  readonly structure: StructureWord;
  readonly loss: Loss;
  readonly corruption: Corruption;
  readonly dataset: Dataset;
  readonly transform: PixelTransform | ValueTransform<Parameters, string>;
  readonly optimizer: Optimizer;
  readonly clip: Clip;
  readonly constraint: Constraint;
  readonly schedule: Schedule;
  readonly stage: Stage;
  readonly resampling: Resampling;
  readonly evaluation: MeasuredEvaluation;
  readonly figure: DrawnFigure;
}

/** All words that an experiment may use: one value, handed in wherever words are needed. */
export type Words = Library<WordOf>;

// Each family has the form that it takes in PyTorch; null for a word that a project can't be written with.

export interface Layer<P extends Parameters = Parameters> extends LoweredLayer<P> {
  readonly pytorch: LayerInPytorch<P> | ActivationInPytorch<P> | null;
  /** Null for a layer that ONNX can't hold. */
  readonly onnx: LayerInOnnx<P> | null;
  /** Absent for a layer that has no place in a sparse autoencoder of SAELens. */
  readonly saelens?: LayerInSaelens<P>;
}

export interface Loss<P extends Parameters = Parameters> extends LoweredLoss<P> {
  readonly pytorch: LossInPytorch<P> | null;
  /** The reconstruction in ONNX from the decoder's output `y`, for a loss whose lowering has `reconstruction`. */
  readonly reconstructionInOnnx?: (y: string, graph: OnnxGraphBuilder) => string;
}

export interface Corruption<P extends Parameters = Parameters> extends TrainedCorruption<P> {
  readonly pytorch: CorruptionInPytorch<P> | null;
}

/** An exported project has the examples with it, and needs no form of the word. */
export interface Dataset<P extends Parameters = Parameters> extends ReadDataset<P> {}

export interface PixelTransform<P extends Parameters = Parameters> extends PixelTransformWord<P> {
  readonly pytorch: PixelsInPytorch<P> | null;
  /** 'drawn' where each example draws its own: an exported model then starts with what the transform gives. */
  readonly onnx: PixelsInOnnx<P> | 'drawn' | null;
}

export interface ValueTransform<P extends Parameters = Parameters, N extends string = never>
  extends ValueTransformWord<P, N> {
  readonly pytorch: ValuesInPytorch<P> | null;
  readonly onnx: ValuesInOnnx<P> | null;
}

export interface Optimizer<P extends Parameters = Parameters> extends LoweredOptimizer<P> {
  readonly pytorch: OptimizerInPytorch | null;
}

export interface Clip<P extends Parameters = Parameters> extends LoweredClip<P> {
  readonly pytorch: ClipInPytorch<P> | null;
}

export interface Constraint<P extends Parameters = Parameters> extends LoweredConstraint<P> {
  readonly pytorch: ConstraintInPytorch<P> | null;
}

export interface Schedule<P extends Parameters = Parameters> extends ScheduleWord<P> {
  readonly pytorch: ScheduleInPytorch<P> | null;
}

export interface Stage<P extends Parameters = Parameters> extends TrainedStage<P> {
  readonly pytorch: StageInPytorch<P> | null;
}

export interface Resampling<P extends Parameters = Parameters> extends TrainedResampling<P> {
  readonly pytorch: ResamplingInPytorch<P> | null;
}

/** How numbers are written. */
export interface PytorchNumbers {
  /** A number, or a schedule's value at the moment `time`. */
  number(value: number | WordValue): string;
}

export interface ActivationInPytorch<P extends Parameters> {
  /** Its value at the expression `x`. */
  activation(x: string, args: ArgumentsOf<P>): string;
  /** The Python function that it calls, if PyTorch has none. */
  readonly definition?: string;
}

export interface LayerInPytorch<P extends Parameters> {
  code(args: ArgumentsOf<P>, place: PytorchLayerPlace): LayerCode;
  /** The purpose of the random numbers that it draws. */
  readonly draws?: string;
  /** The Python function that the code calls, if PyTorch has none. */
  readonly definition?: string;
  /** The layer that it undoes, which has to keep the places of its maxima. */
  undoes?(args: ArgumentsOf<P>): LayerReference;
  /** The layer's output and the places of its maxima, as two values, for whatever undoes it. */
  withPlaces?(x: string, args: ArgumentsOf<P>): string;
}

/** A layer in Python: its code for `__init__`, and its output as an expression. */
export interface LayerCode {
  readonly modules: readonly string[];
  /** Statements that precede the expression. */
  readonly before: readonly string[];
  output(x: string): string;
}

/** Context for a layer's Python code. */
export interface PytorchLayerPlace {
  /** Shape of one example, `[channels, height, width]` or `[features]`. */
  readonly input: Shape;
  readonly output: Shape;
  readonly hasBias: boolean;
  /** Shapes of its own weights, by name. */
  readonly weights: Readonly<Record<string, Shape>>;
  /** The expression that tells whether the model is being trained. */
  readonly training: string;
  /** The last two arguments of a function that draws: the source of random numbers, and the layer's address. */
  readonly draw: string;
  /** The layers in braces. */
  readonly heads: readonly { readonly head: string; readonly codes: readonly LayerCode[] }[];
  /**
   * A layer that is a module of PyTorch's, by its constructor's call.
   * @param mode of the module: that of the whole model, or evaluation even while the model is trained
   */
  module(constructed: string, mode?: 'either' | 'evaluation'): LayerCode;
  /**
   * The same for one whose weight may be another layer's: then `tied` is its function of `x`, that weight and a bias.
   */
  weighted(layer: {
    readonly module: string;
    readonly tied: (x: string, weight: string, bias: string) => string;
  }): LayerCode;
  /** What the layer is given besides its input: numbers of classes, or the values `[batch, …]` that it takes of more. */
  readonly condition: { readonly classes: string } | { readonly values: string } | null;
  /** The output of an earlier layer, or the network's input. */
  taken(layer: LayerReference): string;
  /** A pool: its arguments, and where its maxima were. */
  pool(layer: LayerReference): { readonly places: string; readonly arguments: Readonly<Record<string, Value>> };
}

export interface LossInPytorch<P extends Parameters> {
  /** The term as an expression, of the prediction `y` and the target `t`, without its weight. */
  expression(args: ArgumentsOf<P>, place: PytorchLossPlace): string;
  /** The Python function that the expression calls, if PyTorch has none. */
  readonly definition?: string;
  /** Output of the model, if not the reconstruction itself. */
  readonly predicts?: string;
}

/** Context for a loss's Python code. */
export interface PytorchLossPlace extends PytorchNumbers {
  /** The output of a layer, or of one of its heads. */
  output(layer: LayerReference, head?: string): string;
  /** The layer whose output a layer takes. */
  below(layer: LayerReference): LayerReference;
  /** The module of a layer that has weights. */
  module(layer: LayerReference): string;
  /** The biases added to `W h` up to a layer, down to the nearest that has a weight. */
  biases(layer: LayerReference): readonly string[];
  /** The weight of a layer, or of the nearest under it that has one. */
  weightUnder(layer: LayerReference): string;
  /** Elements of what the decoder must give for one example. */
  readonly wantedElements: number;
  /** The variable of the clean input. */
  readonly input: string;
  /** The variable that has one number for each value of an example, in its shape. */
  constant(values: readonly number[]): string;
}

export interface CorruptionInPytorch<P extends Parameters> {
  /** The corrupted values `x`, given an expression for the random numbers the word draws. */
  expression(args: ArgumentsOf<P>, x: string, drawn: string, numbers: PytorchNumbers): string;
  /** The Python function that the expression calls. */
  readonly definition: string;
}

export interface PixelsInPytorch<P extends Parameters> {
  /** Transforms images, `[batch, channels, height, width]` of float32. */
  expression(args: ArgumentsOf<P>, images: string, place: PytorchTransformPlace): string;
  /** The Python functions that it needs. */
  readonly definitions: readonly string[];
}

export interface ValuesInPytorch<P extends Parameters> {
  /**
   * Statements that change variables of `[batch, features]`, all float32, or float64 if the examples are stored in it.
   * @param seen the target `t`, and the input if it differs
   */
  statements(args: ArgumentsOf<P>, seen: readonly string[], place: PytorchTransformPlace): readonly string[];
  /** The Python functions that they need. */
  readonly definitions: readonly string[];
}

/** Context for a transform's Python code. */
export interface PytorchTransformPlace {
  /** The random stream to draw from; by purpose, if there are several. */
  stream(purpose: string | null): string;
  /** A statistic fitted to the training part, by name. */
  statistic(name: string): string;
  /** A unique variable name. */
  variable(name: string): string;
}

export interface OptimizerInPytorch {
  /** The class. */
  readonly name: string;
  /** The parameters that make up `betas` there; all others have their own names. */
  readonly betas: readonly string[];
}

export interface ClipInPytorch<P extends Parameters> {
  statement(args: ArgumentsOf<P>, parameters: string, numbers: PytorchNumbers): string;
}

export interface ConstraintInPytorch<P extends Parameters> {
  /** The projected weight, given expressions for it, for the axes of a unit's incoming weights, and for what it started from. */
  expression(args: ArgumentsOf<P>, weight: string, axes: string, start: string): string;
  /** The Python function that the expression calls. */
  readonly definition?: string;
  /** What clipping and the optimizer are given in place of the gradient; null if that stays as it is. */
  gradient?(args: ArgumentsOf<P>, weight: string, axes: string): string | null;
}

export interface ScheduleInPytorch<P extends Parameters> {
  /** Its value at a moment that an expression gives. */
  expression(args: ArgumentsOf<P>, time: string, schedules: PytorchSchedules): string;
  /** The Python function that the expression calls. */
  readonly definition: string;
}

export interface PytorchSchedules {
  /** The value of another schedule at the moment `time`. */
  scheduled(value: WordValue): string;
}

export interface ResamplingInPytorch<P extends Parameters> {
  /** The statement in front of an update. */
  statement(args: ArgumentsOf<P>, place: PytorchResamplingPlace): string;
  /** The Python function that it calls. */
  readonly definition: string;
}

/** Context for the Python code of a resampling. */
export interface PytorchResamplingPlace {
  /** The stream of a purpose. */
  stream(purpose: string): string;
  /** The module of the layer that counts, of the encoder's matrix, and of the decoder's. */
  readonly counters: string;
  readonly encoder: string;
  readonly decoder: string;
  /** What the model gives for an expression. */
  model(x: string): string;
  /** The parameters between the encoder's matrix and the counters, one number for each unit, with what they start from. */
  readonly between: readonly { readonly parameter: string; readonly start: number }[];
}

export interface StageInPytorch<P extends Parameters> {
  /** The Python function that trains a layer and returns the bias of what rebuilds its input. */
  readonly function: string;
  /** Its arguments after those that every method has, a line each. */
  arguments(args: ArgumentsOf<P>, place: PytorchStagePlace): readonly string[];
  /** The initializer of a weight that starts apart from the layer's own, if there is one. */
  startsFrom?(args: ArgumentsOf<P>): WordValue;
  /** The Python function and its dependencies. */
  readonly definitions: readonly string[];
}

/** Context for a layer's pretraining in Python. */
export interface PytorchStagePlace extends PytorchNumbers {
  /** Types of the layer's units as in a restricted Boltzmann machine. */
  readonly units: { readonly visible: string; readonly hidden: string };
  /** The weight of `startsFrom`. */
  readonly start: string;
  /** The stream of the layer's random numbers for a purpose. */
  stream(purpose: string): string;
  /** The layer's activations at an expression. */
  activated(x: string): string;
  /** The activation of the reconstruction at an expression: what was asked for, or that of what is rebuilt. */
  reconstruction(asked: WordValue | null, y: string): string;
  corrupted(corruption: WordValue, x: string): string;
  /** A loss of `y` and `t`, whether it grows with the number of examples, and what its metric is called. */
  loss(loss: WordValue): { readonly expression: string; readonly perExample: boolean; readonly metric: string };
  optimizer(optimizer: WordValue): OptimizerCode;
}

/** An optimizer in Python. */
export interface OptimizerCode {
  /** The constructor, of the parameters that an expression gives. */
  construct(parameters: string): string;
  /** Its settings at the moment `time`, as the items of a dictionary; empty where none follows a schedule. */
  readonly rates: readonly string[];
}
