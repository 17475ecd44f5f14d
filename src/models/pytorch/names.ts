import type { ExperimentIr, LayerNode } from '../../compiler/ir/experiment.js';
import type { LayerReference } from '../../compiler/ir/value.js';
import { referenceKey, weightKey } from '../../runtime/lowering/network.js';
import type { Words } from '../../words/word.js';

/** The attribute of a module that holds a layer: `dense0`, `mu1`. @throws RangeError for a layer without an address */
export function attributeOf({ word, address }: LayerNode): string {
  if (address === null) throw new RangeError(`the layer '${word}' has no weights`);
  const [, ordinal = '', ...heads] = address.split('/');
  return `${heads.length > 0 ? heads.join('_') : word}${ordinal}`;
}

/** Whether the layer's weight is another's: then only its bias is its own, and it is no module of PyTorch's. */
export function isTied({ weights }: LayerNode): boolean {
  return weights.some(({ tiedTo }) => tiedTo !== null);
}

/** The attribute of a tied layer's own bias. */
export function tiedBiasOf(node: LayerNode): string {
  return `${attributeOf(node)}_bias`;
}

/** What each weight is called in the exported model, by its key: `encoder/0/weight` is `encoder.dense0.weight`. */
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

/** The layer of a block whose address it is. @throws RangeError where there is none */
export function layerAt({ encoder, decoder }: Pick<ExperimentIr, 'encoder' | 'decoder'>, address: string): LayerNode {
  const all = [...encoder, ...decoder].flatMap((node) => [node, ...Object.values(node.heads).flat()]);
  const found = all.find((node) => node.address === address);
  if (!found) throw new RangeError(`no layer has the address '${address}'`);
  return found;
}

/** What a layer's output is called where a loss or a later layer needs it: its label, or its place. */
export function seenName(
  reference: LayerReference,
  experiment: Pick<ExperimentIr, 'encoder' | 'decoder'>,
  words: Words,
): string {
  const { block, index, head } = reference;
  const isCode = block === 'encoder' && index === experiment.encoder.length - 1;
  const label = isCode ? 'code' : labelUnder(experiment[block], index, words);
  const name = label ?? referenceKey({ block, index, head: null }).replace('/', '.');
  return head === null ? name : `${name}.${head}`;
}

/** The label of a layer, or of the one that its activations follow. */
function labelUnder(nodes: readonly LayerNode[], index: number, words: Words): string | null {
  for (let at = index; at >= 0; at--) {
    const node = nodes[at];
    if (!node) return null;
    if (node.label !== null) return node.label;
    if (words.find('layer', node.word)?.activation !== true) return null;
  }
  return null;
}
