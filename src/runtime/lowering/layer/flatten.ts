import { flatten } from '../../../compiler/library/layer/flatten.js';
import { toElements } from '../image-layout.js';
import type { LayerLowering } from '../lowering.js';

/** `[batch, height, width, channels]` to `[batch, features]`, channel by channel. */
export const flattenLowering: LayerLowering<typeof flatten.parameters> = {
  word: flatten,
  forward: (_args, input, context) => toElements(input, context.input),
};
