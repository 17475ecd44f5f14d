import { largest } from '../../numerics/extremes.js';
import { type ExperimentIr, type LayerNode, type PretrainStage, type TrainStage, wantedOf } from '../ir/experiment.js';
import { elementCount, type Shape } from '../ir/shape.js';
import { type Arguments, isNumbers, isWordValue, layersNamedIn, plainArguments } from '../ir/value.js';
import { knownWord, type Library } from './library.js';
import { typedArguments } from './parameter.js';
import type { LayerWord } from './word.js';

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

type Trained = Pick<ExperimentIr, 'data' | 'target' | 'corruptions' | 'encoder' | 'decoder' | 'loss' | 'stages'>;

/** Examples per evaluation pass: fewer if they are large, but independent of the machine, as sums depend on it. */
export function evaluationChunk(experiment: Trained, library: Library): number {
  return examplesOfPass(experiment, library, PORTION);
}

/** Number of examples for layer diagnostics. */
export function probeSize(experiment: Trained, library: Library): number {
  return examplesOfPass(experiment, library, PROBE);
}

function examplesOfPass(experiment: Trained, library: Library, most: number): number {
  return Math.max(1, Math.min(most, Math.floor(MOST_OF_A_PASS / passBytes(experiment, library, 1))));
}

/** Estimates the engine memory that training an experiment takes. A property of the experiment: no machine is asked. */
export function memoryNeed(experiment: Trained, library: Library): MemoryNeed {
  const { data, stages, encoder, decoder } = experiment;
  const own = ELEMENT * weightCount([...encoder, ...decoder], false);
  // A weight that is used twice has two gradients, summed into a third.
  const gradients = own + 2 * ELEMENT * weightCount([...encoder, ...decoder], true);
  const train = stages.find((stage): stage is TrainStage => stage.kind === 'train');
  const weights = own + (train ? own * knownWord(library, 'optimizer', train.optimizer.word).slots.length : 0);
  const pretraining = stages.flatMap((stage) =>
    stage.kind === 'pretrain' ? [pretrainBytes(experiment, stage, library)] : [],
  );
  const training = train
    ? passBytes(experiment, library, Math.min(batchOf(train.settings), data.train)) + gradients
    : 0;
  const examined = Math.min(evaluationChunk(experiment, library), Math.max(data.validation, data.test));
  const evaluation =
    forwardBytes(experiment, library, examined) * (drawsLatents([...encoder, ...decoder], library) ? 2 : 1);
  const diagnostics = train
    ? passBytes(experiment, library, Math.min(probeSize(experiment, library), data.train)) + gradients
    : 0;
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
function passBytes(experiment: Trained, library: Library, examples: number): number {
  const { data, encoder, decoder } = experiment;
  let [before, most] = [0, forwardBytes(experiment, library, examples)];
  const fed = fedBytes(experiment, examples);
  const held = heldBySkips(experiment);
  const made = [...madeByEach(encoder, library, experiment), ...madeByEach(decoder, library, experiment)];
  for (const [i, each] of made.entries()) {
    for (const { backward, input, output, made: own } of each) {
      before += own;
      const back = elementCount(output) * (1 + backward) + elementCount(input) + (held[i] ?? 0);
      most = Math.max(most, fed + ELEMENT * examples * (before + back));
    }
  }
  return most + ELEMENT * examples * (isImage(data.shape) ? elementCount(data.shape) : 0);
}

/** Memory of a forward pass over some examples, including the loss. */
function forwardBytes(experiment: Trained, library: Library, examples: number): number {
  const { encoder, decoder, loss } = experiment;
  const tensors = loss.map((term) => {
    const word = knownWord(library, 'loss', term.loss);
    const isWeighted = Object.values(term.loss.arguments).some(({ value }) => isNumbers(value));
    if (isWeighted) return 6;
    return word.isFused === true ? 0 : (word.tensors ?? 3);
  });
  const compared = largest(tensors, 0) * elementCount(wantedOf(experiment).shape);
  const layers = [encoder, decoder].flatMap((block) => madeByEach(block, library, experiment).flat());
  const made = layers.reduce((total, each) => total + each.made, 0);
  return fedBytes(experiment, examples) + ELEMENT * examples * (compared + made);
}

/** The examples themselves, their corrupted copies, and their targets. */
function fedBytes({ data, target, corruptions }: Trained, examples: number): number {
  const layouts = (shape: Shape): number => (isImage(shape) ? 2 : 1) * elementCount(shape);
  const input = layouts(data.shape) * (corruptions.length === 0 ? 1 : 2);
  return ELEMENT * examples * (input + (target === null ? 0 : layouts(target.shape)));
}

interface Made {
  readonly input: Shape;
  readonly output: Shape;
  /** Elements per example in the forward pass. */
  readonly made: number;
  /** Tensors of output size in the backward pass, besides the incoming and outgoing gradients. */
  readonly backward: number;
}

/** Allocations of each layer for one example, including its heads'. */
function madeByEach(
  layers: readonly LayerNode[],
  library: Library,
  network: Pick<ExperimentIr, 'encoder' | 'decoder'>,
): readonly (readonly Made[])[] {
  const words = layers.map((node) => knownWord(library, 'layer', node));
  const taken = new Set(skipsOf(network).map(({ from }) => from));
  return layers.map(({ input, output, heads }, i) => {
    const [word, before, layerBefore] = [words[i], words[i - 1], layers[i - 1]];
    if (word === undefined) return [];
    const isAlone = layerBefore !== undefined && !taken.has(layerBefore);
    const isFused = isAlone && before?.fusesActivation === true && word.isFused === true;
    const tensors = isFused ? 0 : tensorsOf(word, input, output);
    const own = { input, output, made: tensors * elementCount(output), backward: word.memory?.backward ?? 1 };
    return [...Object.values(heads).flatMap((inside) => madeByEach(inside, library, network).flat()), own];
  });
}

/** Each layer that takes the output of an earlier one besides that of the one before it. */
function skipsOf({ encoder, decoder }: Pick<ExperimentIr, 'encoder' | 'decoder'>) {
  return [...encoder, ...decoder].flatMap((by) =>
    layersNamedIn(by.arguments).flatMap(({ block, index }) => {
      const from = (block === 'encoder' ? encoder : decoder)[index];
      return from ? [{ from, by }] : [];
    }),
  );
}

/** Elements of gradients that wait, while each layer's is computed, for a layer further below. */
function heldBySkips(network: Pick<ExperimentIr, 'encoder' | 'decoder'>): readonly number[] {
  const layers = [...network.encoder, ...network.decoder];
  const held = new Float64Array(layers.length);
  for (const { from, by } of skipsOf(network)) {
    held.subarray(layers.indexOf(from) + 1, layers.indexOf(by)).forEach((_, i, part) => {
      part[i] = (part[i] ?? 0) + elementCount(from.output);
    });
  }
  return [...held];
}

/** Tensors of output size that a layer by itself allocates in the forward pass. */
function tensorsOf({ isIdentity, reshapes, memory }: LayerWord, input: Shape, output: Shape): number {
  if (isIdentity === true) return 0;
  // Only images are kept in another order.
  if (reshapes !== undefined) return input.length !== output.length && [input, output].some(isImage) ? 1 : 0;
  return memory?.forward ?? 1;
}

/** Returns whether the layout of images and signals differs internally, where channels come last. */
function isImage(shape: Shape): boolean {
  return shape.length > 1 && shape[0] !== 1;
}

/** Layers below the one being trained, its own copy, and two batches for its measurements once an epoch. */
function pretrainBytes(
  { data, encoder }: Trained,
  { method, layers, settings }: PretrainStage,
  library: Library,
): number {
  const batch = Math.min(batchOf(settings), data.train);
  const stage = knownWord(library, 'stage', method.word);
  const { copies, measured } = stage.memory(
    typedArguments(stage.parameters, plainArguments(method.arguments)),
    data.train,
  );
  return layers.reduce((most, index) => {
    const layer = encoder[index];
    if (!layer) return most;
    const [inputs, outputs] = [elementCount(layer.input), elementCount(layer.output)];
    const network = { encoder, decoder: [] };
    const below = madeByEach(encoder.slice(0, index), library, network)
      .flat()
      .reduce((total, { made }) => total + made, elementCount(data.shape));
    const examples = batch * (below + copies * (inputs + outputs)) + measured * (below + outputs);
    return Math.max(most, ELEMENT * (examples + 5 * inputs * outputs));
  }, 0);
}

function drawsLatents(layers: readonly LayerNode[], library: Library): boolean {
  return layers.some((node) => knownWord(library, 'layer', node).distribution !== undefined);
}

/** @param tied whether to count weights that are another's transpose, or those of the layers' own */
function weightCount(layers: readonly LayerNode[], tied: boolean): number {
  return layers.reduce((total, { weights, heads }) => {
    const counted = weights.filter(({ tiedTo }) => (tied ? tiedTo?.transposed === true : tiedTo === null));
    const own = counted.reduce((sum, { shape }) => sum + elementCount(shape), 0);
    return Object.values(heads).reduce((sum, inside) => sum + weightCount(inside, tied), total + own);
  }, 0);
}

function batchOf({ batch }: Arguments): number {
  const value = batch?.value;
  return typeof value === 'number' && !isWordValue(value) ? value : 1;
}
