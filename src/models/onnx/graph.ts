import type { Shape } from '../../compiler/ir/shape.js';
import { elementCount } from '../../compiler/ir/shape.js';
import type { OnnxAttributes, OnnxGraphBuilder } from '../../words/onnx.js';

/** Parts of a model that can be exported. */
export const modelParts = ['encoder', 'decoder', 'whole'] as const;
export type ModelPart = (typeof modelParts)[number];

/** A computation in the operators of ONNX, before it is written in a format. */
export interface OnnxGraph {
  readonly name: string;
  readonly input: OnnxValue;
  /** The second input, of a conditional model: the classes, one-hot, then columns; null for any other. */
  readonly condition: OnnxValue | null;
  readonly output: OnnxValue;
  /** Each after those that it needs. */
  readonly nodes: readonly OnnxNode[];
  readonly tensors: readonly OnnxTensor[];
}

export interface OnnxValue {
  readonly name: string;
  readonly type: OnnxFloat;
  /** Shape of one example; the batch dimension precedes it. */
  readonly shape: Shape;
}

export type OnnxFloat = 'float32' | 'float64';

export interface OnnxNode {
  readonly name: string;
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: OnnxAttributes;
}

/** A constant: a weight, or a number of a layer's. */
export type OnnxTensor = { readonly name: string; readonly shape: Shape } & (
  | { readonly type: 'float32'; readonly values: Float32Array }
  | { readonly type: 'float64'; readonly values: Float64Array }
  | { readonly type: 'int64'; readonly values: readonly number[] }
);

/** Collects the nodes and constants of a graph. */
export class GraphBuilder implements OnnxGraphBuilder {
  readonly #nodes: OnnxNode[] = [];
  readonly #tensors = new Map<string, OnnxTensor>();
  readonly #counts = new Map<string, number>();
  /** Precision of constants. */
  #precision: OnnxFloat = 'float32';
  /** Prefix of node names: the layer or the transform that they belong to. */
  #scope = '';

  // Words take these apart: `({ node, scalar }) => …`.
  readonly node = (operator: string, inputs: readonly string[], attributes: OnnxAttributes = {}): string => {
    const [output = ''] = this.outputs(operator, inputs, 1, attributes);
    return output;
  };

  readonly outputs = (
    operator: string,
    inputs: readonly string[],
    count: number,
    attributes: OnnxAttributes = {},
  ): readonly string[] => {
    const name = this.#unique(`${this.#scope}/${operator}`);
    const outputs = Array.from({ length: count }, (_, i) => (i === 0 ? name : `${name}:${i}`));
    this.#nodes.push({ name, operator, inputs, outputs, attributes });
    return outputs;
  };

  readonly constant = (values: ArrayLike<number>, shape: Shape): string => {
    const name = this.#unique(`${this.#scope}/constant`);
    if (this.#precision === 'float32')
      return this.tensor({ name, shape, type: 'float32', values: Float32Array.from(values) });
    return this.tensor({ name, shape, type: 'float64', values: Float64Array.from(values) });
  };

  readonly scalar = (value: number): string => this.constant([value], []);

  readonly integers = (values: readonly number[]): string =>
    this.tensor({ name: this.#unique(`${this.#scope}/integers`), shape: [values.length], type: 'int64', values });

  /** Adds a tensor once. @returns its name */
  tensor(tensor: OnnxTensor): string {
    if (tensor.values.length !== elementCount(tensor.shape)) {
      throw new RangeError(`'${tensor.name}' has ${tensor.values.length} values, not ${elementCount(tensor.shape)}`);
    }
    this.#tensors.set(tensor.name, tensor);
    return tensor.name;
  }

  /** Everything that `build` adds is named after `scope`, with constants of a precision. */
  within<T>(scope: string, precision: OnnxFloat, build: () => T): T {
    const before = { scope: this.#scope, precision: this.#precision };
    this.#scope = scope;
    this.#precision = precision;
    try {
      return build();
    } finally {
      this.#scope = before.scope;
      this.#precision = before.precision;
    }
  }

  /**
   * The graph from an input to the value `last`, which gets the output's name.
   * @param condition a second input, which is left out where no node takes it
   */
  finish(name: string, input: OnnxValue, condition: OnnxValue, last: string, output: OnnxValue): OnnxGraph {
    const made = this.#nodes.some(({ outputs }) => outputs.includes(last));
    const renamed = (value: string) => (made && value === last ? output.name : value);
    const nodes = this.#nodes.map((node) => ({
      ...node,
      inputs: node.inputs.map(renamed),
      outputs: node.outputs.map(renamed),
    }));
    const identity = {
      name: '/Identity',
      operator: 'Identity',
      inputs: [last],
      outputs: [output.name],
      attributes: {},
    };
    const kept = needed(made ? nodes : [...nodes, identity], output.name);
    const used = new Set(kept.flatMap(({ inputs }) => inputs));
    return {
      name,
      input,
      condition: used.has(condition.name) ? condition : null,
      output,
      nodes: kept,
      tensors: [...this.#tensors.values()].filter((tensor) => used.has(tensor.name)),
    };
  }

  #unique(name: string): string {
    const count = this.#counts.get(name) ?? 0;
    this.#counts.set(name, count + 1);
    return count === 0 ? name : `${name}_${count}`;
  }
}

/** Without nodes whose outputs nobody takes, such as the variances of a code that is taken at its mean. */
function needed(nodes: readonly OnnxNode[], output: string): readonly OnnxNode[] {
  const wanted = new Set([output]);
  const kept: OnnxNode[] = [];
  for (const node of [...nodes].reverse()) {
    if (!node.outputs.some((name) => wanted.has(name))) continue;
    for (const name of node.inputs) wanted.add(name);
    kept.push(node);
  }
  return kept.reverse();
}
