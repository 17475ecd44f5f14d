import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { compile } from '../../src/compiler/compile.js';
import { codeReference, type ExperimentIr, wantedOf } from '../../src/compiler/ir/experiment.js';
import { elementCount, type Shape } from '../../src/compiler/ir/shape.js';
import { conditionsNeeded } from '../../src/compiler/library/conditions-needed.js';
import { knownWord } from '../../src/compiler/library/library.js';
import type { Source } from '../../src/compiler/syntax/source.js';
import { modelParts, type OnnxFloat, type OnnxGraph } from '../../src/models/onnx/graph.js';
import { modelGraph } from '../../src/models/onnx/model-graph.js';
import { readParams } from '../../src/project/params.js';
import { fileWorld, readSourceFile } from '../../src/project/world.js';
import { batchMaker } from '../../src/runtime/datasets/batch.js';
import { keptTransforms } from '../../src/runtime/datasets/fit.js';
import { networkOf } from '../../src/runtime/lowering/network-of-experiment.js';
import { stream } from '../../src/runtime/random/stream.js';
import { transformOf } from '../../src/runtime/training/data-words.js';
import { conditionValues } from '../../src/runtime/training/examples.js';
import { Model } from '../../src/trial/model.js';
import { builtinWords } from '../../src/words/words.js';
import { beforeExperiment, everyWord } from './pytorch/words.js';

/** An experiment whose model is exported. */
export interface ExportedCase {
  readonly name: string;
  readonly source: Source;
  readonly experiment: string | null;
  /** Data to take instead of its own, to be quick. */
  readonly data: string | null;
}

/** The experiments of `experiments/`, and some that have all words of the package together. */
export const exportedCases: readonly ExportedCase[] = [
  ...referenceCases(),
  ...Object.entries(everyWord).map(([name, text]): ExportedCase => {
    const source = {
      path: resolve(`${name}.ae`),
      text: `${beforeExperiment[name] ?? ''}experiment ${name} {\n${text}\n}\n`,
    };
    return { name, source, experiment: null, data: null };
  }),
];

/** Networks of layers at random: those of them that compile. */
export const randomCases: readonly ExportedCase[] = Array.from({ length: 40 }, (_, i) => randomCase(i)).filter(
  (each) => outcomeOf(each).value !== null,
);

function randomCase(seed: number): ExportedCase {
  const draws = new Uint32Array(64);
  stream({ seed, path: 'test', purpose: 'network' }).integers(draws, 2 ** 16, 0);
  let next = 0;
  const below = (count: number): number => (draws[next++] ?? 0) % count;
  const oneOf = (choices: readonly string[]): string => choices[below(choices.length)] ?? '';
  const activation = () =>
    oneOf([
      'relu()',
      'leaky_relu(0.3)',
      'elu(0.7)',
      'elu()',
      'selu()',
      'gelu()',
      'gelu(approximate=tanh)',
      'silu()',
      'mish()',
      'softplus(3)',
      'tanh()',
      'sigmoid()',
      'softmax()',
      'topk(1)',
      'abs_topk(1)',
    ]);
  const imageLayer = () =>
    oneOf([
      `conv2d(${1 + below(3)}, dilation=[1, ${1 + below(2)}], kernel=[${1 + below(3)}, ${1 + below(3)}], stride=${1 + below(2)}, padding=${below(2)}, bias=${oneOf(['true', 'false'])})`,
      `conv_transpose2d(2, groups=${oneOf(['1', '1', '2'])}, dilation=${1 + below(2)}, kernel=${1 + below(3)}, stride=[${1 + below(2)}, 2], padding=${below(2)}, output_padding=[0, ${below(2)}])`,
      `max_pool2d(${2 + below(2)}, stride=${1 + below(3)}, padding=${below(2)})`,
      `avg_pool2d(${2 + below(2)}, stride=${1 + below(3)}, padding=${below(2)})`,
      `upsample2d(factor=[${1 + below(2)}, 2])`,
      'batch_norm()',
      'layer_norm()',
      'group_norm(1)',
      'dropout(0.5)',
    ]);
  const image = Array.from({ length: 1 + below(3) }, () => `${imageLayer()}  ${activation()}`).join('  ');
  const code = oneOf([
    'code: dense(5)',
    'code: dense(5, activation=tanh)',
    'z: reparameterize { mu: dense(4)  logvar: dense(4) }',
  ]);
  const text = `experiment random${seed} {
  data digits(take=60, test=20) { ${oneOf(['center_crop(9)', 'resize([7, 10])', 'resize(30)', 'center_crop(9)  pad(1, value=0.5)', 'center_crop(8)  pad([1, 2], mode=reflect)', 'resize(8)  pad(1, mode=edge)', 'resize(8, method=area)  scale(-1, 1)'])} }
  encoder { ${image}  flatten()  ${code} }
  decoder { dense(12)  ${oneOf(['batch_norm()', 'layer_norm()', 'dropout(0.1)'])}  ${activation()}  reshape([3, 2, 2])  ${activation()}
            upsample2d(size=[3, 5])  flatten()  dense(input.size) }
  loss mse()
  train adam() { epochs = 1  batch = 20 }
}`;
  return { name: `random${seed}`, source: { path: resolve(`random${seed}.ae`), text }, experiment: null, data: null };
}

