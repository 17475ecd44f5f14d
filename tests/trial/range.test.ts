import { decode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { closed } from '../../src/compiler/ir/interval.js';
import { fileWorld } from '../../src/project/world.js';
import { drawDigits } from '../../src/runtime/datasets/digits/digits.js';
import { encodeNpy } from '../../src/runtime/formats/npy.js';
import { encodeSafetensors } from '../../src/runtime/formats/safetensors.js';
import { ExperimentError, type Run, run } from '../../src/sweep/run.js';
import { loadExamples } from '../../src/trial/data.js';
import { builtinWords } from '../../src/words/words.js';
import { scratchFolder } from '../runtime/datasets/scratch-folder.js';

const folder = scratchFolder();
const drawn = drawDigits('train', 40).values;
const count = 40;
const side = 14;
/** Digits in half of their size. */
const bytes = Uint8Array.from({ length: count * side * side }, (_, i) => {
  const [n, row, column] = [Math.floor(i / side ** 2), Math.floor(i / side) % side, i % side];
  return drawn[n * 784 + 56 * row + 2 * column] ?? 0;
});
const to255 = Float32Array.from(bytes);
const shape = [count, side, side];

folder.put('bytes.npy', encodeNpy(shape, bytes));
folder.put(
  'unit.npy',
  encodeNpy(
    shape,
    Float32Array.from(bytes, (x) => x / 255),
  ),
);
folder.put('to255.npy', encodeNpy(shape, to255));
folder.put(
  'centred.npy',
  encodeNpy(
    shape,
    Float32Array.from(bytes, (x) => x / 127.5 - 1),
  ),
);
folder.put(
  'to16.npy',
  encodeNpy(
    shape,
    Uint8Array.from(bytes, (x) => x >> 4),
  ),
);
folder.put('to255.safetensors', encodeSafetensors([{ name: 'x', shape, values: to255 }]));
folder.put('to255.idx', Buffer.concat([Buffer.from([0, 0, 0x0d, 3]), bigEndian(shape), bigEndianFloats(to255)]));
const pixelNames = Array.from({ length: side ** 2 }, (_, i) => `p${i}`).join();
const lines = Array.from({ length: count }, (_, i) => to255.subarray(i * side ** 2, (i + 1) * side ** 2).join());
folder.put('to255.csv', [pixelNames, ...lines].join('\n'));

function bigEndian(numbers: readonly number[]): Buffer {
  const buffer = Buffer.alloc(4 * numbers.length);
  numbers.forEach((n, i) => {
    buffer.writeUInt32BE(n, 4 * i);
  });
  return buffer;
}

function bigEndianFloats(numbers: Float32Array): Buffer {
  const buffer = Buffer.alloc(4 * numbers.length);
  numbers.forEach((n, i) => {
    buffer.writeFloatBE(n, 4 * i);
  });
  return buffer;
}

const sourceOf = (data: string, more = '') => ({
  path: `${folder.path}/range.ae`,
  text: `experiment range {
    data ${data}
    encoder { dense(24, activation=relu)  code: dense(8) }
    decoder { dense(24, activation=relu)  dense(input.size, activation=sigmoid) }
    loss mse()
    train adam(lr=0.01) { epochs = 1  batch = 10 }
    ${more}
  }`,
});

const trained = (data: string, more: string): Promise<Run> =>
  run({ source: sourceOf(data, more), backend: 'cpu', maxSteps: 4 });

const compiling = { library: builtinWords, world: fileWorld() };

const diagnosed = (data: string, more = '') => compile(sourceOf(data, more), null, compiling).diagnostics;

beforeAll(() => vi.stubEnv('AEDSL_DATA', folder.path));
afterAll(() => vi.unstubAllEnvs());

describe('the same pictures as bytes, as floats in [0, 1] and as floats to 255 whose range is given', () => {
  it('give the same loss, PSNR, SSIM, damage and picture', async () => {
    const asked = `corrupt salt(0.2)
    evaluate { psnr()  ssim()  denoising(salt_and_pepper(0.3)) }
    show { reconstructions(4) }`;
    const reference = await trained('npy("bytes.npy", test=20)', asked);
    const { metrics } = reference;
    expect(metrics['test.psnr']).toBeGreaterThan(5);
    for (const data of ['npy("unit.npy", test=20)', 'npy("to255.npy", range=[0, 255], test=20)']) {
      const other = await trained(data, asked);
      other.model?.dispose();
      for (const [name, value] of Object.entries(other.metrics)) {
        if (!name.includes('second')) expect([data, name, value]).toEqual([data, name, metrics[name]]);
      }
      expect(other.pictures[0]?.png).toEqual(reference.pictures[0]?.png);
    }
    reference.model?.dispose();
  });

  it('bytes far below 255 are a warning, unless their range is given or a transform rescales them', () => {
    const found = (data: string) => diagnosed(data).map(({ code, message, hint }) => `${code} ${message} (${hint})`);
    expect(found('npy("to16.npy", test=20)')).toEqual([
      expect.stringMatching(/^AE511 bytes .* none is above 15: .* 0 to 0.059 \(write range=\[0, 15\]/),
    ]);
    for (const data of ['"to16.npy", range=[0, 15]', '"to16.npy", range=[0, 255]', '"bytes.npy"']) {
      expect(found(`npy(${data}, test=20)`)).toEqual([]);
    }
    folder.put('unit.csv', `a,b\n${Array.from({ length: 40 }, (_, i) => `${i / 40},1`).join('\n')}`);
    for (const data of ['npy("unit.npy"', 'csv("unit.csv"']) {
      expect(found(`${data}, range=[0, 255], test=20)`)).toEqual([
        expect.stringMatching(
          /^AE514 the greatest value is 1, and range=\[0, 255\] makes 0.0039 of it \(leave range= out/,
        ),
      ]);
    }
    expect(found('npy("to16.npy", test=20) { min_max() }')).not.toContainEqual(expect.stringContaining('bytes'));
  });

  it('are the same numbers, whatever format they came in', async () => {
    const unit = Float32Array.from(bytes, (x) => x / 255);
    for (const data of ['npy("to255.npy"', 'safetensors("to255.safetensors"', 'idx("to255.idx"', 'csv("to255.csv"']) {
      const { value } = compile(sourceOf(`${data}, range=[0, 255])`), null, compiling);
      if (value === null) throw new Error(`${data} does not compile`);
      expect(value.ir.data.range).toEqual(closed(0, 1));
      expect((await loadExamples({ ...value, library: builtinWords }, {})).train.part.values).toEqual(unit);
    }
  });

  it('[-1, 1] and 4-bit pixels are brought to [0, 1] too', async () => {
    for (const data of ['npy("centred.npy", range=[-1, 1], test=20)', 'npy("to16.npy", range=[0, 15], test=20)']) {
      const { model, metrics, pictures } = await trained(data, 'evaluate { psnr() }  show { reconstructions(1) }');
      expect(metrics['test.psnr']).toBeGreaterThan(5);
      const { data: pixels } = decode(pictures[0]?.png ?? new Uint8Array());
      expect(pixels.includes(0)).toBe(true);
      model?.dispose();
    }
  });
});

describe('values to 255 without a range', () => {
  const data = 'npy("to255.npy", test=20)';
  const write = 'range=[0, 255]';

  it('are warned of, with what to write', () => {
    const [warning] = diagnosed(data);
    expect(warning).toMatchObject({ code: 'AE511', severity: 'warning' });
    expect(warning?.hint).toContain(write);
    expect(diagnosed('npy("centred.npy", test=20)')[0]?.hint).toContain('range=[-1, 1]');
    for (const known of ['npy("bytes.npy")', 'npy("unit.npy")', `npy("to255.npy", ${write})`]) {
      expect(diagnosed(known)).toEqual([]);
    }
  });

  it('are warned of where a transform for pixels scales them, and not where one does that fits them', () => {
    for (const scaled of ['normalize(mean=0.5, std=0.5)', 'scale(-1, 1)']) {
      expect(diagnosed(`${data} { ${scaled} }`)[0]).toMatchObject({
        code: 'AE511',
        hint: expect.stringContaining(write),
      });
    }
    for (const scaled of ['normalize(mean=127.5, std=127.5)', 'standardize()', 'min_max()']) {
      expect(diagnosed(`${data} { ${scaled} }`).filter(({ code }) => code === 'AE511')).toEqual([]);
    }
  });

  it.each([
    ['evaluate { psnr() }', 'error'],
    ['evaluate { ssim() }', 'error'],
    ['corrupt salt(0.1)', 'error'],
    ['corrupt pepper(0.1)', 'error'],
    ['corrupt salt_and_pepper(0.1)', 'error'],
    ['evaluate { denoising(salt(0.1)) }', 'error'],
    ['pretrain autoencoder(corrupt=salt(0.1)) { epochs = 1  batch = 10 }', 'error'],
    ['corrupt gaussian(0.1)', 'warning'],
  ])('%s is an %s that says so', (statement, severity) => {
    const found = diagnosed(`${data} { normalize(mean=127.5, std=127.5) }`, statement);
    expect(found).toContainEqual(
      expect.objectContaining({ code: 'AE511', severity, hint: expect.stringContaining(write) }),
    );
  });

  it('have a threshold, a scale and a bce that mean other values', () => {
    for (const transform of ['binarize()', 'scale(-1, 1)']) {
      const found = diagnosed(`${data} { ${transform} }`);
      expect(found).toContainEqual(
        expect.objectContaining({ code: 'AE511', severity: 'warning', hint: expect.stringContaining(write) }),
      );
    }
    expect(diagnosed(`${data} { binarize(threshold=100) }`, 'evaluate { psnr() }')).toEqual([]);
    const loss = sourceOf(data).text.replace('mse()', 'bce()');
    const { diagnostics } = compile({ path: sourceOf(data).path, text: loss }, null, compiling);
    expect(diagnostics).toContainEqual(
      expect.objectContaining({ code: 'AE501', hint: expect.stringContaining(write) }),
    );
  });

  it('are drawn from their least to their greatest value, not cut off', async () => {
    const { pictures, model } = await trained(data, 'show { reconstructions(2) }');
    model?.dispose();
    const same = await trained('npy("bytes.npy", test=20)', 'show { reconstructions(2) }');
    same.model?.dispose();
    const inputs = (run: Pick<Run, 'pictures'>) => {
      const { data: pixels, width } = decode(run.pictures[0]?.png ?? new Uint8Array());
      return pixels.slice(0, width * 3 * 40);
    };
    expect(inputs({ pictures })).toEqual(inputs(same));
  });
});

describe('a range that is not one', () => {
  it.each([
    ['npy("to255.npy", range=[0, 200], test=20)', 'AE702', 'range=[0, 255]'],
    ['npy("to255.npy", range=[255, 0], test=20)', 'AE306', 'range=[0, 255]'],
    ['npy("to255.npy", range=[0, 1, 255], test=20)', 'AE306', 'range=[0, 255]'],
    ['npy("to255.npy", range=255, test=20)', 'AE306', 'range=[0, 255]'],
  ])('%s', (data, code, hint) => {
    const [found] = diagnosed(data);
    expect(found).toMatchObject({ code, severity: 'error' });
    expect(found?.hint).toContain(hint);
  });

  it('is no training that begins', async () => {
    await expect(trained('npy("to255.npy", range=[0, 200])', '')).rejects.toThrow(ExperimentError);
  });

  it('is not in the identity where it is left out', () => {
    const hash = (data: string) => compile(sourceOf(data), null, compiling).value?.hash;
    expect(hash('npy("bytes.npy", range=[0, 255])')).not.toBe(hash('npy("bytes.npy")'));
    expect(hash('npy("unit.npy")')).toBe(hash('npy("bytes.npy")'));
  });
});
