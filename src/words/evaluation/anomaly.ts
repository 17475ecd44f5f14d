import { partParameter } from '../../compiler/library/measured-parts.js';
import { choice, list, real } from '../../compiler/library/parameter.js';
import { type EvaluationContext, type Problem, problem } from '../../compiler/library/word.js';
import {
  classified,
  measureRanking,
  percentile,
  type ScoredExamples,
  scoresOf,
} from '../../runtime/evaluation/anomaly.js';
import type { EvaluatedModel, Measured, ModelEvaluation } from '../../runtime/evaluation/measure.js';
import type { Work } from '../../runtime/evaluation/work.js';

/** What the names of scores mean. */
const meanings = { distance: 'norm', mse: 'mean square', mae: 'mean magnitude', max: 'largest' } as const;
export type ScoreName = keyof typeof meanings;
export const scoreNames = ['distance', 'mse', 'mae', 'max'] as const satisfies readonly ScoreName[];

/** The scores of examples, by the name of a score. */
export function scoresNamed(examples: ScoredExamples, name: ScoreName): Float64Array {
  return scoresOf(examples, meanings[name]);
}

/** Whether a score adds up magnitudes of differences, rather than their squares. */
export function isOfMagnitudes(name: ScoreName): boolean {
  return meanings[name] === 'mean magnitude';
}

/** The argument that names a score. */
export function scoreParameter() {
  return choice({
    doc:
      'How ill an example is reconstructed: its Euclidean `distance` to the reconstruction, the mean squared (`mse`) or ' +
      'absolute (`mae`) difference, or the largest difference of a value (`max`), in the network’s units.',
    options: scoreNames,
    default: 'distance',
  });
}

const parameters = {
  score: scoreParameter(),
  contamination: real({
    doc: 'The share of the training examples whose scores are above the threshold.',
    default: 0.1,
    range: { low: 0, lowOpen: true, high: 0.5, highOpen: false },
  }),
  normal: list({
    of: 'class',
    doc: 'The classes that are normal; all others are anomalies. Those of `train_on` if it is left out.',
    default: null,
  }),
  part: partParameter(),
};

export const anomaly: ModelEvaluation<typeof parameters> = {
  family: 'evaluation',
  name: 'anomaly',
  peers: ['roc_auc_score', 'auroc', 'outlier', 'novelty', 'average_precision_score', 'precision_n_scores'],
  version: 1,
  doc:
    'Whether examples of other classes than the normal ones are reconstructed worse, measured by the scores of the test ' +
    'examples: the area under the ROC curve, average precision, and precision at n, as many as there are anomalies. A ' +
    'threshold comes from the scores of the training examples alone, a share `contamination` of which it calls ' +
    'anomalies; precision, recall and F1 are those at the threshold.',
  source: 'Zhao, Nasrullah and Li, PyOD: A Python toolbox for scalable outlier detection, JMLR 20 (2019)',
  parameters,
  example: `data digits(take=64, test=64, train_on=[0])
  evaluate { anomaly(score=distance, contamination=0.1) }`,
  mistake: { text: 'evaluate { anomaly() }', code: 'AE302' },
  oracle: 'test:tests/runtime/evaluation/anomaly.test.ts',
  metrics: {
    auroc: {
      doc: 'area under the ROC curve: how often an anomaly has a higher score than a normal example',
      unit: null,
      goal: 'max',
    },
    average_precision: { doc: 'mean precision over the recalls', unit: null, goal: 'max' },
    precision_at_n: {
      doc: 'share of anomalies among as many of the highest scores as there are anomalies',
      unit: null,
      goal: 'max',
    },
    precision: { doc: 'share of anomalies among the scores above the threshold', unit: null, goal: 'max' },
    recall: { doc: 'share of the anomalies whose score is above the threshold', unit: null, goal: 'max' },
    f1: { doc: 'harmonic mean of the two', unit: null, goal: 'max' },
    threshold: {
      doc: 'score that a share `contamination` of the training examples exceeds',
      unit: 'network’s units',
      goal: null,
    },
  },
  needsLabels: true,
  check: ({ normal }, context) => problemsOf(normal, context),
  measures: 'model',
  measure: (args, model) => measureAnomalies(args, model),
  memory: (_args, { train, test }) => 2 * DOUBLE * (train + test),
};

const DOUBLE = 8;

function problemsOf(normal: readonly string[] | null, { trainOn, classNames }: EvaluationContext): readonly Problem[] {
  const normals = normal ?? trainOn;
  if (normals === null) {
    return [
      problem('AE302', "'anomaly' needs to know which classes are normal", {
        hint: 'train on them alone, data …(train_on=[0]), or name them: anomaly(normal=[0])',
      }),
    ];
  }
  if (classNames === null) return [];
  const unknown = normals.find((name) => !classNames.includes(name));
  if (unknown !== undefined) {
    const named = classNames.slice(0, mostNamed).join(', ');
    return [
      problem('AE306', `the data have no class '${unknown}'`, {
        argument: 'normal',
        hint: `the classes are ${named}${classNames.length > mostNamed ? ', …' : ''}`,
      }),
    ];
  }
  if (!classNames.every((name) => normals.includes(name))) return [];
  return [
    problem('AE510', 'there is no anomaly to find: all classes of the data are normal', {
      argument: normal === null ? null : 'normal',
    }),
  ];
}

/** Most classes that a hint names. */
const mostNamed = 40;

function* measureAnomalies(
  {
    score,
    contamination,
    normal,
  }: { readonly score: ScoreName; readonly contamination: number; readonly normal: readonly string[] | null },
  model: EvaluatedModel,
): Work<Measured> {
  const normals = normal ?? model.trainOn;
  if (normals === null) throw new RangeError('no class is said to be normal, which the compiler rejects');
  const all = model.train + model.test;
  let done = 0;
  const scoresIn = function* (part: 'train' | 'test'): Work<Float64Array> {
    const scores = new Float64Array(model[part]);
    let at = 0;
    for (const chunk of model.reconstructions(part)) {
      scores.set(scoresNamed(chunk, score), at);
      at += chunk.seen.rows;
      done += chunk.seen.rows;
      yield done / all;
    }
    return scores;
  };
  const trained = yield* scoresIn('train');
  const tested = yield* scoresIn('test');
  const isAnomaly = model.isOfClasses('test', normals).map((isNormal) => 1 - isNormal);
  const threshold = percentile(trained, 100 * (1 - contamination));
  const { auroc, averagePrecision, precisionAtN } = measureRanking(tested, isAnomaly);
  return {
    auroc,
    average_precision: averagePrecision,
    precision_at_n: precisionAtN,
    ...classified(tested, isAnomaly, threshold),
    threshold,
  };
}
