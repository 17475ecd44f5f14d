import { wantedOf } from '../../compiler/ir/experiment.js';
import { closed } from '../../compiler/ir/interval.js';
import { describeShape } from '../../compiler/ir/shape.js';
import type { LayerReference } from '../../compiler/ir/value.js';
import { integer, layer } from '../../compiler/library/parameter.js';
import { type FigureLayer, type Problem, problem } from '../../compiler/library/word.js';
import { normalQuantile } from '../../numerics/normal-quantile.js';
import { linspace } from '../../numerics/spacing.js';
import type { DrawnFigure, FigureSubject } from '../../runtime/figures/figure.js';
import { unmetNeed } from './unmet-need.js';

const parameters = {
  n: integer({ doc: 'Pictures in a row, and rows.', unit: 'examples', default: 20 }),
  on: layer({ doc: 'The layer with two units that is walked over.', default: 'code' }),
  condition: integer({
    doc:
      'The class or category that a conditional decoder is given, from 0. Without it there is a walk for each, side by side, ' +
      'for the first 25 of them.',
    range: closed(0, 65_535),
    default: null,
  }),
};

export const walk: DrawnFigure<typeof parameters> = {
  family: 'figure',
  name: 'walk',
  version: 1,
  doc:
    'What the decoder makes of a grid of codes in two dimensions: of a variational autoencoder at the quantiles of the ' +
    'prior, of any other over the range of the test codes. Of a conditional decoder, one for each class or category.',
  source: 'Kingma and Welling, Auto-encoding variational Bayes, ICLR 2014, figure 4',
  parameters,
  example: `encoder { dense(64, activation=relu)  code: dense(2) }
  show { walk(10) }`,
  mistake: { text: 'show { walk() }', code: 'AE510' },
  oracle: 'test:tests/runtime/figures/walk.test.ts',
  needsLabels: false,
  check({ condition }, { on }) {
    if (!on) return [];
    if (condition !== null && condition >= on.conditions) return [noSuchCondition(condition, on)];
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
    const [{ drawWalk, drawWalks }, { levelsOfRange }] = await Promise.all([
      import('../../runtime/figures/walk.js'),
      import('../../runtime/figures/tile.js'),
    ]);
    const [first, second] = coordinates(whole, n, subject);
    // The second dimension grows upwards.
    const rows = [...second].reverse();
    const codes = rows.flatMap((y) => first.flatMap((x) => [x, y]));
    const levels = levelsOfRange(wantedOf(experiment).rawRange);
    const decoded = (given: number | null) => subject.decode(Float32Array.from(codes), whole, given ?? 0);
    const names = subject.conditionsAbove(whole)?.slice(0, mostWalks) ?? [];
    if (condition === null && names.length > 1) {
      const walks = names.map((title, i) => ({ title, images: decoded(i).values }));
      return drawWalks({ first, second: rows, walks, shape: decoded(0).shape, levels });
    }
    const { values, shape } = decoded(condition);
    return drawWalk({ first, second: rows, images: values, shape, levels });
  },
};

/** Walks in one picture. */
const mostWalks = 25;

function noSuchCondition(condition: number, { conditions }: FigureLayer): Problem {
  if (conditions === 0) {
    return problem('AE510', `'walk' is given a condition, and the layers above take none`, {
      severity: 'warning',
      argument: 'condition',
      hint: 'leave it out',
    });
  }
  return problem('AE510', `there is no condition ${condition}: the layers above take ${conditions}`, {
    argument: 'condition',
    hint: `name one from 0 to ${conditions - 1}, or none to walk with each`,
  });
}

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
