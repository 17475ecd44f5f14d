import type { ExperimentIr } from '../../compiler/ir/experiment.js';
import { isLayerReference, type LayerReference } from '../../compiler/ir/value.js';
import { referenceKey } from '../../runtime/lowering/network.js';
import type { Words } from '../../words/word.js';
import { undoneBy } from './layers.js';

/** Outputs that a forward pass must keep, by layer key. */
export interface SeenOutputs {
  /** Outputs that loss terms use. */
  readonly outputs: ReadonlySet<string>;
  /** Pools inverted later, whose argmax is needed. */
  readonly pools: ReadonlySet<string>;
}

/** Collects the outputs that the loss and unpooling layers need. */
export function seenOutputs(
  { encoder, decoder, loss }: Pick<ExperimentIr, 'encoder' | 'decoder' | 'loss'>,
  words: Words,
): SeenOutputs {
  const keyOf = ({ block, index }: LayerReference) => referenceKey({ block, index, head: null });
  const named = loss.flatMap(({ loss: { arguments: args } }) =>
    Object.values(args).flatMap(({ value }) => (isLayerReference(value) ? [keyOf(value)] : [])),
  );
  const pools = [...encoder, ...decoder].flatMap((node) => undoneBy(node, words) ?? []).map(keyOf);
  return { outputs: new Set(named), pools: new Set(pools) };
}
