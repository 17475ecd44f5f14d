import type { ExperimentIr, LayerNode, PretrainStage, TrainStage } from './experiment.js';
import { elementCount, type Shape } from './shape.js';
import { type Arguments, isWordValue } from './value.js';

/** What a trial holds at most of tensors, in bytes. */
export interface MemoryNeed {
  /** Weights, and what the optimizer keeps of them. */
  readonly weights: number;
  /** A step on the largest batch of any stage, with the gradients. */
  readonly step: number;
  /** A pass over a portion of the validation or test part. */
  readonly evaluation: number;
  /** The gradient of the probe that layers are measured on. */
  readonly diagnostics: number;
  /** At most at once. */
  readonly total: number;
}

/** Examples of an evaluation's pass. */
const PORTION = 500;
/** Examples of the training part that diagnostics look at. */
const PROBE = 256;
/** Bytes that a pass of many examples may take: with more of them it has fewer examples. */
const MOST_OF_A_PASS = 1024 ** 3;
/** Bytes of a float32. */
const ELEMENT = 4;
/** What blocks of memory are rounded up by, and what lies unused between them. */
const SLACK = 1.15;
/** The kernels' own data, and their workspaces. */
const FIXED = 4 * 1024 ** 2;

/**
 * Tensors of the size of their output that layers make in a pass; one for a word that isn't here. Those that only give the
 * same values another shape make none.
 */
const MADE: Readonly<Record<string, number>> = { batch_norm: 3, layer_norm: 3, dropout: 4.25, upsample2d: 1.5 };
/** The same while a gradient goes back through a layer, beside what arrives and goes on; one for a word that isn't here. */
const MADE_ON_THE_WAY_BACK: Readonly<Record<string, number>> = {
  batch_norm: 5,
  layer_norm: 5,
  dropout: 3,
  gelu: 9,
  silu: 5,
  softplus: 5,
  elu: 3,
  leaky_relu: 2,
};
/** Layers that compute an activation of these after them in the same kernel. */
const FUSING: ReadonlySet<string> = new Set(['dense', 'conv2d', 'conv_transpose2d']);
const FUSED: ReadonlySet<string> = new Set(['linear', 'relu', 'sigmoid', 'tanh']);
/** Tensors that optimizers keep of each weight; two of one that isn't here. */
const SLOTS: Readonly<Record<string, number>> = { sgd: 1 };
/** Losses that are computed in one kernel; others make tensors of the size of what they compare. */
const FUSED_LOSSES: ReadonlySet<string> = new Set(['mse', 'bce', 'bce_with_logits']);

type Trained = Pick<ExperimentIr, 'data' | 'corruption' | 'encoder' | 'decoder' | 'loss' | 'stages'>;

/** Examples of a pass of an evaluation: fewer where they are large, whatever the machine, as sums depend on it. */
export function evaluationPortion(experiment: Trained): number {
  return examplesOfPass(experiment, PORTION);
}

/** Examples that layers are measured on. */
export function probeSize(experiment: Trained): number {
  return examplesOfPass(experiment, PROBE);
}

function examplesOfPass(experiment: Trained, most: number): number {
  return Math.max(1, Math.min(most, Math.floor(MOST_OF_A_PASS / passBytes(experiment, 1))));
}

/** What training an experiment takes of the engine's memory. The language knows it: no machine is asked. */
export function memoryNeed(experiment: Trained): MemoryNeed {
  const { data, stages, encoder, decoder } = experiment;
  const own = ELEMENT * weightCount([...encoder, ...decoder], false);
  // A weight that is used twice has two gradients, which are added to a third.
  const gradients = own + 2 * ELEMENT * weightCount([...encoder, ...decoder], true);
  const train = stages.find((stage): stage is TrainStage => stage.kind === 'train');
  const weights = own + (train ? own * slotsOf(train.optimizer.word) : 0);
  const pretraining = stages.flatMap((stage) => (stage.kind === 'pretrain' ? [pretrainBytes(experiment, stage)] : []));
  const training = train ? passBytes(experiment, Math.min(batchOf(train.settings), data.train)) + gradients : 0;
  const examined = Math.min(evaluationPortion(experiment), Math.max(data.validation, data.test));
  const evaluation = forwardBytes(experiment, examined) * (drawsLatents(encoder) ? 2 : 1);
  const diagnostics = train ? passBytes(experiment, Math.min(probeSize(experiment), data.train)) + gradients : 0;
  // A small step stays where it is while the others compute.
  const beside = isLargeStep(training) ? 0 : training;
  const most = Math.max(0, ...pretraining, training, beside + Math.max(evaluation, diagnostics));
  const step = Math.max(0, training, ...pretraining);
  return { weights, step, evaluation, diagnostics, total: FIXED + SLACK * (weights + most) };
}

/** Whether what a step takes is given back while something else is computed, and taken anew. */
export function isLargeStep(step: number): boolean {
  return step > 32 * 1024 ** 2;
}

