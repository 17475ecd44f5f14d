import { integer, list, real } from '../../compiler/library/parameter.js';
import { percentile } from '../../runtime/evaluation/anomaly.js';
import type { DrawnFigure, FigureSubject } from '../../runtime/figures/figure.js';
import type { ScoreGroup } from '../../runtime/figures/score_histogram.js';
import { type ScoreName, scoreParameter, scoresNamed } from '../evaluation/anomaly.js';

const parameters = {
  score: scoreParameter(),
  contamination: real({
    doc: 'The share of the training examples whose scores are above the threshold that is drawn.',
    default: 0.1,
    range: { low: 0, lowOpen: true, high: 0.5, highOpen: false },
  }),
  normal: list({
    of: 'class',
    doc: 'The classes that are normal and shown as areas. Those of `train_on` if it is left out.',
    default: null,
  }),
  bins: integer({
    doc: 'The number of bars.',
    default: 60,
    range: { low: 2, lowOpen: false, high: 500, highOpen: false },
  }),
};

export const scoreHistogram: DrawnFigure<typeof parameters> = {
  family: 'figure',
  name: 'score_histogram',
  peers: ['anomaly_histogram', 'hist'],
  version: 1,
  doc:
    'How the anomaly scores of the test examples are distributed, for each class: normal classes as areas, others as ' +
    'lines, and as a dashed line the threshold that a share `contamination` of the training examples exceeds. Of more ' +
    'than ten classes those that are not normal are taken together; without labels all are.',
  parameters,
  example: 'show { score_histogram() }',
  mistake: { text: 'show { score_histogram(bins=1) }', code: 'AE306' },
  oracle: 'test:tests/runtime/figures/score_histogram.test.ts',
  needsLabels: false,
  check: () => [],
  isChart: true,
  async draw({ score, contamination, normal, bins }, subject) {
    const { drawScoreHistogram } = await import('../../runtime/figures/score_histogram.js');
    const scores = scoresIn('shown', score, subject);
    const trained = scoresIn('train', score, subject);
    return drawScoreHistogram({
      groups: await groupsOf(scores, normal ?? subject.experiment.data.trainOn ?? [], subject),
      bins,
      upTo: scores.length === 0 ? 0 : percentile(scores, mostShown),
      threshold: percentile(trained, 100 * (1 - contamination)),
      xLabel: xLabels[score],
    });
  },
};

const xLabels: Readonly<Record<ScoreName, string>> = {
  distance: 'distance from the reconstruction',
  mse: 'mean squared error of the reconstruction',
  mae: 'mean absolute error of the reconstruction',
  max: 'largest error of a value',
};

function scoresIn(part: 'train' | 'shown', score: ScoreName, subject: FigureSubject): Float64Array {
  return Float64Array.from([...subject.reconstructions(part)].flatMap((examples) => [...scoresNamed(examples, score)]));
}

const mostClasses = 10;

/** Percentile of the scores that the axis reaches. */
const mostShown = 99.5;

async function groupsOf(
  scores: Float64Array,
  normal: readonly string[],
  { classNames, classes }: FigureSubject,
): Promise<readonly ScoreGroup[]> {
  const { classHue, ink } = await import('../../runtime/figures/colour.js');
  const labels = classes(scores.length);
  if (labels === null) return [{ name: 'all examples', scores, hue: classHue(0), isNormal: true }];
  const nameOf = (label: number) => classNames?.[label] ?? String(label);
  const isNormal = (label: number) => normal.includes(nameOf(label)) || normal.includes(String(label));
  const present = [...new Set(labels)].sort((a, b) => a - b);
  const of = (isIn: (label: number) => boolean) => scores.filter((_, i) => isIn(labels[i] ?? -1));
  if (present.length <= mostClasses) {
    return present.map((label) => ({
      name: nameOf(label),
      scores: of((one) => one === label),
      hue: classHue(label),
      isNormal: isNormal(label),
    }));
  }
  return [
    { name: 'normal', scores: of(isNormal), hue: classHue(0), isNormal: true },
    {
      name: 'others',
      scores: of((label) => !isNormal(label)),
      hue: normal.length === 0 ? ink : classHue(1),
      isNormal: false,
    },
  ];
}
