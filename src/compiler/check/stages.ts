import { recordedQuantities } from '../../metrics/definitions.js';
import type { DiagnosticCollector } from '../diagnostics/collector.js';
import {
  type DataNode,
  type ExperimentIr,
  isShared,
  type LayerNode,
  type LossTerm,
  type PretrainStage,
  parameterCount,
  type TrainStage,
  withHeads,
} from '../ir/experiment.js';
import { realLine } from '../ir/interval.js';
import { batchesOfEpoch } from '../ir/stage-length.js';
import {
  type Arguments,
  isLayerReference,
  isNumbers,
  isWordValue,
  ownValue,
  plainArguments,
  type Value,
} from '../ir/value.js';
import { knownWord, type Library, wordOfUse } from '../library/library.js';
import { trainSettings } from '../library/settings/train.js';
import { inputRangeOf, reconstructionActivation } from '../library/stage-surroundings.js';
import { type LossContext, type LossWord, problem, type StageWord } from '../library/word.js';
import type { PretrainStatement, TrainStatement } from '../syntax/ast.js';
import type { Span } from '../syntax/source.js';
import type { ArgumentChecker, Bound } from './arguments.js';
import { checkCorruption } from './corruption.js';
import { checkDefinedActivation, checkDefinedLoss } from './definitions.js';
import { isStoredStart, transposedLayer } from './initial-value.js';

/**
 * `train optimizer(…) { … }`
 * @param loss null after an error in it; then no metric is looked for
 */
export function checkTrain(
  statement: TrainStatement,
  { loss, measured }: { readonly loss: readonly LossTerm[] | null; readonly measured: readonly string[] },
  data: DataNode | null,
  library: Library,
  checker: ArgumentChecker,
  collector: DiagnosticCollector,
): TrainStage | null {
  const optimizer = checker.bind('optimizer', statement.call);
  if (optimizer) checker.report(optimizer.definition.check(optimizer.plain), optimizer);
  const owner = { name: 'train', span: statement.call.word.span };
  const settings = checker.settings(owner, trainSettings, statement.settings);
  const length = settings && checkLength(settings.arguments, statement, data?.train ?? null, collector);
  if (!optimizer || !settings || !length) return null;

  const { stop, keep } = plainArguments(settings.arguments);
  const place = (name: string): Span => settings.places.get(name) ?? statement.span;
  checkBatches(settings, data?.train ?? null, statement.span, collector);
  for (const [name, asked] of [
    ['stop', stop !== null],
    ['keep', keep === 'best'],
  ] as const) {
    if (!asked || data === null || data.validation > 0) continue;
    collector.error('AE506', `'${name}' is decided by validation data, and there is none`, place(name), {
      hint: 'give the data set some: mnist(take=50000, validation=10000)',
    });
  }
  if (loss !== null && stop !== undefined && isWordValue(stop)) {
    const problems = knownWord(library, 'stop', stop.word).check(plainArguments(stop.arguments), [
      ...recordedQuantities(loss),
      ...measured,
    ]);
    checker.report(problems, { span: place('stop'), places: new Map() });
  }
  return { kind: 'train', name: 'train', optimizer: optimizer.value, settings: length };
}

/**
 * Checks that a stage ends after so many epochs or after so many steps, and fills in the epochs that steps reach into.
 * @param examples null if the data is unknown
 */
function checkLength(
  settings: Arguments,
  { kind, call, settings: written, span }: TrainStatement | PretrainStatement,
  examples: number | null,
  collector: DiagnosticCollector,
): Arguments | null {
  const { epochs, steps, batch, drop_last: dropLast } = plainArguments(settings);
  const place = (name: string) => written.find((setting) => setting.name.name === name)?.span ?? span;
  if (typeof epochs === 'number' && typeof steps === 'number') {
    collector.error('AE303', 'the length of a stage is given twice: in epochs and in steps', place('steps'), {
      related: [{ span: place('epochs'), message: 'given in epochs here' }],
      hint: 'leave one of them out',
    });
    return null;
  }
  if (typeof epochs === 'number') return settings;
  if (typeof steps !== 'number') {
    // A setting that nobody knows was to be one of them.
    if (written.some(({ name }) => ownValue(settings, name.name) === undefined)) return null;
    const stage = kind === 'train' ? kind : call.word.name;
    collector.error('AE302', `'${stage}' needs epochs= or steps=`, call.word.span, {
      hint: 'such as { epochs = 10 }, or { steps = 20_000 }',
    });
    return null;
  }
  const whole = typeof batch === 'number' ? batchesOfEpoch(examples ?? 1, batch, dropLast === true) : 1;
  const reached = Math.ceil(steps / Math.max(1, whole));
  return { ...settings, epochs: { value: reached, origin: 'inserted' } };
}

