import { elementCount } from '../../compiler/ir/shape.js';
import { layer } from '../../compiler/library/parameter.js';
import { problem } from '../../compiler/library/word.js';
import type { Matrix } from '../../runtime/evaluation/matrix.js';
import { principalComponents, project } from '../../runtime/evaluation/pca.js';
import { completed } from '../../runtime/evaluation/work.js';
import type { DrawnFigure } from '../../runtime/figures/figure.js';

const parameters = {
  on: layer({ doc: 'The layer whose output is shown.', default: 'code' }),
};

export const latentScatter: DrawnFigure<typeof parameters> = {
  family: 'figure',
  name: 'latent_scatter',
  version: 1,
  doc:
    'The codes of the test examples as points in two dimensions, coloured by class where there are labels; of more than ' +
    'two dimensions the first two principal components.',
  parameters,
  example: 'show { latent_scatter(code) }',
  mistake: {
    text: `encoder { code: dense(1) }
  show { latent_scatter(code) }`,
    code: 'AE510',
  },
  oracle: 'test:tests/runtime/figures/latent_scatter.test.ts',
  needsLabels: false,
  check(_args, { on }) {
    if (!on || elementCount(on.output) >= 2) return [];
    return [problem('AE510', 'one dimension is no scatter', { argument: 'on' })];
  },
  isChart: true,
  async draw({ on }, subject) {
    const { drawLatentScatter } = await import('../../runtime/figures/latent_scatter.js');
    const codes = subject.codes(on, mostPoints);
    const [x, y] = codes.columns === 2 ? ['first dimension', 'second dimension'] : componentNames;
    const labels = subject.classes(codes.rows);
    const { classNames } = subject;
    return drawLatentScatter({
      points: inThePlane(codes),
      ...(classNames ? { classNames } : {}),
      ...(labels ? { labels } : {}),
      xLabel: `${x} of the code`,
      yLabel: `${y} of the code`,
    });
  },
};

const mostPoints = 10_000;
/** Values of a code beyond which its principal components are those of as many examples. */
const mostValues = 500;

const componentNames = ['first principal component', 'second principal component'] as const;

/** Two-dimensional codes unchanged; otherwise their first two principal components. */
function inThePlane(codes: Matrix): ArrayLike<number> {
  const { values, rows, columns } = codes;
  if (columns === 2) return values;
  const fitted = columns > mostValues ? Math.min(rows, mostValues) : rows;
  const fitting = { values: values.subarray(0, fitted * columns), rows: fitted, columns };
  return project(codes, completed(principalComponents(fitting, 2)));
}