function referenceCases(): readonly ExportedCase[] {
  return readdirSync('experiments')
    .filter((file) => file.endsWith('.ae'))
    .flatMap((file) => {
      const source = readSourceFile(join('experiments', file));
      if ('problem' in source) throw new Error(source.problem);
      const { path, text } = source;
      // Pictures and evaluations take longer than the training here.
      const bare = { path, text: text.replace(/^ *(show|evaluate) \{[^}]*\}\n/gm, '') };
      const names = [...source.text.matchAll(/^experiment (\w+)/gm)].map((match) => match[1] ?? '');
      const data = /\b(mnist|fashion_mnist)\(/.test(source.text) || /extends "/.test(source.text);
      return names.map((experiment): ExportedCase => {
        const drawn = data || file === 'first.ae' ? 'digits(take=48, validation=8, test=16)' : null;
        return { name: `${file}:${experiment}`, source: bare, experiment, data: file === 'table.ae' ? null : drawn };
      });
    });
}

function outcomeOf({ source, experiment, data }: ExportedCase) {
  return compile(source, experiment, {
    library: builtinWords,
    world: fileWorld(),
    data: readParams([], data).data,
  });
}

export function compiled(each: ExportedCase): ExperimentIr {
  const outcome = outcomeOf(each);
  if (outcome.value === null) throw new Error(JSON.stringify(outcome.diagnostics));
  return outcome.value.ir;
}

function uniform(purpose: string, length: number, low: number, high: number): Float32Array {
  const values = new Float32Array(length);
  stream({ seed: 1, path: 'test', purpose }).uniform(values, 0);
  return values.map((u) => low + (high - low) * u);
}

/** Weights that no training gave, so that biases and running statistics are not what they start from. */
export function someWeights(experiment: ExperimentIr): Map<string, Float32Array> {
  const weights = networkOf(experiment, builtinWords).weights.map(({ key, name, shape }): [string, Float32Array] => {
    const length = elementCount(shape);
    if (name === 'running_var') return [key, uniform(key, length, 0.5, 1.5)];
    const bound = shape.length === 1 ? 0.5 : Math.sqrt((3 * (shape[0] ?? 1)) / length);
    return [key, uniform(key, length, -bound, bound)];
  });
  const size = elementCount(experiment.data.shape);
  // The first feature never varied in the training part.
  const spread = uniform('spread', size, 0.2, 0.4).map((value, i) => (i === 0 ? 0 : value));
  const least = uniform('least', size, -0.2, 0.2);
  const statistics = experiment.data.transforms.flatMap(({ word }): [string, Float32Array][] => [
    [`data/${word}/mean`, least],
    [`data/${word}/std`, spread],
    [`data/${word}/min`, least],
    [`data/${word}/max`, least.map((value, i) => Math.fround(value + (spread[i] ?? 0)))],
    ...conditionStatisticsOf(experiment, word),
  ]);
  const wanted = uniform('wanted', elementCount(wantedOf(experiment).shape), 0.5, 2);
  const ofTarget = (experiment.target?.transforms ?? []).flatMap(({ word }): [string, Float32Array][] => [
    [`target/${word}/min`, wanted.map((value) => -value)],
    [`target/${word}/max`, wanted],
  ]);
  return new Map([...weights, ...statistics, ...ofTarget]);
}

