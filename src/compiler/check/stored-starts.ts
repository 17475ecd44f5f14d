import { addressOf, type LayerNode, type WeightNode } from '../ir/experiment.js';
import type { Shape } from '../ir/shape.js';
import type { Span } from '../syntax/source.js';
import type { ShapeStep } from './layers.js';

/** A layer whose weights start as those of a layer of a stored run, which the compiler does not read. */
export interface StoredStart {
  readonly word: string;
  readonly label: string | null;
  readonly address: string;
  readonly input: Shape;
  readonly output: Shape;
  readonly weights: readonly Pick<WeightNode, 'name' | 'shape'>[];
  /** The run and its layer, as written. */
  readonly run: string;
  readonly layer: string;
  /** The call of the layer. */
  readonly span: Span;
}

/** The layers that start from stored runs, each once, in the order of the text. */
export function storedStarts(steps: readonly ShapeStep[]): readonly StoredStart[] {
  const starts = new Map<string, StoredStart>();
  const look = (node: LayerNode, span: Span): void => {
    const found = node.weights.flatMap(({ name, shape, initial, tiedTo }) =>
      initial.kind === 'of_run' && tiedTo === null ? [{ name, shape, initial }] : [],
    );
    const [first] = found;
    const address = first === undefined ? null : addressOf(node);
    // A head has a step of its own, before that of its layer.
    if (first !== undefined && address !== null && !starts.has(address)) {
      const { word, label, input, output } = node;
      const { run, layer } = first.initial;
      const weights = found.map(({ name, shape }) => ({ name, shape }));
      starts.set(address, { word, label, address, input, output, weights, run, layer, span });
    }
    for (const nodes of Object.values(node.heads)) for (const head of nodes) look(head, span);
  };
  for (const { span, nodes } of steps) for (const node of nodes) look(node, span);
  return [...starts.values()];
}
