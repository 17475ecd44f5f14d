import type { DiagnosticCollector } from '../diagnostics/collector.js';
import type { Evaluated, WeightedCall } from '../evaluate/evaluated.js';
import { describeEvaluated } from '../evaluate/evaluated.js';
import { type DataNode, type LayerNode, type LossTerm, layerAt, wantedOf } from '../ir/experiment.js';
import {
  isLayerReference,
  isNumbers,
  isSchedule,
  type LayerReference,
  layersNamedIn,
  ownValue,
  type Value,
  type WordValue,
} from '../ir/value.js';
import { knownWord, type Library } from '../library/library.js';
import type { Parameter } from '../library/parameter.js';
import type { LossContext, LossWord } from '../library/word.js';
import type { Span } from '../syntax/source.js';
import type { ArgumentChecker, Bound } from './arguments.js';
import { spreadOver } from './constant-arrays.js';
import { checkDefinedLoss } from './definitions.js';

/** Context that the terms of a loss are checked in; all shapes are known. */
export interface LossPlace {
  readonly data: DataNode;
  readonly target: DataNode | null;
  readonly encoder: readonly LayerNode[];
  readonly decoder: readonly LayerNode[];
}

/**
 * Checks a loss expression and splits it into weighted terms, each of them a metric.
 * @param place null after an error in the layers; then only names and arguments are checked
 */
export function checkLoss(
  value: Evaluated,
  place: LossPlace | null,
  library: Library,
  checker: ArgumentChecker,
  collector: DiagnosticCollector,
): readonly LossTerm[] | null {
  if (value.type === 'unknown') return null;
  const weighted: readonly WeightedCall[] | null =
    value.type === 'loss'
      ? value.terms
      : value.type === 'call'
        ? [{ factor: 1, schedule: null, call: value.call }]
        : null;
  if (!weighted) {
    collector.error('AE305', `a loss is a sum of words such as mse(), not ${describeEvaluated(value)}`, value.span, {
      hint: checker.callOf('loss', value),
    });
    return null;
  }
  const bound = weighted.map((term) => {
    const loss = checker.bind('loss', term.call);
    return { ...term, loss: loss && place ? withSpreadArrays(loss, place, checker) : loss };
  });
  const reconstruction = reductionOf(bound.find((b) => b.loss?.definition.role === 'reconstruction')?.loss ?? null);
  const terms: LossTerm[] = [];
  const names = new Map<string, number>();
  for (const term of bound) {
    const { loss } = term;
    if (!loss) continue;
    if (place) {
      checker.report(loss.definition.check(loss.plain, contextOf(loss, place, reconstruction, library)), loss);
      const { definition, plain, span } = loss;
      const use = { definition: definition.defined, arguments: plain, span, purpose: '' };
      checkDefinedLoss(use, seenBy(place), library, collector);
    }
    const weight = weightOf(term, loss, checker, collector);
    if (weight === null) continue;
    const nth = (names.get(loss.definition.name) ?? 0) + 1;
    names.set(loss.definition.name, nth);
    terms.push({
      name: nth === 1 ? loss.definition.name : `${loss.definition.name}_${nth}`,
      weight,
      loss: withScale(withoutWeight(loss), reconstruction),
    });
  }
  return terms.length === weighted.length ? terms : null;
}

/** Gives each value of the output a number of its own, where an argument is an array; null after an error. */
function withSpreadArrays(loss: Bound<LossWord>, place: LossPlace, checker: ArgumentChecker): Bound<LossWord> | null {
  const parameters: Readonly<Record<string, Parameter>> = loss.definition.parameters;
  const { shape } = wantedOf(place);
  const spread: Record<string, readonly number[]> = {};
  for (const [name, value] of Object.entries(loss.plain)) {
    const parameter = ownValue(parameters, name);
    if (parameter?.type !== 'list' || parameter.allowsFile !== true || !isNumbers(value)) continue;
    const numbers = spreadOver(value, shape);
    if (!numbers.ok) {
      checker.report([{ ...numbers.problem, argument: name }], loss);
      return null;
    }
    spread[name] = numbers.value;
  }
  if (Object.keys(spread).length === 0) return loss;
  const given = Object.entries(spread).map(([name, value]) => [name, { value, origin: 'given' as const }]);
  return {
    ...loss,
    plain: { ...loss.plain, ...spread },
    value: { ...loss.value, arguments: { ...loss.value.arguments, ...Object.fromEntries(given) } },
  };
}

