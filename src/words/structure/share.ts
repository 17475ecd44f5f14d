import { layer } from '../../compiler/library/parameter.js';
import type { StructureWord } from '../../compiler/library/word.js';

const parameters = {
  layer: layer({
    doc: 'What an earlier label names: a layer with its activation, a block, a `residual` or a `repeat`.',
  }),
};

export const share: StructureWord<typeof parameters> = {
  family: 'structure',
  name: 'share',
  peers: ['shared', 'reuse', 'weight_sharing'],
  version: 1,
  doc:
    'The layers that a label names once more, with the same weights, as a module that PyTorch’s `forward` calls twice. The ' +
    'gradient is the sum over all uses; optimizer, decay, constraint and the count of parameters know the weights once. The ' +
    'weights must fit what comes in here: a convolution takes images of any size, a dense layer as many features as before. ' +
    'Layers that draw random numbers draw their own. A skip from outside the layers comes from the same layer as there; ' +
    'that of a `residual` from its own input.',
  parameters,
  example: `encoder { dense(32, activation=relu)  again: dense(32, activation=relu)  share(again)  code: dense(16) }`,
  mistake: { text: 'encoder { h: dense(32)  share(h)  code: dense(16) }', code: 'AE402' },
  oracle: 'golden:shared',
  copies: () => 1,
  hidesLabels: false,
  shares: 'layer',
};
