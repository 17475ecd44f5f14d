import type { LayerCode, PytorchLayerPlace } from '../word.js';

/** The layers in braces in Python: their modules, and a variable with the output of each. */
export function headsInPytorch(heads: PytorchLayerPlace['heads']): Pick<LayerCode, 'modules' | 'before'> {
  return {
    modules: heads.flatMap(({ codes }) => codes.flatMap(({ modules }) => modules)),
    before: heads.flatMap(({ head, codes }) => [
      ...codes.flatMap(({ before }) => before),
      `${head} = ${codes.reduce((x, { output }) => output(x), 'x')}`,
    ]),
  };
}
