import type { Interval } from '../../compiler/ir/interval.js';
import type { Shape } from '../../compiler/ir/shape.js';
import type { ArgumentsOf, Parameters } from '../../compiler/library/parameter.js';
import { ok, type Result } from '../../compiler/library/word.js';
import type { OnnxGraphBuilder } from '../onnx.js';
import type { Layer } from '../word.js';

type Activation<P extends Parameters> = Pick<
  Layer<P>,
  | 'name'
  | 'peers'
  | 'doc'
  | 'source'
  | 'parameters'
  | 'example'
  | 'mistake'
  | 'oracle'
  | 'range'
  | 'units'
  | 'isElementwise'
  | 'isIdentity'
  | 'isFused'
  | 'memory'
  | 'lower'
  | 'saelens'
> & {
  /** Absent for one that takes any shape. */
  readonly shape?: (args: ArgumentsOf<P>, input: Shape) => Result<Shape>;
  /** The value at an expression of Python's. */
  readonly inPytorch: (x: string, args: ArgumentsOf<P>) => string;
  /** The Python function that it calls, if PyTorch has none. */
  readonly definition?: string;
  /** The value of `x` in a graph of ONNX. */
  readonly inOnnx: (x: string, graph: OnnxGraphBuilder, args: ArgumentsOf<P>) => string;
};

/** A function of a layer's output: no weights, no change of shape, left out of a mirrored block. */
export function activationWord<const P extends Parameters>({
  inPytorch,
  inOnnx,
  definition,
  ...word
}: Activation<P>): Layer<P> {
  return {
    family: 'layer',
    version: 1,
    activation: true,
    heads: [],
    random: false,
    flattensInput: false,
    shape: (_args, input) => ok(input),
    weights: () => ({}),
    opposite: () => ok(null),
    pytorch: { activation: inPytorch, ...(definition === undefined ? {} : { definition }) },
    onnx: { output: (args, x, graph) => inOnnx(x, graph, args) },
    ...word,
  };
}

/** The values of max(x, 0), which most activations have in common above zero. */
export function rectified({ low, high, lowOpen, highOpen }: Interval): Interval {
  return {
    low: Math.max(low, 0),
    lowOpen: lowOpen && low >= 0,
    high: Math.max(high, 0),
    highOpen: highOpen && high > 0,
  };
}

/** The values of a function that is never above max(x, 0), nor as low as `floor` where x is negative. */
export function belowRectified(input: Interval, floor: number): Interval {
  const { high, highOpen } = rectified(input);
  return { low: input.low < 0 ? floor : 0, lowOpen: input.low < 0, high, highOpen };
}
