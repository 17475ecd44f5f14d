import type { Shape } from '../../compiler/ir/shape.js';
import type { LayerReference, WordValue } from '../../compiler/ir/value.js';
import type { ArgumentsOf, Parameters } from '../../compiler/library/parameter.js';
import type { EvaluationWord } from '../../compiler/library/word.js';
import type { ScoredExamples } from './anomaly.js';
import type { Labelled } from './labelled.js';
import type { Products } from './leading-components.js';
import type { Matrix } from './matrix.js';
import type { Work } from './work.js';

/** An evaluation with what it measures. */
export type MeasuredEvaluation<P extends Parameters = Parameters> = ReconstructionEvaluation<P> | ModelEvaluation<P>;

/** Measures reconstructions of the test part; those that are given the same share one pass. */
export interface ReconstructionEvaluation<P extends Parameters = Parameters> extends EvaluationWord<P> {
  readonly measures: 'reconstructions';
  /** @param shape of what the decoder gives for an example */
  start(args: ArgumentsOf<P>, shape: Shape): ReconstructionMeasure;
}

/** Measures a model by itself. */
export interface ModelEvaluation<P extends Parameters = Parameters> extends EvaluationWord<P> {
  readonly measures: 'model';
  measure(args: ArgumentsOf<P>, model: EvaluatedModel): Work<Measured>;
  /** Bytes that it holds at once, beside a chunk of the examples. */
  memory(args: ArgumentsOf<P>, sizes: EvaluatedSizes): number;
}

/** Metrics by what stands behind the word's name, as in its definition: '' or `mse`. */
export type Measured = Readonly<Record<string, number>>;

/** Some examples and what the model makes of them, in raw units, or shifted from them all alike. */
export interface Reconstruction {
  /** What it should make of them: themselves, clean, or their targets. */
  readonly clean: Matrix;
  /** Input of the model. */
  readonly given: Matrix;
  readonly rebuilt: Matrix;
}

/** Adds up what it measures of reconstructions, a chunk of the test part after the other. */
export interface ReconstructionMeasure {
  /** Corruption applied to the model's input: `own` for what the experiment trains with, null for none. */
  readonly corruption: WordValue | 'own' | null;
  add(chunk: Reconstruction): void;
  /** Metrics over all chunks added. */
  metrics(): Measured;
}

/** Dimensions of the data to evaluate. */
export interface EvaluatedSizes {
  /** Number of examples. */
  readonly train: number;
  readonly test: number;
  /** Number of values in an example, and in the code. */
  readonly input: number;
  readonly code: number;
  /** Features that the data are made of; null if they aren't known. */
  readonly trueFeatures: number | null;
  /** Number of values in a layer's output. */
  sizeOf(layer: LayerReference): number;
}

/** The features that examples were made of. */
export interface GroundTruth {
  /** `[features, values]`, in raw units. */
  readonly directions: Matrix;
  /** The value of each feature for some examples of a part, `[examples, features]`; 0 where it doesn't fire. */
  activations(part: 'train' | 'test', first: number, count: number): Matrix;
}

/** A trained model with its data. */
export interface EvaluatedModel extends EvaluatedSizes {
  /** The examples of a part in raw units, some after the other. @param most of them, the first */
  raw(part: 'train' | 'test', most?: number): Iterable<Matrix>;
  /**
   * A layer's outputs for the training and the test examples, with their classes.
   * @param asked most training examples to use; null: all
   * @param most number of training examples to use, given how many there are
   */
  codes(
    layer: LayerReference,
    asked: number | null,
    most: (train: number, test: number, columns: number) => number,
  ): Work<{ readonly train: Labelled; readonly test: Labelled }>;
  /** A layer's outputs for the examples of a part, some after the other. */
  outputs(layer: LayerReference, part: 'train' | 'test'): Iterable<Matrix>;
  /** The classes that were trained on, by name, or by number without names; null for all. */
  readonly trainOn: readonly string[] | null;
  /** Whether each example of a part is of one of these classes: 1 or 0. @throws RangeError for data without labels */
  isOfClasses(part: 'train' | 'test', classes: readonly string[]): Uint8Array;
  /** What the decoder should give for the examples of a part, and what it gives, in the network's units. */
  reconstructions(part: 'train' | 'test'): Iterable<ScoredExamples>;
  /** The end of the encoder. */
  readonly codeLayer: LayerReference;
  /** The change of a linear decoder's output for each unit of the code that is 1, in raw units: `[units, values]`. */
  directions(): Work<Matrix>;
  /** The features that the data are made of; null if they aren't known. */
  readonly truth: GroundTruth | null;
  /** Products on the engine. */
  readonly products: Products;
  /** Says where something is not made from all there is. */
  note(text: string): void;
}
