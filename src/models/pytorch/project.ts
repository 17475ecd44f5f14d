import type { DataNode, ExperimentIr } from '../../compiler/ir/experiment.js';
import { elementCount } from '../../compiler/ir/shape.js';
import { plainArguments } from '../../compiler/ir/value.js';
import { conditionsNeeded } from '../../compiler/library/conditions-needed.js';
import { knownWord } from '../../compiler/library/library.js';
import { labelsAt } from '../../runtime/datasets/class-labels.js';
import { isStatistic } from '../../runtime/datasets/fit.js';
import { readExamples } from '../../runtime/datasets/row-reader.js';
import type { Examples } from '../../runtime/datasets/split.js';
import { withRoom } from '../../runtime/datasets/stored-array.js';
import { areDouble, areInMemory } from '../../runtime/datasets/stored-rows.js';
import { encodeNpy } from '../../runtime/formats/npy.js';
import { encodeSafetensors, type Float32Tensor } from '../../runtime/formats/safetensors.js';
import type { NetworkWeight } from '../../runtime/lowering/network.js';
import { stream } from '../../runtime/random/stream.js';
import { ConditionValues, conditionStatistics } from '../../runtime/training/condition-values.js';
import { conditionValues } from '../../runtime/training/examples.js';
import { drawInitialValue, type WeightValues } from '../../runtime/training/initial-weights.js';
import type { Words } from '../../words/word.js';
import { modelFile } from './model-file.js';
import { tensorNames } from './names.js';
import { startName } from './pretraining.js';
import { streamsFile } from './streams-file.js';
import { type ReplayedRun, trainFile } from './train-file.js';
import { hasStatistics } from './transforms.js';

export interface PytorchProject {
  readonly experiment: ExperimentIr;
  readonly run: Omit<ReplayedRun, 'isDouble' | 'areTargetsDouble'>;
  readonly words: Words;
  /** The network's weights, in structural order. */
  readonly networkWeights: readonly NetworkWeight[];
  readonly initial: WeightValues;
  /** Includes the transforms' statistics of the training part. */
  readonly trained: WeightValues;
  /** The losses of every step, by stage and metric. */
  readonly losses: readonly { readonly stage: string; readonly metric: string; readonly values: Float32Array }[];
  readonly training: Examples;
}

export interface ProjectFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * The PyTorch form of a trained model and its training: `train.py` and everything it reads.
 * @throws UnknownToPytorch for a plug-in's word without a PyTorch form
 */
export function pytorchFiles(project: PytorchProject): readonly ProjectFile[] {
  const { experiment, run, words, networkWeights, initial, trained, losses, training } = project;
  const names = tensorNames(experiment);
  const tensors = (values: WeightValues): readonly Float32Tensor[] =>
    networkWeights.map(({ key, shape }) => ({ name: names.get(key) ?? key, shape, values: valuesOf(values, key) }));
  const statistics = [...trained].filter(([key]) => isStatistic(key) && !key.startsWith(conditionStatistics));
  return [
    { name: 'model.py', bytes: text(modelFile(experiment, words, trained)) },
    {
      name: 'train.py',
      bytes: text(
        trainFile(
          experiment,
          { ...run, isDouble: isDouble(training), areTargetsDouble: isDouble(training.target) },
          words,
        ),
      ),
    },
    { name: 'streams.py', bytes: text(streamsFile) },
    { name: 'trained.safetensors', bytes: encodeSafetensors(tensors(trained)) },
    {
      name: 'initial.safetensors',
      bytes: encodeSafetensors([...tensors(initial), ...startWeights(experiment, run.seed, words)]),
    },
    {
      name: 'losses.safetensors',
      bytes: encodeSafetensors(
        losses.map(({ stage, metric, values }) => ({ name: `${stage}.${metric}`, shape: [values.length], values })),
      ),
    },
    ...(hasStatistics(experiment, words)
      ? [
          {
            name: 'statistics.safetensors',
            bytes: encodeSafetensors(
              statistics.map(([key, values]) => ({ name: key.replaceAll('/', '.'), shape: [values.length], values })),
            ),
          },
        ]
      : []),
    ...storedConditions(project),
    { name: 'examples.npy', bytes: storedExamples(experiment.data, training) },
    ...(experiment.target && training.target
      ? [{ name: 'targets.npy', bytes: storedExamples(experiment.target, training.target) }]
      : []),
  ];
}

function text(python: string): Uint8Array {
  return new TextEncoder().encode(python);
}

function valuesOf(values: WeightValues, key: string): Float32Array {
  const found = values.get(key);
  if (!found) throw new RangeError(`the run has no weight '${key}'`);
  return found;
}

/** The starting weights of pretraining methods, drawn apart from the layers' own. */
function startWeights({ stages, encoder }: ExperimentIr, seed: number, words: Words): readonly Float32Tensor[] {
  return stages.flatMap((stage) => {
    if (stage.kind !== 'pretrain') return [];
    const { pytorch } = knownWord(words, 'stage', stage.method.word);
    const init = pytorch?.startsFrom?.(plainArguments(stage.method.arguments));
    if (init === undefined) return [];
    const word = knownWord(words, 'initializer', init.word);
    return stage.layers.flatMap((index) => {
      const node = encoder[index];
      if (!node?.address) return [];
      const [inputs, outputs] = [elementCount(node.input), elementCount(node.output)];
      const initial = word.initial(plainArguments(init.arguments), inputs, outputs);
      const random = stream({ seed, path: node.address, purpose: 'rbm_weight' });
      const values = drawInitialValue(initial, [outputs, inputs], random);
      return [{ name: startName(stage.name, node.address), shape: [outputs, inputs], values }];
    });
  });
}

/** The conditions of the training part, in the same order. */
function storedConditions({ experiment, words, trained, training }: PytorchProject): readonly ProjectFile[] {
  const sizes = conditionsNeeded(experiment, words);
  const { part, indices } = training;
  const classes = sizes.classes === 0 ? null : classesOf(training);
  if (sizes.columns > 0) {
    const columns = new ConditionValues(experiment.data, trained, words).of(part, indices);
    const values = conditionValues({ classes, columns }, sizes, indices.length);
    return [{ name: 'conditions.npy', bytes: encodeNpy([indices.length, sizes.classes + sizes.columns], values) }];
  }
  if (classes === null) return [];
  return [{ name: 'classes.npy', bytes: encodeNpy([indices.length], Float32Array.from(classes)) }];
}

/** @throws RangeError for data without labels, which the compiler rejects */
function classesOf({ part, indices }: Examples): Int32Array {
  if (part.labels === null) throw new RangeError('a conditional model needs the classes of its examples');
  return labelsAt(part.labels, indices);
}

function isDouble(examples: Examples | undefined): boolean {
  return examples !== undefined && areDouble(examples.part.values);
}

/** Examples of the training part, or their targets, in the order of batch indices. */
function storedExamples({ storedShape }: DataNode, { part, indices }: Examples): Uint8Array {
  const size = elementCount(storedShape);
  const { values } = part;
  if (!areInMemory(values)) {
    const kind = areDouble(values) ? Float64Array : Float32Array;
    const read = withRoom('the training examples', () => new kind(indices.length * size));
    readExamples(values, indices, read);
    return encodeNpy([indices.length, ...storedShape], read);
  }
  const kind = values instanceof Uint8Array ? Uint8Array : values instanceof Float32Array ? Float32Array : Float64Array;
  const chosen = new kind(indices.length * size);
  indices.forEach((index, i) => {
    chosen.set(values.subarray(index * size, (index + 1) * size), i * size);
  });
  return encodeNpy([indices.length, ...storedShape], chosen);
}
