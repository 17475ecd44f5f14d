import type { ExperimentIr } from '../../compiler/ir/experiment.js';
import { isLayerReference, type LayerReference } from '../../compiler/ir/value.js';
import { referenceKey } from '../../runtime/lowering/network.js';
import type { Words } from '../../words/word.js';
import { undoneBy } from './layers.js';

/** Which outputs a pass has to remember, by the keys of their layers. */
export interface SeenOutputs {
  /** What terms of the loss look at. */
  readonly outputs: ReadonlySet<string>;
  /** Pools that are undone, whose maxima's places are needed. */
  readonly pools: ReadonlySet<string>;
}

/** What the loss and the layers that undo pools need of a pass. */
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
