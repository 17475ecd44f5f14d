import type { DiagnosticCollector } from '../diagnostics/collector.js';
import { knownWord, type Library } from '../library/library.js';
import type { LayerChain } from './layers.js';

/** Warns of a layer with a bias directly below one that has its own in its place. */
export function checkDoubledBiases(chain: LayerChain, library: Library, collector: DiagnosticCollector): void {
  for (const { span, nodes } of chain.steps) {
    for (const node of nodes) {
      if (knownWord(library, 'layer', node).addsBias !== true) continue;
      const below = chain.nodes[chain.nodes.indexOf(node) - 1];
      if (!below?.weights.some(({ name, tiedTo }) => name === 'bias' && tiedTo === null)) continue;
      collector.warning('AE532', `'${below.word}' has a bias beside those of '${node.word}'`, span, {
        hint: 'write bias=false in the layer below',
      });
    }
  }
}