function conditionStatisticsOf({ data }: ExperimentIr, word: string): [string, Float32Array][] {
  const numbers = data.conditions.filter(({ categories }) => categories === null).length;
  return ['mean', 'std'].map((part) => [`data/condition/${word}/${part}`, new Float32Array(numbers).fill(1)]);
}

const count = 2;

/** What the network sees of raw values, which start after the last transform that draws. */
function seenOf(
  experiment: ExperimentIr,
  weights: ReadonlyMap<string, Float32Array>,
  raw: Float32Array,
  shape: readonly number[],
) {
  const { transforms } = experiment.data;
  const drawn = transforms.findLastIndex(({ word }) => knownWord(builtinWords, 'transform', word).onnx === 'drawn');
  const requests = transforms.slice(drawn + 1).map((word) => transformOf(word, builtinWords));
  const maker = batchMaker(shape, keptTransforms(requests, weights, elementCount(experiment.data.shape)), 'evaluation');
  const seen = new Float32Array(count * maker.size);
  maker.fill(
    { count, values: raw, labels: null },
    Uint32Array.from({ length: count }, (_, i) => i),
    { step: 0, firstExample: 0 },
    seen,
  );
  return seen;
}

/** A part of a case's model, what it is given, and what it must give. */
export interface ExportedPart {
  readonly name: string;
  readonly graph: OnnxGraph;
  readonly count: number;
  readonly given: Float32Array;
  /** The second input of a conditional model, one-hot. */
  readonly condition: Float32Array | null;
  readonly values: Float32Array;
}

/** Every part of a case, with and without its transforms, as far as a file can hold it. TF.js's current backend computes. */
export function exportedParts(each: ExportedCase, precision: OnnxFloat): readonly ExportedPart[] {
  const experiment = compiled(each);
  const weights = someWeights(experiment);
  const model = new Model(experiment, weights, builtinWords);
  const code = codeReference(experiment);
  const sizes = conditionsNeeded(experiment, builtinWords);
  const known = Math.max(1, sizes.classes);
  const columns = uniform('columns', count * sizes.columns, -1, 1);
  const conditions = { classes: Int32Array.of(3 % known, 7 % known), columns };
  const examples = (part: 'encoder' | 'whole', withTransforms: boolean, shape: Shape) => {
    const given = uniform('given', count * elementCount(shape), 0, 1);
    const seen = withTransforms ? seenOf(experiment, weights, given, shape) : given;
    if (part === 'encoder') return { given, values: model.layerOfSeen(code, seen, conditions).values };
    return {
      given,
      values: (withTransforms ? model.reconstructSeen(seen, conditions) : model.reconstructScaled(seen, conditions))
        .values,
    };
  };
  const codes = (withTransforms: boolean) => {
    const seen = uniform('given', count * elementCount(experiment.data.shape), 0, 1);
    const given = model.layerOfSeen(code, seen, conditions).values;
    const { values } = withTransforms
      ? model.decode(given, code, conditions)
      : model.reconstructScaled(seen, conditions);
    return { given, values };
  };
  const parts = modelParts.flatMap((part) =>
    [false, true].flatMap((withTransforms): readonly ExportedPart[] => {
      if (isRefused(each.name, part, withTransforms)) return [];
      const name = `${each.name} ${part}${withTransforms ? ' with transforms' : ''}`;
      const graph = modelGraph({ experiment, weights, words: builtinWords }, { part, withTransforms, precision });
      const shown = part === 'decoder' ? codes(withTransforms) : examples(part, withTransforms, graph.input.shape);
      const condition = graph.condition && conditionValues(conditions, sizes, count);
      return [{ name, graph, count, condition, ...shown }];
    }),
  );
  model.dispose();
  return parts;
}

/** What ONNX can't hold: a pool that the decoder alone has not seen, and pixels that are drawn. */
function isRefused(name: string, part: string, withTransforms: boolean): boolean {
  if (part === 'decoder' && /conv_unpool|images|padded|skips|unet/.test(name)) return true;
  return name === 'strides' && withTransforms && part !== 'decoder';
}
