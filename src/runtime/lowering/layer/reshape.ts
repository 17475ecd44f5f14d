import { reshape } from '../../../compiler/library/layer/reshape.js';
import { toElements, toInside } from '../image-layout.js';
import type { LayerLowering } from '../lowering.js';

/** The same elements, in the language's order, under another shape. */
export const reshapeLowering: LayerLowering<typeof reshape.parameters> = {
  word: reshape,
  forward: (_args, input, context) => toInside(toElements(input, context.input), context.output),
};
