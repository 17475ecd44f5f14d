import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import type { ExperimentIr } from '../../src/compiler/ir/experiment.js';
import { codeReference } from '../../src/compiler/ir/experiment.js';
import { elementCount, type Shape } from '../../src/compiler/ir/shape.js';
import { knownWord } from '../../src/compiler/library/library.js';
import { onnxFile } from '../../src/models/onnx/file.js';
import { modelParts } from '../../src/models/onnx/graph.js';
import { modelGraph, type PartOptions } from '../../src/models/onnx/model-graph.js';
import { readData, UsageError } from '../../src/project/params.js';
import { fileWorld } from '../../src/project/world.js';
import { chooseBackend } from '../../src/runtime/backend/choose.js';
import { batchMaker } from '../../src/runtime/datasets/batch.js';
import { keptTransforms } from '../../src/runtime/datasets/fit.js';
import { encodeNpy } from '../../src/runtime/formats/npy.js';
import { networkOf } from '../../src/runtime/lowering/network-of-experiment.js';
import { operations } from '../../src/runtime/lowering/operations.js';
import { stream } from '../../src/runtime/random/stream.js';
import { transformOf } from '../../src/runtime/training/data-words.js';
import { Model } from '../../src/trial/model.js';
import type { Words } from '../../src/words/word.js';
import { builtinWords } from '../../src/words/words.js';
import { type ExportedCase, exportedCases } from './exported-cases.js';

/** A Python with onnxruntime and NumPy: `AEDSL_PYTHON`, else `python3` if it has them. */
const python = process.env.AEDSL_PYTHON ?? 'python3';
const hasOnnx = spawnSync(python, ['-c', 'import onnx, onnxruntime, numpy']).status === 0;

const place = mkdtempSync(join(tmpdir(), 'aedsl-onnx-'));
afterAll(() => rmSync(place, { recursive: true, force: true }));

const metadata = { version: '0', description: 'a test', properties: {} };

function compiled({ source, experiment, data }: ExportedCase): ExperimentIr {
  const outcome = compile(source, experiment, {
    library: builtinWords,
    world: fileWorld(),
    data: data === null ? null : readData(data),
  });
  if (outcome.value === null) throw new Error(JSON.stringify(outcome.diagnostics));
  return outcome.value.ir;
}

function uniform(purpose: string, length: number, low: number, high: number): Float32Array {
  const values = new Float32Array(length);
  stream({ seed: 1, path: 'test', purpose }).uniform(values, 0);
  return values.map((u) => low + (high - low) * u);
}

/** Weights that no training gave, so that biases and running statistics are not what they start from. */
function someWeights(experiment: ExperimentIr): Map<string, Float32Array> {
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
  ]);
  return new Map([...weights, ...statistics]);
}

const count = 4;

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

interface Check {
  readonly name: string;
  readonly model: string;
  readonly input: string;
  readonly expected: string;
}

/** The files of every part of a case: a model, what it is given, and what it must give. */
function checksOf(each: ExportedCase): readonly Check[] {
  const experiment = compiled(each);
  const weights = someWeights(experiment);
  const model = new Model(experiment, weights, builtinWords);
  const code = codeReference(experiment);
  const examples = (part: 'encoder' | 'whole', withTransforms: boolean, shape: Shape) => {
    const given = uniform('given', count * elementCount(shape), 0, 1);
    const seen = withTransforms ? seenOf(experiment, weights, given, shape) : given;
    if (part === 'encoder') return { given, values: model.layerOfSeen(code, seen).values };
    return { given, values: (withTransforms ? model.reconstructSeen(seen) : model.reconstructScaled(seen)).values };
  };
  const codes = (withTransforms: boolean) => {
    const seen = uniform('given', count * elementCount(experiment.data.shape), 0, 1);
    const given = model.layerOfSeen(code, seen).values;
    return { given, values: withTransforms ? model.decode(given).values : model.reconstructScaled(seen).values };
  };
  const checks = modelParts.flatMap((part) =>
    [false, true].flatMap((withTransforms): readonly Check[] => {
      const name = `${each.name} ${part}${withTransforms ? ' with transforms' : ''}`;
      if (isRefused(each.name, part, withTransforms)) return [];
      const graph = modelGraph(
        { experiment, weights, words: builtinWords },
        { part, withTransforms, precision: 'float64' },
      );
      const { given, values } =
        part === 'decoder' ? codes(withTransforms) : examples(part, withTransforms, graph.input.shape);
      const path = join(place, name.replace(/\W/g, '-'));
      writeFileSync(`${path}.onnx`, onnxFile(graph, metadata));
      writeFileSync(`${path}.input.npy`, encodeNpy([count, ...graph.input.shape], given));
      writeFileSync(`${path}.expected.npy`, encodeNpy([count, ...graph.output.shape], values));
      return [{ name, model: `${path}.onnx`, input: `${path}.input.npy`, expected: `${path}.expected.npy` }];
    }),
  );
  model.dispose();
  return checks;
}

