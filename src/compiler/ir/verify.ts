import { type ExperimentIr, type LayerNode, wantedOf } from './experiment.js';
import { type Shape, sameShape } from './shape.js';
import { type Arguments, isInputReference, type LayerReference, layersNamedIn, ownValue } from './value.js';

/**
 * Lists the violations of the IR's invariants. The checker only produces valid IR; this is for callers that build their
 * own, and for tests between stages.
 */
export function verify(ir: ExperimentIr): readonly string[] {
  const wrong: string[] = [];
  const addresses = new Set<string>();
  const nodes = [...ir.encoder, ...ir.decoder];

  const chain = (layers: readonly LayerNode[], from: Shape, where: string): Shape => {
    let shape = from;
    for (const [i, node] of layers.entries()) {
      if (!sameShape(node.input, shape)) wrong.push(`${where}[${i}] takes ${node.input}, and gets ${shape}`);
      address(node, `${where}[${i}]`);
      const [seen] = layersNamedIn(node.arguments);
      for (const [head, inner] of Object.entries(node.heads)) {
        chain(inner, seen ? outputAt(seen, shape) : shape, `${where}[${i}].${head}`);
      }
      references(node.arguments, `${where}[${i}]`);
      shape = node.output;
    }
    return shape;
  };
  const address = (node: LayerNode, where: string) => {
    if (node.address === null) {
      if (node.weights.length > 0) wrong.push(`${where} has weights and no address`);
      return;
    }
    if (addresses.has(node.address)) wrong.push(`two layers have the address ${node.address}`);
    addresses.add(node.address);
  };
  /** Output of a layer that a head sees in place of what its own layer does. */
  const outputAt = (reference: LayerReference, otherwise: Shape): Shape =>
    isInputReference(reference) ? ir.data.shape : (ir[reference.block][reference.index]?.output ?? otherwise);
  const references = (args: Arguments, where: string) => {
    for (const reference of layersNamedIn(args)) {
      if (isInputReference(reference)) continue;
      const { block, index, head } = reference;
      const node = ir[block][index];
      if (!node) wrong.push(`${where} names ${block}[${index}], which is not there`);
      else if (head !== null && ownValue(node.heads, head) === undefined)
        wrong.push(`${where} names a head that is not there`);
    }
  };

  const code = chain(ir.encoder, ir.data.shape, 'encoder');
  const output = chain(ir.decoder, code, 'decoder');
  const wanted = wantedOf(ir).shape;
  if (!sameShape(output, wanted)) wrong.push(`the decoder gives ${output}, and it should give ${wanted}`);
  for (const { name, loss } of ir.loss) references(loss.arguments, `loss ${name}`);
  const withHeads = nodes.flatMap((node) => [node, ...Object.values(node.heads).flat()]);
  for (const node of withHeads) {
    for (const weight of node.weights) {
      if (weight.tiedTo === null) continue;
      const { address: owner, name } = weight.tiedTo;
      const owned = withHeads.find((n) => n.address === owner)?.weights.find((w) => w.name === name);
      if (!owned || owned.tiedTo !== null)
        wrong.push(`${node.address} is tied to ${owner}.${name}, which has no value`);
    }
  }
  return wrong;
}
