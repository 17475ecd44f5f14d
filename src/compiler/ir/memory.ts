import type { ExperimentIr, LayerNode, PretrainStage, TrainStage } from './experiment.js';
import { elementCount, type Shape } from './shape.js';
import { type Arguments, isWordValue } from './value.js';

/** Estimated peak memory of a trial's tensors, in bytes. */
export interface MemoryNeed {
  /** Weights and optimizer state. */
  readonly weights: number;
  /** A step on the largest batch of any stage, with the gradients. */
  readonly step: number;
  /** A pass over one chunk of the validation or test split. */
  readonly evaluation: number;
  /** Gradient of the probe batch used for layer diagnostics. */
  readonly diagnostics: number;
  /** Peak of all parts. */
  readonly total: number;
}

/** Examples per evaluation pass. */
const PORTION = 500;
/** Training examples used for diagnostics. */
const PROBE = 256;
/** Memory limit of a pass in bytes; a pass that would take more has fewer examples. */
const MOST_OF_A_PASS = 1024 ** 3;
/** Bytes of a float32. */
const ELEMENT = 4;
/** Factor for rounding up block sizes and for fragmentation. */
const SLACK = 1.15;
/** The kernels' own data and workspaces. */
const FIXED = 4 * 1024 ** 2;

/**
 * Tensors of output size that layers allocate in the forward pass; one for words not listed. Layers that only reshape
 * allocate none.
 */
const MADE: Readonly<Record<string, number>> = { batch_norm: 3, layer_norm: 3, dropout: 4.25, upsample2d: 1.5 };
/** The same for the backward pass, besides the incoming and outgoing gradients; one for words not listed. */
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
/** Layers that fuse one of these activations into their kernel. */
const FUSING: ReadonlySet<string> = new Set(['dense', 'conv2d', 'conv_transpose2d']);
const FUSED: ReadonlySet<string> = new Set(['linear', 'relu', 'sigmoid', 'tanh']);
/** Tensors that an optimizer keeps per weight; two for those not listed. */
const SLOTS: Readonly<Record<string, number>> = { sgd: 1 };
/** Losses computed in a single kernel; others allocate tensors of the size they compare. */
const FUSED_LOSSES: ReadonlySet<string> = new Set(['mse', 'bce', 'bce_with_logits']);

type Trained = Pick<ExperimentIr, 'data' | 'corruption' | 'encoder' | 'decoder' | 'loss' | 'stages'>;

/** Examples per evaluation pass: fewer if they are large, but independent of the machine, as sums depend on it. */
export function evaluationPortion(experiment: Trained): number {
  return examplesOfPass(experiment, PORTION);
}

/** Number of examples for layer diagnostics. */
export function probeSize(experiment: Trained): number {
  return examplesOfPass(experiment, PROBE);
}

function examplesOfPass(experiment: Trained, most: number): number {
  return Math.max(1, Math.min(most, Math.floor(MOST_OF_A_PASS / passBytes(experiment, 1))));
}

/** Estimates the engine memory that training an experiment takes. A property of the experiment: no machine is asked. */
export function memoryNeed(experiment: Trained): MemoryNeed {
  const { data, stages, encoder, decoder } = experiment;
  const own = ELEMENT * weightCount([...encoder, ...decoder], false);
  // A weight that is used twice has two gradients, summed into a third.
  const gradients = own + 2 * ELEMENT * weightCount([...encoder, ...decoder], true);
  const train = stages.find((stage): stage is TrainStage => stage.kind === 'train');
  const weights = own + (train ? own * slotsOf(train.optimizer.word) : 0);
  const pretraining = stages.flatMap((stage) => (stage.kind === 'pretrain' ? [pretrainBytes(experiment, stage)] : []));
  const training = train ? passBytes(experiment, Math.min(batchOf(train.settings), data.train)) + gradients : 0;
  const examined = Math.min(evaluationPortion(experiment), Math.max(data.validation, data.test));
  const evaluation = forwardBytes(experiment, examined) * (drawsLatents(encoder) ? 2 : 1);
  const diagnostics = train ? passBytes(experiment, Math.min(probeSize(experiment), data.train)) + gradients : 0;
  // A small step keeps its memory while other work runs.
  const beside = isLargeStep(training) ? 0 : training;
  const most = Math.max(0, ...pretraining, training, beside + Math.max(evaluation, diagnostics));
  const step = Math.max(0, training, ...pretraining);
  return { weights, step, evaluation, diagnostics, total: FIXED + SLACK * (weights + most) };
}

/** Returns whether a step's memory is released while other work runs, and reallocated. */
export function isLargeStep(step: number): boolean {
  return step > 32 * 1024 ** 2;
}

/** Peak of a forward and backward pass over some examples. */
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

/** Memory of a forward pass over some examples, including the loss. */
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
  /** Elements per example. */
  readonly made: number;
}

/** Allocations of the layers for one example in the forward pass, including their heads. */
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

/** Returns whether the layout differs internally, where channels come last. */
function isImage(shape: Shape): boolean {
  return shape.length === 3 && shape[0] !== 1;
}

/** Layers below the one being trained, its own copy, and two batches for its measurements once an epoch. */
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

/** @param tied whether to count tied weights or all others */
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
