import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { chooseBackend } from '../../src/runtime/backend/choose.js';
import { decodeSafetensors } from '../../src/runtime/formats/safetensors.js';
import { builtinWords } from '../../src/words/words.js';
import { scratchFolder } from '../runtime/datasets/scratch-folder.js';
import { describeReport, passed } from './golden-report.js';
import { runGolden } from './run-goldens.js';

const scratch = scratchFolder();
const original = join('tests', 'goldens', 'optim-sgd');

type Json = { [key: string]: unknown };

const parse = (file: string): Json => JSON.parse(readFileSync(join(original, file), 'utf8'));

/** The bytes of a safetensors file with bytes and floats. */
function safetensors(
  tensors: readonly { name: string; type: 'U8' | 'F32'; shape: readonly number[]; bytes: Uint8Array }[],
): Uint8Array {
  let offset = 0;
  const header: Json = {};
  for (const { name, type, shape, bytes } of tensors) {
    header[name] = { dtype: type, shape, data_offsets: [offset, offset + bytes.length] };
    offset += bytes.length;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const length = new DataView(new ArrayBuffer(8));
  length.setBigUint64(0, BigInt(json.length), true);
  return Buffer.concat([new Uint8Array(length.buffer), json, ...tensors.map(({ bytes }) => bytes)]);
}

/** The images of `optim-sgd`, bytes of [steps, batch, 100]. */
function images(): { readonly shape: readonly number[]; readonly bytes: Uint8Array } {
  const [x] = decodeSafetensors(readFileSync(join(original, 'inputs.safetensors'))).tensors;
  if (!(x?.values instanceof Uint8Array)) throw new RangeError('optim-sgd stores bytes');
  return { shape: x.shape, bytes: x.values };
}

const halves = ['a', 'b'] as const;
const half = 15;

/** The steps of one half of a recorded trajectory. */
function halfOf(value: unknown, which: number): unknown {
  if (Array.isArray(value)) return value.slice(which * half, (which + 1) * half);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, halfOf(inner, which)]));
}

/**
 * PyTorch's trajectory of 30 steps of plain SGD, told as two stages of 15: the second begins with what the first has left,
 * and SGD has no state of its own, so every number is that of the whole.
 */
function writeStages(change: (stages: Json[]) => void): string {
  const { layers, loss, optimizer, input, batch_size, tolerance, format } = parse('case.json');
  const stages = halves.map(
    (name): Json => ({
      name,
      layers,
      loss,
      optimizer,
      input,
      batch_size,
      steps: half,
      start: name === 'a' ? 'init' : 'a',
    }),
  );
  change(stages);
  const recorded = parse('trajectory.json');
  const trajectory = Object.fromEntries(
    halves.map((name, i) => {
      const own = halfOf(recorded, i);
      // Norms of a first step are only recorded for the first stage's.
      if (i === 1 && typeof own === 'object' && own !== null)
        Reflect.set(Reflect.get(own, 'float64'), 'gradient_norm_step1', {});
      return [name, own];
    }),
  );
  const { shape, bytes } = images();
  const size = bytes.length / 2;
  const inputs = halves.map((name, i) => ({
    name: `${name}.x`,
    type: 'U8' as const,
    shape: [half, ...shape.slice(1)],
    bytes: bytes.subarray(i * size, (i + 1) * size),
  }));
  const folder = join(scratch.path, 'stages');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'case.json'), JSON.stringify({ format, name: 'stages', tolerance, stages }));
  writeFileSync(join(folder, 'trajectory.json'), JSON.stringify({ stages: trajectory }));
  writeFileSync(join(folder, 'inputs.safetensors'), safetensors(inputs));
  for (const file of ['init.safetensors', 'final.safetensors'])
    writeFileSync(join(folder, file), readFileSync(join(original, file)));
  return folder;
}

beforeAll(async () => {
  await chooseBackend('cpu');
});

describe('a case of several stages', () => {
  it('goes on with what the stage before has left', () => {
    const report = runGolden(
      writeStages(() => {}),
      builtinWords,
    );
    expect(passed(report), describeReport(report)).toBe(true);
  });

  it('starts at init again where it says so, which is something else', () => {
    const report = runGolden(
      writeStages((stages) => {
        for (const stage of stages) stage.start = 'init';
      }),
      builtinWords,
    );
    expect(report.outcome).toBe('compared');
    expect(passed(report)).toBe(false);
  });

  it('sends its batch through layers of earlier stages first', () => {
    // Pixels are not negative, so relu in front changes nothing.
    const report = runGolden(
      writeStages(([first, second]) => {
        if (!first || !second || !Array.isArray(first.layers)) throw new RangeError('there are two stages');
        first.layers = [{ name: 'same', kind: 'relu', inputs: ['x'] }, ...first.layers];
        second.input_from = ['same'];
      }),
      builtinWords,
    );
    expect(passed(report), describeReport(report)).toBe(true);
  });

  it('is refused with the name of a layer that no stage before it has', () => {
    const report = runGolden(
      writeStages(([, second]) => {
        if (second) second.input_from = ['somewhere'];
      }),
      builtinWords,
    );
    expect(report.outcome).toBe('unsupported');
    expect(describeReport(report)).toContain("'somewhere'");
  });
});
