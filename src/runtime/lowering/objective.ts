import { add, mul, type Scalar, scalar, type Tensor, transpose } from '@tensorflow/tfjs-core';
import type { LossTerm } from '../../compiler/ir/experiment.js';
import type { LayerReference } from '../../compiler/ir/value.js';
import { knownWord } from '../../compiler/library/library.js';
import type { ScheduleTime } from '../../compiler/library/word.js';
import { type ArgumentsAt, argumentsAt, type NumberAt, numberAt } from './arguments.js';
import type { LossLowering, LossLoweringContext, LoweredLibrary, LoweredLoss } from './lowering.js';
import { type Activations, type Network, type NetworkNode, referenceKey, referenceOf } from './network.js';
import { operations } from './operations.js';

/** A loss term of an experiment. */
export interface ObjectiveTerm {
  readonly name: string;
  readonly loss: LoweredLoss;
  readonly lowering: LossLowering;
  readonly argumentsAt: ArgumentsAt;
  readonly weightAt: NumberAt;
  /** Keys of the nodes to compare, instead of the network's output and the clean input. */
  readonly compares?: { readonly prediction: string; readonly target: string | null };
}

/** The weighted sum of loss terms that a training minimises. */
export type Objective = readonly ObjectiveTerm[];

/** @throws UnknownWord for an unknown loss */
export function objectiveOf(terms: readonly LossTerm[], words: LoweredLibrary): Objective {
  return terms.map(({ name, weight, loss: use }) => {
    const loss = knownWord(words, 'loss', use);
    return {
      name,
      loss,
      lowering: loss.lower(operations),
      argumentsAt: argumentsAt(use.arguments, words),
      weightAt: numberAt(weight, words),
    };
  });
}

/** One pass of a batch, as the loss sees it. */
export interface LossPass {
  readonly network: Network;
  readonly activations: Activations;
  readonly weights: ReadonlyMap<string, Tensor>;
  /** The clean input. */
  readonly clean: Tensor;
  /** What the decoder must give: the clean input, or a target of its own. */
  readonly target: Tensor;
}

export function lossContext({ compares }: ObjectiveTerm, pass: LossPass, time: ScheduleTime): LossLoweringContext {
  const { network, activations, weights, clean, target } = pass;
  const other = compares?.target ?? null;
  return {
    prediction: compares ? activations.of(compares.prediction) : activations.output,
    target: other === null ? target : activations.of(other),
    input: other === null ? clean : activations.of(other),
    layer: (reference) => activations.of(referenceKey(reference)),
    below: (reference) => referenceOf(nodeOf(network, reference).source),
    argumentsOf: (reference) => nodeOf(network, reference).argumentsAt(time),
    biases: (reference) => biasesOver(network, weights, reference),
    weight: (reference, name) => weightUnder(network, weights, reference, name),
  };
}

/** @throws RangeError for a layer that the network doesn't have */
function nodeOf({ nodes }: Network, reference: LayerReference): NetworkNode {
  const node = nodes.find(({ key }) => key === referenceKey(reference));
  if (!node) throw new RangeError(`the network has no layer '${referenceKey(reference)}'`);
  return node;
}

/** `dense` has a `bias`, `post_bias` a `value`. */
function biasesOver(network: Network, weights: ReadonlyMap<string, Tensor>, reference: LayerReference): Tensor[] {
  const found: Tensor[] = [];
  for (let node = nodeOf(network, reference); ; node = nodeOf(network, referenceOf(node.source))) {
    for (const use of [node.weights.bias, node.weights.value]) {
      const bias = use && weights.get(use.key);
      if (bias) found.push(bias);
    }
    if (Object.hasOwn(node.weights, 'weight')) return found;
  }
}

/** The weight of this name of the layer, or of the nearest under it that has one. */
function weightUnder(
  network: Network,
  weights: ReadonlyMap<string, Tensor>,
  reference: LayerReference,
  name: string,
): Tensor {
  const nodes = new Map(network.nodes.map((node) => [node.key, node]));
  let node = nodes.get(referenceKey(reference));
  while (node && !Object.hasOwn(node.weights, name)) node = nodes.get(node.source);
  const use = node?.weights[name];
  const weight = use && weights.get(use.key);
  if (!use || !weight) throw new RangeError(`no weight '${name}' under the layer '${referenceKey(reference)}'`);
  return use.tied && weight.rank === 2 ? transpose(weight) : weight;
}

/** The terms of a batch, on the backend, and the scalar to differentiate. */
export interface ObjectiveValue {
  readonly total: Scalar;
  readonly terms: readonly Scalar[];
}

/** Weighted sum of the terms. A term with weight 0 is computed, but gets no gradient. */
export function evaluateObjective(objective: Objective, pass: LossPass, time: ScheduleTime): ObjectiveValue {
  const terms = objective.map((term) => term.lowering.value(term.argumentsAt(time), lossContext(term, pass, time)));
  const weighted = objective.flatMap((term, i) => {
    const [weight, value] = [term.weightAt(time), terms[i]];
    if (value === undefined) throw new RangeError(`the term '${term.name}' has no value`);
    return weight === 0 ? [] : [weight === 1 ? value : mul<Scalar>(value, weight)];
  });
  const [first = scalar(0), ...others] = weighted;
  return { total: others.reduce((total, value) => add<Scalar>(total, value), first), terms };
}
