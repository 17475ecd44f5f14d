import type { Scalar } from '@tensorflow/tfjs-core';
import type { LayerReference } from '../../compiler/ir/value.js';
import { layer } from '../../compiler/library/parameter.js';
import { type LossLayer, type Problem, problem } from '../../compiler/library/word.js';
import type { LossLoweringContext } from '../../runtime/lowering/lowering.js';
import type { Operations } from '../../runtime/lowering/operations.js';
import { l0Controller, logWeight } from '../layer/l0_controller.js';
import type { PytorchLossPlace } from '../word.js';

/** What steers the weight of a penalty; null for nothing. */
export function controller() {
  return layer({
    peers: ['steered_by', 'adaptive'],
    doc: 'An `l0_controller`, whose weight multiplies the term.',
    default: null,
  });
}

/** A term times the weight that its controller has for the step. */
export function controlled(
  { exp, mul, sum }: Operations,
  value: Scalar,
  { weight }: Pick<LossLoweringContext, 'weight'>,
  by: LayerReference | null,
): Scalar {
  return by === null ? value : mul<Scalar>(value, exp(sum<Scalar>(weight(by, logWeight))));
}

/** @param by the layer that the argument names, if it names one */
export function checkController(by: LossLayer | undefined): readonly Problem[] {
  if (by === undefined || by.word === l0Controller.name) return [];
  return [
    problem('AE504', `an l0_controller steers a penalty, and '${by.word}' is none`, {
      argument: 'controller',
      hint: 'end the encoder in: dense(64, activation=relu)  code: l0_controller(target=8)',
    }),
  ];
}

export function controlledInPytorch(
  value: string,
  by: LayerReference | null,
  { module }: Pick<PytorchLossPlace, 'module'>,
): string {
  return by === null ? value : `${value} * ${module(by)}.factor`;
}
