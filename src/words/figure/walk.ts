import { closed } from '../../compiler/ir/interval.js';
import { describeShape } from '../../compiler/ir/shape.js';
import type { LayerReference } from '../../compiler/ir/value.js';
import { integer, layer } from '../../compiler/library/parameter.js';
import { problem } from '../../compiler/library/word.js';
import { normalQuantile } from '../../numerics/normal-quantile.js';
import { linspace } from '../../numerics/spacing.js';
import type { DrawnFigure, FigureSubject } from '../../runtime/figures/figure.js';
import { unmetNeed } from './unmet-need.js';

const parameters = {
  n: integer({ doc: 'Pictures in a row, and rows.', unit: 'examples', default: 20 }),
  on: layer({ doc: 'The layer with two units that is walked over.', default: 'code' }),
  condition: integer({
    doc: 'The class that a conditional decoder is given, from 0.',
    range: closed(0, 65_535),
    default: 0,
  }),
};

export const walk: DrawnFigure<typeof parameters> = {
  family: 'figure',
  name: 'walk',
  version: 1,
  doc:
    'What the decoder makes of a grid of codes in two dimensions: of a variational autoencoder at the quantiles of the ' +
    'prior, of any other over the range of the test codes.',
  source: 'Kingma and Welling, Auto-encoding variational Bayes, ICLR 2014, figure 4',
  parameters,
  example: `encoder { dense(64, activation=relu)  code: dense(2) }
  show { walk(10) }`,
  mistake: { text: 'show { walk() }', code: 'AE510' },
  oracle: 'test:tests/runtime/figures/walk.test.ts',
  needsLabels: false,
  check(_args, { on }) {
    if (!on) return [];
    if (on.output.length === 1 && on.output[0] === 2) return unmetNeed('walk', on);
    return [
      problem('AE510', `a walk needs a code of 2 units, and this one is ${describeShape(on.output)}`, {
        argument: 'on',
      }),
    ];
  },
  async draw({ n, on, condition }, subject) {
    const { experiment } = subject;
    const whole = { ...on, head: null };
    const unmet = subject.needBelow(whole);
    if (unmet !== null) {
      const { drawNotice } = await import('../../runtime/figures/notice.js');
      return drawNotice(unmet.message);
    }
    const [{ drawWalk }, { levelsOfRange }] = await Promise.all([
      import('../../runtime/figures/walk.js'),
      import('../../runtime/figures/tile.js'),
    ]);
    const [first, second] = coordinates(whole, n, subject);
    // The second dimension grows upwards.
    const rows = [...second].reverse();
    const codes = rows.flatMap((y) => first.flatMap((x) => [x, y]));
    const { values, shape } = subject.decode(Float32Array.from(codes), whole, condition);
    return drawWalk({ first, second: rows, images: values, shape, levels: levelsOfRange(experiment.data.rawRange) });
  },
};

/** Examples at most whose codes a walk goes over. */
const mostExamples = 10_000;

/**
 * A walk's coordinates in each dimension: the prior's quantiles at the midpoints of n equal parts (Kingma and Welling
 * 2014, figure 4), or evenly spaced from the smallest to the largest code of the examples.
 */
function coordinates(
  on: LayerReference,
  n: number,
  { hasPrior, codes }: FigureSubject,
): readonly [readonly number[], readonly number[]] {
  if (hasPrior(on)) {
    const quantiles = Array.from({ length: n }, (_, i) => normalQuantile((i + 0.5) / n));
    return [quantiles, quantiles];
  }
  const { values } = codes(on, mostExamples);
  const range = (dimension: number): readonly number[] => {
    const along = values.filter((_, i) => i % 2 === dimension);
    return linspace(
      along.reduce((low, value) => Math.min(low, value), Number.POSITIVE_INFINITY),
      along.reduce((high, value) => Math.max(high, value), Number.NEGATIVE_INFINITY),
      n,
    );
  };
  return [range(0), range(1)];
}
