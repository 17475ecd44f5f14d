import { type ExperimentIr, type LayerNode, withHeads } from '../../compiler/ir/experiment.js';
import { isInputReference, type LayerReference } from '../../compiler/ir/value.js';
import { wordOfUse } from '../../compiler/library/library.js';
import { referenceKey, weightKey } from '../../runtime/lowering/network.js';
import type { Words } from '../../words/word.js';

/** The module's attribute for a layer: `dense0`, `mu1`, and `mu1_2` for the third layer of a head. */
export function attributeOf({ word, address }: LayerNode): string {
  if (address === null) throw new RangeError(`the layer '${word}' has no weights`);
  const [, ordinal = '', head = word, ...inner] = address.split('/');
  return [`${head}${ordinal}`, ...inner].join('_');
}

/** Whether the layer uses another layer's weight transposed. It then owns only its bias and is no PyTorch module. */
export function isTied({ weights }: LayerNode): boolean {
  return weights.some(({ tiedTo }) => tiedTo?.transposed === true);
}

/** The address of the layer whose module this one calls again; null for a layer with weights of its own. */
export function sharedAddress({ weights }: LayerNode): string | null {
  return weights.find(({ tiedTo }) => tiedTo?.transposed === false)?.tiedTo?.address ?? null;
}

/** Whether a layer or one of its heads uses weights of the other block. */
export function usesOtherBlock(node: LayerNode, block: 'encoder' | 'decoder'): boolean {
  const other = ({ weights }: LayerNode) =>
    weights.some(({ tiedTo }) => tiedTo !== null && !tiedTo.address.startsWith(`${block}/`));
  return other(node) || Object.values(node.heads).flat().some(other);
}

/** The attribute of a tied layer's own bias. */
export function tiedBiasOf(node: LayerNode): string {
  return `${attributeOf(node)}_bias`;
}

/** Maps weight keys to names in the exported model: `encoder/0/weight` to `encoder.dense0.weight`. */
export function tensorNames({
  encoder,
  decoder,
}: Pick<ExperimentIr, 'encoder' | 'decoder'>): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const visit = (block: string, nodes: readonly LayerNode[]) => {
    for (const node of nodes) {
      for (const heads of Object.values(node.heads)) visit(block, heads);
      for (const { name, tiedTo } of node.weights) {
        if (tiedTo !== null || node.address === null) continue;
        const attribute = isTied(node) ? `${attributeOf(node)}_${name}` : `${attributeOf(node)}.${name}`;
        names.set(weightKey(node.address, name), `${block}.${attribute}`);
      }
    }
  };
  visit('encoder', encoder);
  visit('decoder', decoder);
  return names;
}

/** Finds a layer by its address. @throws RangeError if there is none */
export function layerAt({ encoder, decoder }: Pick<ExperimentIr, 'encoder' | 'decoder'>, address: string): LayerNode {
  const all = withHeads([...encoder, ...decoder]);
  const found = all.find((node) => node.address === address);
  if (!found) throw new RangeError(`no layer has the address '${address}'`);
  return found;
}

/** Whether a block's `forward` has a layer's output, or is given it: the network's input, or the code in the decoder. */
export function isIn(
  block: 'encoder' | 'decoder',
  { block: owner, index, head }: LayerReference,
  { encoder }: Pick<ExperimentIr, 'encoder'>,
): boolean {
  return owner === block || (owner === 'encoder' && head === null && index === encoder.length - 1);
}

/** The variable of `forward` that keeps a layer's output for a later layer. */
export function skipName(
  reference: LayerReference,
  experiment: Pick<ExperimentIr, 'encoder' | 'decoder'>,
  words: Words,
): string {
  return `skip_${seenName(reference, experiment, words).replaceAll('.', '_')}`;
}

/** The key of a layer's output for losses and later layers: its label, or its place. */
export function seenName(
  reference: LayerReference,
  experiment: Pick<ExperimentIr, 'encoder' | 'decoder'>,
  words: Words,
): string {
  const { block, index, head } = reference;
  if (isInputReference(reference)) return 'input';
  const isCode = block === 'encoder' && index === experiment.encoder.length - 1;
  const label = isCode ? 'code' : labelUnder(experiment[block], index, words);
  const name = label ?? referenceKey({ block, index, head: null }).replace('/', '.');
  return head === null ? name : `${name}.${head}`;
}

/** The label of a layer, or of the layer its activations follow. */
function labelUnder(nodes: readonly LayerNode[], index: number, words: Words): string | null {
  for (let at = index; at >= 0; at--) {
    const node = nodes[at];
    if (!node) return null;
    if (node.label !== null) return node.label;
    if (wordOfUse(words, 'layer', node)?.activation !== true) return null;
  }
  return null;
}
