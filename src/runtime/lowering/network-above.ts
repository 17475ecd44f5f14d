import type { ConditionSizes } from '../../compiler/library/conditions-needed.js';
import type { Network, NetworkNode } from './network.js';

/**
 * The layers above a layer as a separate network, whose input is that layer's output. It keeps all weights of the whole
 * network, as a tied layer may need them.
 *
 * @param key of the layer
 * @throws RangeError if there is no such layer
 */
export function networkAbove(network: Network, key: string): Network {
  const place = network.nodes.findIndex((node) => node.key === key);
  const below = network.nodes[place];
  if (!below) throw new RangeError(`the network has no layer '${key}'`);
  const above = network.nodes.slice(place + 1);
  if (above.length === 0) throw new RangeError(`no layer is above '${key}'`);
  return { ...network, ...conditionsOf(above, network), input: below.output, inputKey: key, nodes: above };
}

/**
 * The layers up to a layer as a network, whose output is that layer's. It keeps all weights of the whole network.
 *
 * @param key of the layer
 * @throws RangeError if there is no such layer
 */
export function networkUpTo(network: Network, key: string): Network {
  const place = network.nodes.findIndex((node) => node.key === key);
  if (place < 0) throw new RangeError(`the network has no layer '${key}'`);
  const nodes = network.nodes.slice(0, place + 1);
  return { ...network, nodes, output: key, ...conditionsOf(nodes, network) };
}

function conditionsOf(nodes: readonly NetworkNode[], { classes, columns }: Network): ConditionSizes {
  return {
    classes: nodes.some(({ given }) => given === 'class') ? classes : 0,
    columns: nodes.some(({ given }) => given !== undefined && given !== 'class') ? columns : 0,
  };
}