/** The layers of a network with what tells whether something names them. */
function* layersIn({ encoder, decoder }: Pick<LossPlace, 'encoder' | 'decoder'>) {
  for (const [block, nodes] of Object.entries({ encoder, decoder })) {
    for (const [index, node] of nodes.entries()) {
      yield { node, isAt: (layer: LayerReference) => layer.block === block && layer.index === index };
    }
  }
}

/** Warns of a layer whose variance nothing trains, since no term sees it. */
export function checkVariances(
  terms: readonly LossTerm[],
  network: Pick<LossPlace, 'encoder' | 'decoder'>,
  span: Span,
  library: Library,
  collector: DiagnosticCollector,
): void {
  const seen = terms.flatMap(({ loss }) => layersNamedIn(loss.arguments));
  for (const { node, isAt } of layersIn(network)) {
    const { logVariance } = knownWord(library, 'layer', node);
    if (logVariance === undefined) continue;
    if (seen.some((layer) => isAt(layer) && (layer.head ?? logVariance) === logVariance)) continue;
    collector.warning('AE527', `no term of the loss sees the variance that '${node.word}' gives`, span, {
      hint: 'write gaussian_nll(), or end the decoder in the mean alone',
    });
  }
}

/** Warns of a controller that steers no term. */
export function checkControllers(
  terms: readonly LossTerm[],
  network: Pick<LossPlace, 'encoder' | 'decoder'>,
  span: Span,
  library: Library,
  collector: DiagnosticCollector,
): void {
  for (const { node, isAt } of layersIn(network)) {
    if (knownWord(library, 'layer', node).isController !== true) continue;
    const steers = terms.some(({ loss }) => {
      const by = loss.arguments.controller?.value ?? null;
      return isLayerReference(by) && isAt(by);
    });
    if (steers) continue;
    collector.warning('AE534', `'${node.word}' steers no term of the loss`, span, {
      hint: 'name it in a penalty: l1(controller=code)',
    });
  }
}

/** Warns of a layer that has a part which only certain losses train, and none of them looks at it. */
export function checkTrainedParts(
  terms: readonly LossTerm[],
  network: Pick<LossPlace, 'encoder' | 'decoder'>,
  span: Span,
  library: Library,
  collector: DiagnosticCollector,
): void {
  for (const { node, isAt } of layersIn(network)) {
    const { trainedBy } = knownWord(library, 'layer', node);
    if (trainedBy === undefined || node.weights.every(({ trainable }) => !trainable)) continue;
    const isTrained = terms.some(
      ({ loss }) => trainedBy.losses.includes(loss.word) && layersNamedIn(loss.arguments).some(isAt),
    );
    if (isTrained) continue;
    collector.warning('AE535', `no term of the loss trains the ${trainedBy.what} of '${node.word}'`, span, {
      hint: `add ${trainedBy.losses.map((name) => `${name}()`).join(' and ')}`,
    });
  }
}

/** What a formula sees of a network. */
function seenBy(place: LossPlace): Parameters<typeof checkDefinedLoss>[1] {
  const { data, decoder } = place;
  const { shape, range, rangeOfAll } = wantedOf(place);
  return {
    output: { shape, range: decoder.at(-1)?.range ?? range },
    target: { shape, range: rangeOfAll },
    input: { shape: data.shape, range: data.rangeOfAll },
    layer(value) {
      const node = isLayerReference(value) ? layerAt(value, place) : undefined;
      return node ? { shape: node.output, range: node.range } : null;
    },
  };
}

