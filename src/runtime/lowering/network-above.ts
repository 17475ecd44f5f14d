import type { Network } from './network.js';

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
  return { ...network, input: below.output, inputKey: key, nodes: above };
}