/** An epoch that drops its last, incomplete batch needs a full one. */
function checkBatches(
  settings: { readonly arguments: Arguments; readonly places: ReadonlyMap<string, Span> },
  examples: number | null,
  span: Span,
  collector: DiagnosticCollector,
): void {
  const { batch, drop_last: dropLast } = plainArguments(settings.arguments);
  if (examples === null || dropLast !== true || typeof batch !== 'number' || batch <= examples) return;
  const message = `no batch of ${batch} is left of ${examples} examples once the smaller last one is dropped`;
  collector.error('AE306', message, settings.places.get('batch') ?? span, {
    hint: 'make batch smaller, or leave out drop_last',
  });
}

/**
 * Checks the `pretrain` statements in order. Each covers consecutive encoder layers from where the previous one ended;
 * without `on=`, all remaining ones.
 */
export function checkPretraining(
  statements: readonly PretrainStatement[],
  encoder: readonly LayerNode[],
  data: DataNode,
  library: Library,
  checker: ArgumentChecker,
  collector: DiagnosticCollector,
): readonly PretrainStage[] | null {
  const trainable = [...encoder.entries()].filter(
    ([, node]) => node.weights.length > 0 || Object.keys(node.heads).length > 0,
  );
  const order = trainable.map(([index]) => index);
  const stages: PretrainStage[] = [];
  let next = 0;
  for (const statement of statements) {
    const method = checker.bind('stage', statement.call);
    if (!method) return null;
    const settings = checker.settings(statement.call.word, method.definition.settings, statement.settings);
    const named = layersNamed(method.plain.on ?? null, encoder, library);
    const layers = named ?? order.slice(next);
    const span = method.places.get('on') ?? method.span;
    const first = order.indexOf(layers[0] ?? -1);
    if (layers.length === 0) {
      collector.error('AE508', 'there is no layer left to pretrain', span);
      return null;
    }
    if (first !== next || layers.some((index, i) => index !== order[first + i])) {
      const expected = order.slice(next).map((index) => encoder[index]?.label ?? encoder[index]?.word ?? '');
      collector.error(
        'AE508',
        'pretraining must cover consecutive layers, starting where the previous stage ended',
        span,
        {
          hint: expected.length > 0 ? `remaining: ${expected.join(', ')}` : 'every layer is pretrained already',
        },
      );
      return null;
    }
    const corrupt = method.plain.corrupt ?? null;
    // The first layer with weights sees the data, the others the outputs of the layers below.
    if (isWordValue(corrupt) && layers[0] === order[0]) {
      const at = { span: method.places.get('corrupt') ?? method.span, places: new Map<string, Span>() };
      checkCorruption(corrupt, data.storedRange, library, checker, at);
    }
    const transposed = transposedLayer(method.value.arguments, library);
    if (transposed) {
      const at = method.places.get(transposed.argument) ?? method.span;
      collector.error('AE305', `'${method.definition.name}' draws its own starting weights, one for each layer`, at, {
        hint: 'give the layer itself the transpose: dense(64, init=transposed(h)), and leave the layer out of the stage',
      });
      return null;
    }
    const [from] = Object.entries(method.plain).find(([, value]) => isStoredStart(value, library)) ?? [];
    if (from !== undefined) {
      const at = method.places.get(from) ?? method.span;
      collector.error('AE305', `'${method.definition.name}' draws its own starting weights, one for each layer`, at, {
        hint: 'give the layer itself the stored weights: dense(64, init=stored("r12", h)), and leave the layer out of the stage',
      });
      return null;
    }
    for (const index of layers) {
      const node = encoder[index];
      if (!node) continue;
      const { word, label, input, output } = node;
      if (plainArguments(node.arguments).frozen === true) {
        collector.error('AE508', `the layer '${label ?? word}' is frozen, so that nothing may train it`, span, {
          hint: 'leave out frozen=true, or the layer',
        });
        continue;
      }
      if (isShared(node)) {
        collector.error('AE508', `the layer '${label ?? word}' shares its weights with an earlier one`, span, {
          hint: 'pretraining trains each layer alone; leave the shared layers to train',
        });
        continue;
      }
      const bias = node.weights.some(({ name }) => name === 'bias');
      const trains = method.definition.trains({
        word,
        label,
        bias,
        activations: activationsAfter(index, encoder, library),
        input,
        output,
      });
      if (!trains.ok) checker.report([{ ...trains.problem, argument: null }], { span, places: new Map() });
      else if (
        method.definition.rebuilds &&
        !checkRebuilding(method, index, { encoder, data }, library, checker, collector)
      )
        break;
    }
    next = first + layers.length;
    const length = settings && checkLength(settings.arguments, statement, data.train, collector);
    if (!settings || !length) return null;
    checkBatches(settings, data.train, statement.span, collector);
    stages.push({
      kind: 'pretrain',
      name: stages.length === 0 ? 'pretrain' : `pretrain_${stages.length + 1}`,
      method: method.value,
      layers,
      settings: length,
    });
  }
  return stages;
}

