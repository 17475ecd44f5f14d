import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { knownWord } from '../../src/compiler/library/library.js';
import { onnxFile } from '../../src/models/onnx/file.js';
import { modelGraph, type PartOptions } from '../../src/models/onnx/model-graph.js';
import { UsageError } from '../../src/project/usage-error.js';
import { chooseBackend } from '../../src/runtime/backend/choose.js';
import { encodeNpy } from '../../src/runtime/formats/npy.js';
import { operations } from '../../src/runtime/lowering/operations.js';
import type { Words } from '../../src/words/word.js';
import { builtinWords } from '../../src/words/words.js';
import {
  compiled,
  type ExportedPart,
  exportedCases,
  exportedParts,
  randomCases,
  someWeights,
} from './exported-cases.js';

/** A Python with onnxruntime and NumPy: `AEDSL_PYTHON`, else `python3` if it has them. */
const python = process.env.AEDSL_PYTHON ?? 'python3';
const hasOnnx = spawnSync(python, ['-c', 'import onnx, onnxruntime, numpy']).status === 0;

const place = mkdtempSync(join(tmpdir(), 'aedsl-onnx-'));
afterAll(() => rmSync(place, { recursive: true, force: true }));

const metadata = { version: '0', description: 'a test', properties: {} };

/** The files that a part is checked with. */
function checkOf({ name, graph, count, given, condition, values }: ExportedPart) {
  const path = join(place, name.replace(/\W/g, '-'));
  writeFileSync(`${path}.onnx`, onnxFile(graph, metadata));
  writeFileSync(`${path}.input.npy`, encodeNpy([count, ...graph.input.shape], given));
  writeFileSync(`${path}.expected.npy`, encodeNpy([count, ...graph.output.shape], values));
  const check = { name, model: `${path}.onnx`, input: `${path}.input.npy`, expected: `${path}.expected.npy` };
  if (condition === null) return check;
  writeFileSync(`${path}.condition.npy`, encodeNpy([count, ...(graph.condition?.shape ?? [])], condition));
  return { ...check, condition: `${path}.condition.npy` };
}

function graphOf(name: string, options: PartOptions, words = builtinWords) {
  const found = exportedCases.find((each) => each.name === name);
  if (!found) throw new Error(`there is no case '${name}'`);
  const experiment = compiled(found);
  return modelGraph({ experiment, weights: someWeights(experiment), words }, options);
}

const precision = 'float32';

it('numbers the types of values as `TensorProto.DataType` of onnx.proto does', () => {
  const types = { float32: 1, int64: 7, float64: 11 };
  const value = { name: 'x', type: 'float64', shape: [3] } as const;
  const tensors = [
    { name: 'float32', type: 'float32', shape: [1], values: Float32Array.of(1) },
    { name: 'float64', type: 'float64', shape: [1], values: Float64Array.of(1) },
    { name: 'int64', type: 'int64', shape: [1], values: [1] },
  ] as const;
  const graph = { name: 'types', input: value, condition: null, output: value, nodes: [], tensors };
  const file = Buffer.from(onnxFile(graph, metadata));
  // A tag is the field's number and how it is encoded: 2 (data_type) as a number, then 8 (name) as bytes.
  for (const [name, type] of Object.entries(types)) {
    expect(file.includes(Buffer.from([0x10, type, 0x42, name.length, ...Buffer.from(name)])), name).toBe(true);
  }
  // The shape follows the type of a value's elements: elem_type as a number, shape as bytes.
  expect(file.includes(Buffer.from([0x08, types.float64, 0x12]))).toBe(true);
});

it('has random networks of most layers', () => {
  const texts = randomCases.map(({ source }) => source.text).join('\n');
  expect(randomCases.length).toBeGreaterThan(15);
  for (const word of [
    'conv2d',
    'conv_transpose2d',
    'max_pool2d',
    'avg_pool2d',
    'upsample2d',
    'batch_norm',
    'reparameterize',
  ]) {
    expect(texts).toContain(`${word}`);
  }
});

describe('a graph', () => {
  it('has the classes for a second input, where its part needs them', () => {
    const given = (part: PartOptions['part'], name = 'conditional') =>
      graphOf(name, { part, withTransforms: false, precision }).condition;
    const condition = { name: 'condition', type: 'float32', shape: [10] };
    expect([given('encoder'), given('decoder'), given('whole')]).toEqual([condition, condition, condition]);
    expect(given('whole', 'features')).toBe(null);
  });

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
  const named = builtinWords.names('loss').map((name) => knownWord(builtinWords, 'loss', { word: name }));
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
      const checks = [...exportedCases, ...randomCases].flatMap((each) => exportedParts(each, 'float64')).map(checkOf);
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
