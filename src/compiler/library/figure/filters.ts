import { layer } from '../parameter.js';
import { type FigureWord, problem } from '../word.js';

const parameters = {
  on: layer({ doc: 'The layer whose units are shown.', default: 'code' }),
};

export const filters: FigureWord<typeof parameters> = {
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
};