/**
 * Checks a stage's loss against the target and output of each layer.
 * @returns false if it is invalid for all layers
 */
function checkRebuilding(
  method: Bound<StageWord>,
  index: number,
  { encoder, data }: Pick<ExperimentIr, 'encoder' | 'data'>,
  library: Library,
  checker: ArgumentChecker,
  collector: DiagnosticCollector,
): boolean {
  const { loss, output } = method.value.arguments;
  const word = loss?.value ?? null;
  const definition = isWordValue(word) ? wordOfUse(library, 'loss', word) : undefined;
  if (!definition || !isWordValue(word)) return false;
  const at = { span: method.places.get('loss') ?? method.span, places: new Map<string, Span>() };
  const seen = layerNamedBy(definition);
  if (definition.role !== 'reconstruction' || seen !== null) {
    const losses = library.byFamily.loss.filter(
      (each) => each.role === 'reconstruction' && layerNamedBy(each) === null,
    );
    const compares = `'${method.definition.name}' compares a layer's input with its reconstruction`;
    const message =
      definition.role !== 'reconstruction'
        ? `${compares}, but '${word.word}' does not`
        : `${compares}, but '${word.word}' looks at a layer of the whole network, too: '${seen}'`;
    checker.report(
      [problem('AE525', message, { hint: `use one of ${losses.map(({ name }) => name).join(', ')}` })],
      at,
    );
    return false;
  }
  if (Object.values(word.arguments).some(({ value }) => isNumbers(value))) {
    const message = `'${method.definition.name}' compares a layer's input with its reconstruction, and the weights of '${word.word}' are for the output of the whole network`;
    checker.report([problem('AE525', message, { hint: 'leave the weights out here' })], at);
    return false;
  }
  const activation = reconstructionActivation(output?.value ?? null, index, { encoder, data }, library);
  const layer = activation === null ? undefined : wordOfUse(library, 'layer', activation);
  const below = encoder.slice(0, index);
  // Layers without weights before the first one pass the data through.
  const isData = below.every(({ weights }) => weights.length === 0);
  const rebuilt = isData ? undefined : below.findLast(({ label, weights }) => label !== null || weights.length > 0);
  const context: LossContext = {
    prediction: (activation && layer?.range(plainArguments(activation.arguments), realLine)) ?? realLine,
    predictionLayer: activation?.word ?? null,
    target: inputRangeOf(index, { encoder, data }),
    isInput: true,
    pretrained: { name: nameOf(encoder[index]) ?? '', rebuilt: nameOf(rebuilt) },
    targetOfAll: inputRangeOf(index, { encoder, data }),
    raw: data.rawRange,
    on: {},
    reconstruction: null,
  };
  const found = definition.check(plainArguments(word.arguments), context);
  // If the target is wrong, a different output won't help.
  const error = found.find(({ severity }) => severity === 'error');
  const told = (error ? [error] : found).map((each) => ({ ...each, argument: null }));
  checker.report(told, at);
  if (error !== undefined) return false;
  const shape = encoder[index]?.input ?? data.shape;
  const target = { shape, range: context.targetOfAll };
  const purpose = `, to pretrain '${nameOf(encoder[index]) ?? ''}'`;
  if (activation !== null) {
    const span = method.places.get('output') ?? method.span;
    const use = { definition: activation.definition, arguments: plainArguments(activation.arguments), span, purpose };
    checkDefinedActivation(use, { shape, range: realLine }, collector);
  }
  const use = { definition: word.definition, arguments: plainArguments(word.arguments), span: at.span, purpose };
  checkDefinedLoss(
    use,
    { output: { shape, range: context.prediction }, target, input: target, layer: () => null },
    library,
    collector,
  );
  return true;
}

