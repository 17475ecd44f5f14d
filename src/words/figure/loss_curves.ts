import type { DrawnFigure } from '../../runtime/figures/figure.js';

const parameters = {};

export const lossCurves: DrawnFigure<typeof parameters> = {
  family: 'figure',
  name: 'loss_curves',
  version: 1,
  doc: 'The loss and each of its terms over the epochs, in training and, where there is one, in validation.',
  parameters,
  example: 'show { loss_curves() }',
  mistake: { text: 'show { loss_curves(log) }', code: 'AE304' },
  oracle: 'test:tests/runtime/figures/loss_curves.test.ts',
  needsLabels: false,
  check: () => [],
  isChart: true,
  async draw(_args, { lossCurves: curves }) {
    const { drawLossCurves } = await import('../../runtime/figures/loss_curves.js');
    return drawLossCurves(curves());
  },
  async chart(curves) {
    const { lossCurvesChart } = await import('../../runtime/figures/loss_curves.js');
    return lossCurvesChart(curves);
  },
};
