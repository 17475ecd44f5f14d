import type { ExperimentIr } from '../../compiler/ir/experiment.js';
import type { Shape } from '../../compiler/ir/shape.js';
import { isLayerReference, type LayerReference } from '../../compiler/ir/value.js';
import type { ArgumentsOf, Parameters } from '../../compiler/library/parameter.js';
import type { FigureWord } from '../../compiler/library/word.js';
import type { LossCurvesInput } from './loss_curves.js';
import type { MixingLayer } from './receptive_fields.js';

/** A figure with how it is drawn. */
export interface DrawnFigure<P extends Parameters = Parameters> extends FigureWord<P> {
  /** Whether it has words and points, which can't be made out in a few hundred pixels. */
  readonly isChart?: boolean;
  /** The tiles that it is made of; absent for a figure that is one picture. */
  readonly tiles?: TileStyle;
  /**
   * What it shows of a training that goes on, where it is drawn in milliseconds; of a layer that is pretrained, what its units
   * look for, or what is made of examples through it.
   */
  readonly preview?: FigurePreview;
  /** Makes a PNG. What draws is loaded when this is called, so that a program that draws nothing doesn't pay for it. */
  draw(args: ArgumentsOf<P>, subject: FigureSubject): Promise<Uint8Array>;
}

export type FigurePreview = 'units' | 'examples';

/** What lies between the tiles of a figure, and whether some of them belong together. */
export interface TileStyle {
  readonly paper: 'black' | 'white';
  readonly grouped: boolean;
}

/** A trained model with its data, as figures see it. */
export interface FigureSubject {
  readonly experiment: ExperimentIr;
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** The names of the classes, where they have names. */
  readonly classNames: readonly string[] | null;
  lossCurves(): LossCurvesInput;
  /** The first examples that are shown, in raw units. */
  examples(most: number): ShownExamples;
  /** What a layer makes of the examples that are shown, a row for each. */
  codes(layer: LayerReference, most: number): Codes;
  /** Classes of so many of those examples; null without labels. */
  classes(count: number): Int32Array | null;
  /** What the layers above make of a layer's output, in raw units. */
  decode(codes: Float32Array, layer: LayerReference): Images;
  /** Whether a layer's output has the prior N(0, 1). */
  hasPrior(layer: LayerReference): boolean;
  /** The same of draws from the prior. */
  samples(layer: LayerReference, count: number): Images;
  mixing(layer: LayerReference): Mixing;
}

export interface ShownExamples {
  readonly count: number;
  readonly clean: Float32Array;
  /** What the model was given; null where it is the clean examples. */
  readonly given: Float32Array | null;
  readonly rebuilt: Float32Array;
}

interface Codes {
  readonly values: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

interface Images {
  readonly values: Float32Array;
  readonly count: number;
  /** Of one. */
  readonly shape: Shape;
}

/** The layers that mix what is below them, from the one that sees the pixels; or the word of one that is no sum. */
export type Mixing =
  | { readonly layers: readonly MixingLayer[]; readonly obstacle: null }
  | { readonly layers: null; readonly obstacle: string };

/** Why the layers above cannot work from a layer's output alone, as where they unpool what was pooled below; else null. */
export function needBelow(on: LayerReference, { encoder, decoder }: ExperimentIr): string | null {
  const layers = [...encoder, ...decoder];
  const place = ({ block, index }: LayerReference) => (block === 'encoder' ? index : encoder.length + index);
  const above = layers.slice(place(on) + 1);
  const needing = above.find(({ arguments: given }) =>
    Object.values(given).some(({ value }) => isLayerReference(value) && place(value) <= place(on)),
  );
  return needing ? `'${needing.word}' needs what went into the code, not the code alone` : null;
}
