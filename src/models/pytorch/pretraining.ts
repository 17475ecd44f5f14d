import type { ExperimentIr, LayerNode, PretrainStage } from '../../compiler/ir/experiment.js';
import { plainArguments } from '../../compiler/ir/value.js';
import { isConditional } from '../../compiler/library/conditions-needed.js';
import { knownWord } from '../../compiler/library/library.js';
import { activationsAfter, inputRangeOf, reconstructionActivation } from '../../compiler/library/stage-surroundings.js';
import { termQuantity } from '../../metrics/definitions.js';
import { oppositeLayer } from '../../runtime/training/opposite-layer.js';
import { rbmUnits } from '../../runtime/training/rbm-layer.js';
import { stageSettings } from '../../runtime/training/stage-settings.js';
import { indented, literal } from '../../words/python.js';
import type { PytorchStagePlace, Words } from '../../words/word.js';
import { corruptedValues } from './corruptions.js';
import { activated, type LayerContext } from './layers.js';
import { lossExpression, sumsOverExamples } from './losses.js';
import { passThrough } from './model-file.js';
import { attributeOf, isTied, tiedBiasOf } from './names.js';
import { optimizerCode } from './optimizers.js';
import { stepsOf } from './replay-definitions.js';
import { numberAt } from './schedules.js';
import type { StreamNames } from './stream-names.js';
import { UnknownToPytorch } from './unsupported.js';

interface Context {
  readonly experiment: ExperimentIr;
  readonly words: Words;
  readonly streams: StreamNames;
}

/** The code of a layer-wise pretraining stage: the functions it needs, and its statements. */
export interface PretrainingCode {
  readonly functions: readonly (readonly string[])[];
  readonly statements: readonly string[];
}

/** @throws UnknownToPytorch */
export function pretrainingCode(stage: PretrainStage, context: Context): PretrainingCode {
  const layers = stage.layers.map((index) => {
    const node = context.experiment.encoder[index];
    if (!node || node.address === null) throw new RangeError(`the encoder has no layer ${index} to pretrain`);
    return { index, node, address: node.address };
  });
  return {
    functions: layers.map(({ index, node }) => belowFunction(index, node, context)),
    statements: layers.flatMap(({ index, node, address }) => [
      ...callOf(stage, index, node, address, context),
      ...handOver(index, node, context),
    ]),
  };
}

function belowName(node: LayerNode): string {
  return `below_${attributeOf(node)}`;
}

function belowFunction(index: number, node: LayerNode, { experiment, words }: Context): readonly string[] {
  const below = experiment.encoder.slice(0, index);
  if (isConditional(below, words)) throw new UnknownToPytorch('layer', 'condition, under a layer that is pretrained');
  const place: LayerContext = { experiment, words, block: 'encoder', holder: 'encoder', encoder: 'encoder' };
  return [
    `def ${belowName(node)}(encoder, x):`,
    ...indented([
      `"""What the layers under ${attributeOf(node)} make of clean examples."""`,
      ...passThrough('encoder', below, place, null),
      'return x',
    ]),
  ];
}

function callOf(
  stage: PretrainStage,
  index: number,
  node: LayerNode,
  address: string,
  context: Context,
): readonly string[] {
  const { epochs, batch, shuffle, dropLast } = stageSettings(stage.settings);
  const order = shuffle ? context.streams.of(address, 'order') : 'None';
  const common = [
    `stage=${literal(stage.name)},`,
    `layer=model.encoder.${attributeOf(node)},`,
    `below=lambda x: ${belowName(node)}(model.encoder, x),`,
    `batches=Batches(${order}, ${epochs}, ${batch}, ${literal(dropLast)}${stepsOf(stage)}),`,
    'replay=replay,',
  ];
  const { word, arguments: args } = stage.method;
  const { pytorch } = knownWord(context.words, 'stage', word);
  if (!pytorch) throw new UnknownToPytorch('stage', word);
  const own = pytorch.arguments(plainArguments(args), placeOf(stage, index, address, context));
  return [`visible_bias = ${pytorch.function}(`, ...indented([...common, ...own]), ')'];
}

function placeOf(
  { name }: PretrainStage,
  index: number,
  address: string,
  { experiment, words, streams }: Context,
): PytorchStagePlace {
  const activations = activationsAfter(index, experiment, words);
  return {
    number: (value) => numberAt(value, words),
    units: rbmUnits(inputRangeOf(index, experiment), activations[0] ?? null, words),
    start: `INITIAL[${literal(startName(name, address))}]`,
    stream: (purpose) => streams.of(address, purpose),
    activated: (x) => activations.reduce((h, activation) => activated(activation, h, words), x),
    reconstruction(asked, y) {
      const output = reconstructionActivation(asked, index, experiment, words);
      return output === null ? y : activated(output, y, words);
    },
    corrupted: (corruption, x) => corruptedValues(corruption, x, streams.of(address, 'corruption'), words),
    loss: (loss) => ({
      expression: lossExpression(loss, { experiment, words }),
      perExample: sumsOverExamples(loss, words),
      metric: termQuantity(loss.word),
    }),
    optimizer: (optimizer) => optimizerCode(optimizer, words),
  };
}

/** The name, among the initial weights, of a weight that a pretraining method starts from. */
export function startName(stage: string, address: string): string {
  return `${stage}.${address.replaceAll('/', '.')}.weight`;
}

/** Transfers to the mirrored decoder layer what it can use of the trained layer. */
function handOver(index: number, node: LayerNode, { experiment }: Context): readonly string[] {
  const opposite = oppositeLayer(experiment, index);
  if (opposite?.address == null) return [];
  const attribute = `model.decoder.${attributeOf(opposite)}`;
  const own = opposite.weights.filter(({ tiedTo }) => tiedTo === null);
  const statements = own.flatMap(({ name }) => {
    if (name === 'weight') return [`${attribute}.weight.copy_(model.encoder.${attributeOf(node)}.weight.t())`];
    if (name !== 'bias') return [];
    const bias = isTied(opposite) ? `model.decoder.${tiedBiasOf(opposite)}` : `${attribute}.bias`;
    return [`${bias}.copy_(visible_bias)`];
  });
  return statements.length === 0 ? [] : ['with torch.no_grad():', ...indented(statements)];
}

/** Python functions that pretraining calls. */
export function pretrainingDefinitions({ byFamily }: Words): readonly (readonly string[])[] {
  return byFamily.stage.flatMap(({ pytorch }) => (pytorch?.definitions ?? []).map((text) => text.split('\n')));
}