/** What ONNX can't hold: a pool that the decoder alone has not seen, and pixels that are drawn. */
function isRefused(name: string, part: string, withTransforms: boolean): boolean {
  if (part === 'decoder' && /conv_unpool|images/.test(name)) return true;
  return name === 'strides' && withTransforms && part !== 'decoder';
}

function graphOf(name: string, options: PartOptions, words = builtinWords) {
  const found = exportedCases.find((each) => each.name === name);
  if (!found) throw new Error(`there is no case '${name}'`);
  const experiment = compiled(found);
  return modelGraph({ experiment, weights: someWeights(experiment), words }, options);
}

const precision = 'float32';

describe('a graph', () => {
  it('starts after what each example draws, and has raw values in and out', () => {
    const { input, output, nodes } = graphOf('sparse.ae:sparse', { part: 'whole', withTransforms: true, precision });
    expect(input).toEqual({ name: 'input', type: 'float32', shape: [1, 10, 10] });
    expect(output).toEqual({ name: 'reconstruction', type: 'float32', shape: [1, 10, 10] });
    expect(nodes.slice(0, 3).map(({ name }) => name)).toEqual([
      'data.normalize/Sub',
      'data.normalize/Div',
      'encoder.0.flatten/Flatten',
    ]);
    expect(nodes.at(-2)?.name).toBe('data.raw/Mul');
  });

  it('has a tied weight once, and nothing of the variances of a code', () => {
    const tied = graphOf('stacked', { part: 'whole', withTransforms: false, precision });
    expect(tied.tensors.map(({ name }) => name).filter((name) => name.endsWith('weight'))).toEqual([
      'encoder.dense0.weight',
      'encoder.dense1.weight',
    ]);
    const vae = graphOf('vae.ae:vae', { part: 'encoder', withTransforms: false, precision });
    expect(vae.tensors.filter(({ name }) => name.includes('logvar'))).toEqual([]);
  });

  it('is refused for what ONNX cannot hold, with the layer and what to do', () => {
    const refusal = (name: string, options: Omit<PartOptions, 'precision'>, words = builtinWords) => {
      try {
        graphOf(name, { ...options, precision }, words);
      } catch (error) {
        if (error instanceof UsageError) return [error.message, error.hint];
        throw error;
      }
      return null;
    };
    expect(refusal('images', { part: 'decoder', withTransforms: false })).toEqual([
      "the decoder cannot be written alone: the layer 'unpool2d' (decoder.3) needs what 'max_pool2d' (encoder.3, 'p1') was given",
      'export the whole model: --part whole',
    ]);
    expect(refusal('strides', { part: 'whole', withTransforms: true })).toEqual([
      "the transform 'binarize' cannot be written in ONNX with these arguments",
      'export without --with-transforms, and give the model what the transforms make of the data',
    ]);
    expect(refusal('vae.ae:vae', { part: 'encoder', withTransforms: false }, withoutForm('layer', 'dense'))?.[0]).toBe(
      "the layer 'dense' (encoder.1) has no form in ONNX",
    );
    expect(refusal('features', { part: 'whole', withTransforms: true }, withoutForm('transform', 'min_max'))?.[0]).toBe(
      "the transform 'min_max' cannot be written in ONNX with these arguments",
    );
  });
});

it('knows what the reconstruction is wherever a loss says that it is not the output itself', () => {
  const named = builtinWords.names('loss').map((name) => knownWord(builtinWords, 'loss', name));
  const meant = named.filter((word) => word.lower(operations).reconstruction !== undefined);
  expect(meant.map(({ name }) => name)).toEqual(['bce_with_logits']);
  expect(meant.filter((word) => word.reconstructionInOnnx === undefined)).toEqual([]);
});

/** The words of the package, with one that says nothing of ONNX, as a word from outside may. */
function withoutForm(family: 'layer' | 'transform', name: string): Words {
  const find: Words['find'] = (of, word) => {
    const found = builtinWords.find(of, word);
    return found && of === family && word === name ? { ...found, onnx: null } : found;
  };
  return { ...builtinWords, find };
}

describe.skipIf(!hasOnnx)(
  'a model in onnxruntime (skipped without onnx, onnxruntime and numpy in AEDSL_PYTHON)',
  () => {
    const deviations = new Map<string, number>();

    beforeAll(async () => {
      await chooseBackend('simd', { threads: 1 });
      const checks = exportedCases.flatMap(checksOf);
      const { stdout, stderr } = spawnSync(python, ['tests/models/run_onnx.py'], {
        input: JSON.stringify(checks),
        encoding: 'utf8',
        maxBuffer: 1 << 26,
      });
      for (const line of stdout.split('\n').filter((text) => text.startsWith('{'))) {
        const { name, deviation } = JSON.parse(line);
        deviations.set(String(name), Number(deviation));
      }
      if (deviations.size !== checks.length) throw new Error(stderr);
    }, 120_000);

    it('gives what aedsl gives, to a millionth of the largest value', () => {
      expect([...deviations].filter(([, deviation]) => !(deviation < 1e-6))).toEqual([]);
    });
  },
);
