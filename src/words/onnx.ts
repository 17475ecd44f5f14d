import type { Shape } from '../compiler/ir/shape.js';
import type { LayerReference, Value } from '../compiler/ir/value.js';
import type { ArgumentsOf, Parameters } from '../compiler/library/parameter.js';

/** An attribute of a node, with the type that ONNX stores it as. */
export type OnnxAttribute =
  | { readonly float: number }
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly string: string };

export type OnnxAttributes = Readonly<Record<string, OnnxAttribute>>;

/**
 * A graph of ONNX under construction, whose values go by their names. Images are `[batch, channels, height, width]`.
 */
export interface OnnxGraphBuilder {
  /** A node of the default operator set with one output. @returns the output's name */
  node(operator: string, inputs: readonly string[], attributes?: OnnxAttributes): string;
  /** The same for an operator with several outputs. */
  outputs(operator: string, inputs: readonly string[], count: number, attributes?: OnnxAttributes): readonly string[];
  /** Constants in the precision of the values around them: float32, or float64 before a table is rounded to float32. */
  constant(values: ArrayLike<number>, shape: Shape): string;
  scalar(value: number): string;
  /** A list of int64: a shape, or indices. */
  integers(values: readonly number[]): string;
}

export interface LayerInOnnx<P extends Parameters> {
  /** The layer's output outside of training, for the input `x`. */
  output(args: ArgumentsOf<P>, x: string, place: OnnxLayerPlace): string;
}

export interface OnnxLayerPlace extends OnnxGraphBuilder {
  /** Shape of one example, `[channels, height, width]` or `[features]`. */
  readonly input: Shape;
  readonly output: Shape;
  /** The outputs of the layers in braces. */
  readonly heads: Readonly<Record<string, string>>;
  readonly hasBias: boolean;
  /** A weight in PyTorch's layout. @throws RangeError for one that the layer doesn't have */
  weight(name: string): string;
  /** What the layer is given of the graph's second input: the classes, one-hot, or columns; `[batch, values]`. */
  condition(): string;
  /** Whether the weight is another layer's, in that layer's layout. */
  isTied(name: string): boolean;
  /** An earlier layer. Its input and output throw NotInOnnx if the exported part doesn't contain them. */
  earlier(layer: LayerReference): {
    readonly input: string;
    readonly output: string;
    readonly arguments: Readonly<Record<string, Value>>;
  };
}

export interface PixelsInOnnx<P extends Parameters> {
  /** Adds the nodes that transform images `x`, and returns their output. */
  output(args: ArgumentsOf<P>, x: string, place: OnnxGraphBuilder & { readonly input: Shape }): string;
}

export interface ValuesInOnnx<P extends Parameters> {
  /** Adds the nodes that transform values `x`; null if the transform is random, which a file can't reproduce. */
  output(args: ArgumentsOf<P>, x: string, place: OnnxValuesPlace): string | null;
}

export interface OnnxValuesPlace extends OnnxGraphBuilder {
  /** The numbers of this name that the transform took from the training part, in the shape of an example. */
  statistic(name: string): string;
}
