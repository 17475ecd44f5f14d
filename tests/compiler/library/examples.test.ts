import { join } from 'node:path';
import { encode } from 'fast-png';
import { beforeAll, describe, expect, it } from 'vitest';
import { type CompiledExperiment, compile } from '../../../src/compiler/compile.js';
import { elementCount } from '../../../src/compiler/ir/shape.js';
import { fileWorld } from '../../../src/project/world.js';
import { chooseBackend } from '../../../src/runtime/backend/choose.js';
import { loadDigits } from '../../../src/runtime/datasets/digits/digits.js';
import { type Split, split } from '../../../src/runtime/datasets/split.js';
import { encodeNpy } from '../../../src/runtime/formats/npy.js';
import { encodeSafetensors } from '../../../src/runtime/formats/safetensors.js';
import { trainTrial } from '../../../src/runtime/training/train-trial.js';
import { loadExamples } from '../../../src/trial/data.js';
import { builtinWords } from '../../../src/words/words.js';
import { idxBytes } from '../../runtime/datasets/idx-file.js';
import { inMemory } from '../../runtime/datasets/in-memory.js';
import { scratchFolder } from '../../runtime/datasets/scratch-folder.js';
import { completed } from './statements.js';

const scratch = scratchFolder();
const files = 24;

/** The files that examples of words name: a few drawn digits in each, and a table of measurements. */
function writeFiles(): void {
  const { train } = loadDigits(files, 0);
  const bytes = Uint8Array.from(inMemory(train));
  const images = Float32Array.from(bytes, (byte) => byte / 255);
  // Classes that every part has.
  const labels = Array.from(train.labels ?? [], (label) => label % 2);
  const shape = [files, 28, 28];
  scratch.put('images.idx3-ubyte', idxBytes(shape, [...bytes]));
  scratch.put('labels.idx1-ubyte', idxBytes([files], labels));
  scratch.put('examples.npy', encodeNpy(shape, images));
  scratch.put('labels.npy', npyOfBytes(labels));
  scratch.put('data.safetensors', encodeSafetensors([{ name: 'x', shape, values: images }]));
  for (let i = 0; i < files; i++) {
    const data = bytes.subarray(i * 784, (i + 1) * 784);
    scratch.put(`pictures/${i}.png`, encode({ width: 28, height: 28, channels: 1, depth: 8, data }));
  }
  const rows = labels.map((label, i) => `${i},${label % 3},${i / 7},${label / 9},${(i * 5) % 4}`);
  scratch.put('measurements.csv', ['id,species,length,width,petals', ...rows].join('\n'));
}

/** A list of bytes as NumPy saves it, version 1.0. */
function npyOfBytes(values: readonly number[]): Uint8Array {
  const header = `{'descr': '|u1', 'fortran_order': False, 'shape': (${values.length},), }`.padEnd(117);
  return Uint8Array.from([0x93, ...Buffer.from('NUMPY'), 1, 0, 118, 0, ...Buffer.from(`${header}\n`), ...values]);
}

const drawn = ['digits', 'mnist', 'fashion_mnist'];

/** Few examples, whatever the experiment asks for: those of its files, or drawn digits in place of a published set. */
async function fewExamples(compiled: CompiledExperiment): Promise<Split> {
  const { data } = compiled.ir;
  if (!drawn.includes(data.dataset.word)) return loadExamples({ ...compiled, library: builtinWords }, {});
  const parts = { take: 12, validation: data.validation > 0 ? 4 : 0, test: 4, shuffleSeed: null };
  return split(loadDigits(parts.take + parts.validation, parts.test), parts);
}

beforeAll(async () => {
  writeFiles();
  await chooseBackend('cpu');
});

describe.each(builtinWords.words.map((word) => [`${word.family} ${word.name}`, word] as const))('%s', (_name, word) => {
  it('has an example that trains a step', async () => {
    const source = { path: join(scratch.path, 'example.ae'), text: completed(word.example) };
    const { value, diagnostics } = compile(source, null, { library: builtinWords, world: fileWorld() });
    expect(diagnostics.map(({ code, message }) => `${code} ${message}`)).toEqual([]);
    if (value === null) throw new RangeError('the example does not compile');
    const losses: number[] = [];
    const trained = await trainTrial({
      experiment: value.ir,
      data: await fewExamples(value),
      seed: 1,
      // In place of a stored run's.
      init: new Map(
        value.starts.flatMap(({ address, weights }) =>
          weights.map(({ name, shape }) => [`${address}/${name}`, new Float32Array(elementCount(shape)).fill(0.01)]),
        ),
      ),
      library: builtinWords,
      backend: 'cpu',
      emit: (event) => losses.push(...(event.event === 'steps' ? (event.series.loss ?? []) : [])),
      clock: () => 0,
      maxSteps: 1,
    });
    expect(trained.status).toBe('complete');
    expect(losses).toHaveLength(value.ir.stages.filter(({ kind }) => kind === 'train').length);
    expect(trained.metrics['test.loss']).toBeGreaterThan(0);
    expect(trained.weights.every(({ values }) => values.every(Number.isFinite))).toBe(true);
  });
});