/** What is there at once at most of a pass forward and back over some examples. */
function passBytes(experiment: Trained, examples: number): number {
  const { data, encoder, decoder } = experiment;
  let [before, most] = [0, forwardBytes(experiment, examples)];
  const fed = fedBytes(experiment, examples);
  for (const { word, input, output, made } of [...madeBy(encoder), ...madeBy(decoder)]) {
    before += made;
    const back = elementCount(output) * (1 + (MADE_ON_THE_WAY_BACK[word] ?? 1)) + elementCount(input);
    most = Math.max(most, fed + ELEMENT * examples * (before + back));
  }
  return most + ELEMENT * examples * (isImage(data.shape) ? elementCount(data.shape) : 0);
}

/** All that a pass forward makes of some examples, and what the loss makes of them. */
function forwardBytes(experiment: Trained, examples: number): number {
  const { data, encoder, decoder, loss } = experiment;
  const input = elementCount(data.shape);
  const compared = loss.some(({ loss: { word } }) => !FUSED_LOSSES.has(word)) ? 3 * input : 0;
  const made = [...madeBy(encoder), ...madeBy(decoder)].reduce((total, each) => total + each.made, 0);
  return fedBytes(experiment, examples) + ELEMENT * examples * (compared + made);
}

/** The examples themselves, and their corrupted copies. */
function fedBytes({ data, corruption }: Trained, examples: number): number {
  const copies = (isImage(data.shape) ? 2 : 1) * (corruption === null ? 1 : 2);
  return ELEMENT * examples * copies * elementCount(data.shape);
}

interface Made {
  readonly word: string;
  readonly input: Shape;
  readonly output: Shape;
  /** Elements of one example. */
  readonly made: number;
}

/** What layers make of one example on the way forward, with those in their heads. */
function madeBy(layers: readonly LayerNode[]): readonly Made[] {
  return layers.flatMap(({ word, input, output, heads }, i) => {
    const before = layers[i - 1];
    const isFused = before !== undefined && FUSING.has(before.word) && FUSED.has(word);
    const reorders = input.length !== output.length && [input, output].some(isImage);
    const tensors = word === 'linear' || isFused ? 0 : reshapes(word) ? (reorders ? 1 : 0) : (MADE[word] ?? 1);
    return [...Object.values(heads).flatMap(madeBy), { word, input, output, made: tensors * elementCount(output) }];
  });
}

function reshapes(word: string): boolean {
  return word === 'flatten' || word === 'reshape';
}

/** Whether the order of its elements is another inside, where channels come last. */
function isImage(shape: Shape): boolean {
  return shape.length === 3 && shape[0] !== 1;
}

/** The layers below the one that is trained, its own copy, and two parts of what it is measured on once an epoch. */
function pretrainBytes({ data, encoder }: Trained, { method, layers, settings }: PretrainStage): number {
  const batch = Math.min(batchOf(settings), data.train);
  const measured = method.word === 'rbm' ? 2 * Math.min(2000, data.train) : 0;
  const chain = method.arguments.k?.value;
  const rounds = 2 + 3 * (typeof chain === 'number' ? chain : 1);
  return layers.reduce((most, index) => {
    const layer = encoder[index];
    if (!layer) return most;
    const [inputs, outputs] = [elementCount(layer.input), elementCount(layer.output)];
    const below = madeBy(encoder.slice(0, index)).reduce((total, { made }) => total + made, elementCount(data.shape));
    const examples = batch * (below + rounds * (inputs + outputs)) + measured * (below + outputs);
    return Math.max(most, ELEMENT * (examples + 5 * inputs * outputs));
  }, 0);
}

function drawsLatents(layers: readonly LayerNode[]): boolean {
  return layers.some(({ heads }) => Object.keys(heads).length > 0);
}

/** @param tied whether those are counted that are another layer's, or the others */
function weightCount(layers: readonly LayerNode[], tied: boolean): number {
  return layers.reduce((total, { weights, heads }) => {
    const counted = weights.filter(({ tiedTo }) => (tiedTo !== null) === tied);
    const own = counted.reduce((sum, { shape }) => sum + elementCount(shape), 0);
    return Object.values(heads).reduce((sum, inside) => sum + weightCount(inside, tied), total + own);
  }, 0);
}

function slotsOf(optimizer: string): number {
  return SLOTS[optimizer] ?? 2;
}

function batchOf({ batch }: Arguments): number {
  const value = batch?.value;
  return typeof value === 'number' && !isWordValue(value) ? value : 1;
}

/** `802 MiB`, `5.2 GiB` */
export function memoryText(bytes: number): string {
  const mebibytes = bytes / 1024 ** 2;
  return mebibytes < 1000 ? `${Math.ceil(mebibytes)} MiB` : `${(mebibytes / 1024).toFixed(1)} GiB`;
}