/** The first argument of a loss that names a layer. */
function layerNamedBy({ parameters }: LossWord): string | null {
  return Object.keys(parameters).find((name) => ownValue(parameters, name)?.type === 'layer') ?? null;
}

function nameOf(layer: LayerNode | undefined): string | null {
  return layer ? (layer.label ?? layer.word) : null;
}

/** Layers with weights that the labels refer to; a label on an activation refers to the layer before it. */
function layersNamed(on: Value, encoder: readonly LayerNode[], library: Library): readonly number[] | null {
  if (!Array.isArray(on)) return null;
  return on.filter(isLayerReference).map(({ index }) => {
    let owner = index;
    for (
      let node = encoder[owner];
      owner > 0 && node && knownWord(library, 'layer', node).activation;
      node = encoder[owner]
    )
      owner--;
    return owner;
  });
}

function activationsAfter(index: number, encoder: readonly LayerNode[], library: Library): readonly string[] {
  const words: string[] = [];
  for (let at = index + 1; at < encoder.length; at++) {
    const node = encoder[at];
    if (!node || !knownWord(library, 'layer', node).activation) break;
    words.push(node.word);
  }
  return words;
}

/** Reports a training in which no weight is left to train. */
export function checkFrozen(nodes: readonly LayerNode[], span: Span, collector: DiagnosticCollector): void {
  const isFrozen = nodes.some((node) => plainArguments(node.arguments).frozen === true);
  if (!isFrozen || parameterCount(nodes) > 0) return;
  collector.error('AE509', 'all layers with weights are frozen, so that there is nothing to train', span, {
    hint: 'leave out frozen=true of the layers that are to learn, or the training',
  });
}

/**
 * A layer with batch statistics needs at least two examples per batch, including the last one of an epoch. PyTorch
 * raises an error at the first batch that is too small.
 */
export function checkBatchStatistics(
  statement: TrainStatement,
  stage: TrainStage,
  { encoder, decoder, data }: Pick<ExperimentIr, 'encoder' | 'decoder' | 'data'>,
  library: Library,
  collector: DiagnosticCollector,
): void {
  const { batch, drop_last: dropLast } = plainArguments(stage.settings);
  if (typeof batch !== 'number') return;
  const whole = Math.min(batch, data.train);
  const left = data.train % batch;
  const last = left > 0 && data.train > batch && dropLast !== true ? left : whole;
  const place = statement.settings.find(({ name }) => name.name === 'batch')?.span ?? statement.span;
  for (const node of withHeads([...encoder, ...decoder])) {
    const { leastBatch } = knownWord(library, 'layer', node);
    const least = leastBatch?.examples(node.input) ?? 1;
    if (leastBatch === undefined || last >= least) continue;
    if (whole < least) {
      collector.error('AE524', `'${node.word}' needs ${least} examples per batch, but there is ${whole}`, place, {
        hint: leastBatch.hint,
      });
    } else {
      const message = `the last batch of an epoch has ${last} of ${data.train} examples, too few for '${node.word}'`;
      collector.warning('AE524', message, place, { hint: 'drop it with drop_last = true, or change batch' });
    }
    return;
  }
}