function contextOf(
  loss: Bound<LossWord>,
  place: LossPlace,
  reconstruction: LossContext['reconstruction'],
  library: Library,
): LossContext {
  const on: Record<string, LossContext['on'][string]> = {};
  for (const [name, value] of Object.entries(loss.plain)) {
    const node = isLayerReference(value) ? layerAt(value, place) : undefined;
    if (!node || !isLayerReference(value)) continue;
    const before = value.head === null ? place[value.block][value.index - 1] : undefined;
    const below = node.weights.length === 0 && before && before.weights.length > 0 ? { below: before.word } : {};
    const heads = Object.entries(node.heads).map(([head, nodes]) => [head, nodes.at(-1)?.output ?? []] as const);
    on[name] = {
      ...{ range: node.range, word: node.word, shape: node.output, ...below },
      heads: Object.fromEntries(heads),
      isOutput: node === place.decoder.at(-1),
      isCode: node === place.encoder.at(-1),
      down: place[value.block]
        .slice(0, value.index)
        .reverse()
        .map((lower) => {
          const word = knownWord(library, 'layer', lower);
          return {
            word: lower.word,
            isSum: word.mixing !== undefined,
            isActivation: word.activation || word.activates === true,
          };
        }),
    };
  }
  const last = place.decoder.findLast(
    (node) => node.origin !== 'inserted' || knownWord(library, 'layer', node).reshapes === undefined,
  );
  const wanted = wantedOf(place);
  return {
    prediction: place.decoder.at(-1)?.range ?? wanted.range,
    predictionLayer: last?.word ?? null,
    target: wanted.range,
    isInput: place.target === null,
    pretrained: null,
    targetOfAll: wanted.rangeOfAll,
    raw: wanted.rawRange,
    on,
    reconstruction,
  };
}

function reductionOf(loss: Bound<LossWord> | null): LossContext['reconstruction'] {
  const reduction = loss?.plain.reduction;
  return reduction === 'mean' || reduction === 'sum' || reduction === 'batchmean' ? reduction : null;
}

/** Weight of a term: its factor times the word's own (`beta=`), or the schedule that replaces either. */
function weightOf(
  term: WeightedCall,
  loss: Bound<LossWord>,
  checker: ArgumentChecker,
  collector: DiagnosticCollector,
): number | WordValue | null {
  const own: Value = loss.definition.weight === null ? 1 : (ownValue(loss.plain, loss.definition.weight) ?? 1);
  const front = term.schedule === null ? null : scheduleInFront(term.schedule, checker);
  if (term.schedule !== null && front === null) return null;
  const schedules = [front, isSchedule(own) ? own : null].filter((s) => s !== null);
  const factor = term.factor * (typeof own === 'number' ? own : 1);
  const [schedule] = schedules;
  if (schedule === undefined) return factor;
  if (schedules.length === 1 && factor === 1) return schedule;
  collector.error('AE309', 'a weight is a number or one schedule, not a product with a schedule', loss.span, {
    hint: "write the factor into the schedule's own values",
  });
  return null;
}

function scheduleInFront(call: WeightedCall['schedule'] & object, checker: ArgumentChecker): WordValue | null {
  const schedule = checker.bind('schedule', call);
  if (!schedule) return null;
  checker.report(schedule.definition.check(schedule.plain), schedule);
  return schedule.value;
}

/** Moves the word's own factor into the term's weight, so that `5 * kl()` and `kl(beta=5)` are the same. */
function withoutWeight({ definition, value }: Bound<LossWord>): WordValue {
  if (definition.weight === null) return value;
  return { ...value, arguments: { ...value.arguments, [definition.weight]: { value: 1, origin: 'default' } } };
}

/** Resolves `reduction=auto` to the scale of the reconstruction term. */
function withScale(loss: WordValue, reconstruction: LossContext['reconstruction']): WordValue {
  if (loss.arguments.reduction?.value !== 'auto') return loss;
  return {
    ...loss,
    arguments: { ...loss.arguments, reduction: { value: reconstruction ?? 'mean', origin: 'inserted' } },
  };
}
