import { holderOf } from '../../compiler/ir/experiment.js';
import { elementCount, type Shape } from '../../compiler/ir/shape.js';
import { layer } from '../../compiler/library/parameter.js';
import { problem } from '../../compiler/library/word.js';
import type { DrawnFigure } from '../../runtime/figures/figure.js';

const parameters = {
  on: layer({ doc: 'The layer whose units are shown.', default: 'code' }),
};

export const filters: DrawnFigure<typeof parameters> = {
  family: 'figure',
  name: 'filters',
  version: 1,
  doc:
    'What each unit looks for: its weights `w / ‖w‖` as a picture, all units in a grid. The layer must see the pixels ' +
    'themselves.',
  parameters,
  example: 'show { filters(code) }',
  mistake: {
    text: `encoder { dense(64, activation=relu)  code: dense(16) }
  show { filters(code) }`,
    code: 'AE510',
  },
  oracle: 'test:tests/runtime/figures/filters.test.ts',
  needsLabels: false,
  check(_args, { on }) {
    if (!on || on.index === 0) return [];
    return [
      problem('AE510', 'the weights of this layer are not of pixels, so they are no picture', {
        argument: 'on',
        hint: 'label the first layer and show that one',
      }),
    ];
  },
  tiles: { paper: 'black', grouped: false },
  preview: 'units',
  async draw({ on }, { experiment, weights }) {
    const { drawFilters } = await import('../../runtime/figures/filters.js');
    const owner = experiment[on.block].slice(0, on.index + 1).findLast((layer) => layer.weights.length > 0);
    const weight = owner?.weights.find(({ name }) => name === 'weight');
    const place = owner && weight && holderOf(owner, weight);
    const values = place && weights.get(`${place.address}/${place.name}`);
    const [units, ...kernel] = weight?.shape ?? [];
    if (!owner || !values || units === undefined) throw new RangeError('the layer has no weights to show');
    const { shape } = experiment.data;
    return drawFilters({
      weights: values,
      units,
      // A convolution's are [channels, height, width], or [channels, length], whose channels are drawn as rows; a dense
      // layer's have one number for each input.
      shape:
        kernel.length > 1 ? imageShape(kernel) : elementCount(shape) === values.length / units ? shape : owner.input,
    });
  },
};

function imageShape(kernel: Shape): Shape {
  return kernel.length === 2 ? [1, ...kernel] : kernel;
}
