import type { ExperimentIr } from '../../compiler/ir/experiment.js';
import type { Shape } from '../../compiler/ir/shape.js';
import type { LayerReference } from '../../compiler/ir/value.js';
import type { NeedBelow } from '../../compiler/library/needs-below.js';
import type { ArgumentsOf, Parameters } from '../../compiler/library/parameter.js';
import type { FigureWord } from '../../compiler/library/word.js';
import type { Chart } from './chart.js';
import type { LossCurvesInput } from './loss_curves.js';
import type { MixingLayer } from './receptive_fields.js';

/** A figure with its implementation. */
export interface DrawnFigure<P extends Parameters = Parameters> extends FigureWord<P> {
  /** Whether it has text and points, which are illegible at a few hundred pixels. */
  readonly isChart?: boolean;
  /** Its tiles; absent for a single picture. */
  readonly tiles?: TileStyle;
  /**
   * Preview during training, if it takes milliseconds to draw: the filters of a layer being pretrained, or examples
   * reconstructed through it.
   */
  readonly preview?: FigurePreview;
  /** Draws a PNG. Imports the drawing code on demand, so that a program that draws nothing does not pay for it. */
  draw(args: ArgumentsOf<P>, subject: FigureSubject): Promise<Uint8Array>;
  /** Draws a figure that needs only the curves as vectors. */
  chart?(curves: LossCurvesInput): Promise<Chart>;
}

export type FigurePreview = 'units' | 'examples';

/** Separation and grouping of a figure's tiles. */
export interface TileStyle {
  readonly paper: 'black' | 'white';
  readonly grouped: boolean;
}

/** A trained model with its data, as figures see it. */
export interface FigureSubject {
  readonly experiment: ExperimentIr;
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** Names of the classes, if they have any. */
  readonly classNames: readonly string[] | null;
  lossCurves(): LossCurvesInput;
  /** The first examples to show, in raw units. */
  examples(most: number): ShownExamples;
  /** The training examples, or those of the part that is shown, with their reconstructions, in the network's units. */
  reconstructions(part: 'train' | 'shown'): Iterable<ReconstructedExamples>;
  /** Outputs of a layer for the examples shown, one row each. */
  codes(layer: LayerReference, most: number): Codes;
  /** Classes of the first `count` of those examples; null without labels. */
  classes(count: number): Int32Array | null;
  /** Why the layers above a layer need more than its output; null if they don't. */
  needBelow(layer: LayerReference): NeedBelow | null;
  /**
   * The conditions that are shown of a layer whose layers above are given some, by name: each class or category, or those
   * of the first examples if numbers are among them; null if these layers need nothing.
   */
  conditionsAbove(layer: LayerReference): readonly string[] | null;
  /**
   * Decodes outputs of a layer through the layers above, in raw units.
   * @param condition one of those that are shown
   */
  decode(codes: Float32Array, layer: LayerReference, condition?: number): Images;
  /** Returns whether a layer's output has the prior N(0, 1). */
  hasPrior(layer: LayerReference): boolean;
  /** Decodes draws from the prior, in raw units; each with every condition that is shown, one after the other. */
  samples(layer: LayerReference, count: number): Images;
  mixing(layer: LayerReference): Mixing;
}

export interface ShownExamples {
  readonly count: number;
  readonly clean: Float32Array;
  /** The model's input; null if it is the clean examples. */
  readonly given: Float32Array | null;
  /** What the decoder should give; null if it is the clean examples. */
  readonly wanted: Float32Array | null;
  readonly rebuilt: Float32Array;
}

/** Examples as the network sees them, and what it makes of them, one row each. */
interface ReconstructedExamples {
  readonly seen: Codes;
  readonly rebuilt: Codes;
}

interface Codes {
  readonly values: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

interface Images {
  readonly values: Float32Array;
  readonly count: number;
  /** Shape of one example. */
  readonly shape: Shape;
}

/** The mixing layers, from the one that sees the pixels; or the word of a layer that is not a linear combination. */
export type Mixing =
  | { readonly layers: readonly MixingLayer[]; readonly obstacle: null }
  | { readonly layers: null; readonly obstacle: string };
