import { linear } from '../../../compiler/library/layer/linear.js';
import type { LayerLowering } from '../lowering.js';

export const linearLowering: LayerLowering<typeof linear.parameters> = {
  word: linear,
  forward: (_args, input) => input,
};
