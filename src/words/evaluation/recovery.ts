import { partParameter } from '../../compiler/library/measured-parts.js';
import { type Problem, problem } from '../../compiler/library/word.js';
import type { EvaluatedModel, ModelEvaluation } from '../../runtime/evaluation/measure.js';
import { Detection, fitOf } from '../../runtime/evaluation/recovery.js';
import { between } from '../../runtime/evaluation/work.js';
import { isLinearDecoder } from '../loss/linear-decoder.js';

const parameters = { part: partParameter() };

/** Share of the work that comes before the examples are looked at. */
const shareOfFit = 0.5;

export const recovery: ModelEvaluation<typeof parameters> = {
  family: 'evaluation',
  name: 'recovery',
  peers: ['mcc', 'MCC', 'mean_correlation_coefficient', 'feature_uniqueness', 'ground_truth'],
  version: 1,
  doc:
    'How well the units of the code are the features that the data were made of, as with `synth`. Units and features are assigned to one another, one to one, so ' +
    'that the sum of the absolute cosines of their directions is greatest; that of a unit is the column that the decoder adds for it, in raw units. ' +
    '`recovery.mcc` is the mean of these cosines. `precision`, `recall` and `f1` are those of each unit as a detector of its feature (not 0 against not 0), averaged ' +
    'over the units whose feature fires in the measured part; a unit that never fires counts 0. With as many units as features or fewer, features without a unit don’t count.',
  source: 'O’Neill et al., arXiv:2411.13117 (MCC); Chanin and Garriga-Alonso, SynthSAEBench, arXiv:2602.14687',
  parameters,
  example: `data synth(features=24, dim=16, rare=0.05, take=256, validation=16, test=64)
  encoder { code: dense(32, activation=topk(4), init=directions()) }
  decoder { dense(input.size, init=transposed(code)) }
  evaluate { recovery() }`,
  mistake: { text: 'evaluate { recovery() }', code: 'AE510' },
  oracle: 'test:tests/runtime/evaluation/recovery.test.ts',
  metrics: {
    mcc: { doc: 'mean absolute cosine of units and features, assigned one to one', unit: null, goal: 'max' },
    uniqueness: {
      doc: 'features that are the nearest of some unit, over the number of units: less than 1 where units share one',
      unit: 'share',
      goal: 'max',
    },
    precision: {
      doc: 'share of the examples that a unit is active for, for which its feature fires; mean over the units',
      unit: 'share',
      goal: 'max',
    },
    recall: {
      doc: 'share of the examples for which its feature fires, that a unit is active for; mean over the units',
      unit: 'share',
      goal: 'max',
    },
    f1: { doc: 'harmonic mean of both, of each unit; mean over the units', unit: null, goal: 'max' },
    true_l0: { doc: 'features that fire for an example, mean over the examples', unit: 'features', goal: null },
  },
  needsLabels: false,
  check(_, { trueFeatures, target, decoder }): readonly Problem[] {
    if (trueFeatures === null) {
      return [
        problem(
          'AE510',
          "'recovery' compares units with the features that data were made of, and these data have none",
          {
            hint: 'data synth(features=512, dim=64) draws examples of known features',
          },
        ),
      ];
    }
    if (target !== null) {
      return [
        problem(
          'AE510',
          "'recovery' compares what the decoder adds up with features of the data, and it gives a target",
        ),
      ];
    }
    if (isLinearDecoder(decoder)) return [];
    const message = `'recovery' needs a decoder of one dense layer without an activation, and this has ${decoder.join(', ')}`;
    return [problem('AE510', message, { hint: 'write: decoder { dense(input.size) }' })];
  },
  measures: 'model',
  *measure(_, model) {
    const truth = truthOf(model);
    const units = yield* between(0, 0.1, model.directions());
    const fit = yield* between(0.1, shareOfFit, fitOf(units, truth.directions, model.products));
    const detection = new Detection(fit.featureOf);
    let done = 0;
    for (const codes of model.outputs(model.codeLayer, 'test')) {
      detection.add(codes, truth.activations('test', done, codes.rows));
      done += codes.rows;
      yield shareOfFit + (1 - shareOfFit) * (done / model.test);
    }
    return { mcc: fit.mcc, uniqueness: fit.uniqueness, ...detection.scores, true_l0: detection.trueL0 };
  },
  memory: (_, { code, trueFeatures }) => 4 * code * (trueFeatures ?? 0),
};

function truthOf({ truth }: EvaluatedModel) {
  if (truth === null) throw new RangeError('data without known features');
  return truth;
}
