import { closed, describeInterval, type Interval, within } from '../../compiler/ir/interval.js';
import { arePixels, saidRange } from '../../compiler/library/pixels.js';
import { type LossContext, type Problem, problem } from '../../compiler/library/word.js';
import { linear } from '../layer/activations.js';

const probabilities = closed(0, 1);

/**
 * Warns if the output cannot get as low or as high as the data: the loss then has a floor that no training can get
 * below. An open end counts as reached.
 */
export function reachesTarget(context: LossContext): readonly Problem[] {
  const { prediction, target, pretrained } = context;
  if (prediction.low <= target.low && prediction.high >= target.high) return [];
  return [
    problem(
      'AE503',
      `${outputOf(context)} is in ${describeInterval(prediction)}, and ${targetOf(context)} is in ${describeInterval(target)}: ` +
        'it cannot reach all of it',
      {
        severity: 'warning',
        hint:
          pretrained === null
            ? 'end the decoder in activation=linear, or bring the data into the range of the output'
            : 'leave output= out, or use output=linear',
      },
    ),
  ];
}

function targetOf({ pretrained, isInput }: LossContext): string {
  if (!isInput) return 'the target';
  return pretrained?.rebuilt == null ? 'the data' : `the output of '${pretrained.rebuilt}', which is to be rebuilt,`;
}

function outputOf({ pretrained, predictionLayer }: LossContext): string {
  if (pretrained === null) return predictionLayer === null ? 'the output' : `the output of '${predictionLayer}'`;
  return `the reconstruction that pretrains '${pretrained.name}', by '${predictionLayer ?? linear.name}',`;
}

/** An error where a target is no probability. */
export function targetIsProbability(loss: string, context: LossContext): readonly Problem[] {
  const { target, targetOfAll, isInput, raw, pretrained } = context;
  const data = isInput ? 'data' : 'a target';
  if (within(target, probabilities)) {
    if (within(targetOfAll, probabilities)) return [];
    const message = `${loss} needs ${data} in [0, 1], and examples that are not for training may lie beyond ${describeInterval(target)}`;
    return [problem('AE501', message, { hint: 'write min_max(clip=true), or use mse()' })];
  }
  if (pretrained !== null && pretrained.rebuilt !== null) {
    const message = `${loss} needs what is rebuilt in [0, 1], and the output of '${pretrained.rebuilt}' is in ${describeInterval(target)}`;
    return [
      problem('AE501', message, {
        hint: `use loss=mse for '${pretrained.name}', or give the layer below it activation=sigmoid`,
      }),
    ];
  }
  return [
    problem(
      'AE501',
      `${loss} needs ${data} in [0, 1], and ${isInput ? 'this data' : 'this target'} is in ${describeInterval(target)}`,
      {
        hint: arePixels(raw)
          ? 'leave out normalize, or use mse()'
          : `${saidRange(raw)}, or bring it there with min_max(clip=true), or use mse()`,
      },
    ),
  ];
}

/** Rejects an output that is not a probability. */
export function predictionIsProbability(loss: string, context: LossContext): readonly Problem[] {
  const { prediction, pretrained } = context;
  if (within(prediction, probabilities)) return [];
  return [
    problem(
      'AE502',
      `${loss} needs an output in [0, 1], and ${outputOf(context)} is in ${describeInterval(prediction)}`,
      {
        hint:
          pretrained === null
            ? 'add activation=sigmoid to the last layer, or use bce_with_logits()'
            : 'add output=sigmoid, or use loss=bce_with_logits',
      },
    ),
  ];
}

/** Warns if the output is not a logit: it is already a probability, or cannot reach the logits of 0 or 1. */
export function predictionIsLogit(loss: string, context: LossContext): readonly Problem[] {
  const { prediction, pretrained } = context;
  if (unbounded(prediction)) return [];
  const range = `${outputOf(context)} is in ${describeInterval(prediction)}`;
  const linear = pretrained === null ? 'leave out the activation of the last layer' : 'add output=linear';
  return within(prediction, probabilities)
    ? [
        problem('AE502', `${loss} applies sigmoid to its output, and ${range}: it looks like a probability already`, {
          severity: 'warning',
          hint: `${linear}, or use bce()`,
        }),
      ]
    : [
        problem('AE503', `${loss} needs logits of either sign, and ${range}`, {
          severity: 'warning',
          hint: linear,
        }),
      ];
}

function unbounded({ low, high }: Interval): boolean {
  return low === Number.NEGATIVE_INFINITY && high === Number.POSITIVE_INFINITY;
}
