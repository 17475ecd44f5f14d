import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadDigits } from '../../src/runtime/datasets/digits/digits.js';
import { decodeSafetensors, encodeSafetensors } from '../../src/runtime/formats/safetensors.js';
import { load, loadStored } from '../../src/trial/load.js';
import { saelensWeights } from '../../src/trial/saelens-weights.js';
import { givenWeights } from '../../src/trial/weights-file.js';
import { builtinWords } from '../../src/words/words.js';
import { aedsl } from '../cli/recorded-console.js';
import { inMemory } from '../runtime/datasets/in-memory.js';

/** A Python with SAELens: `AEDSL_PYTHON`, else `python3` if it has it. */
const python = process.env.AEDSL_PYTHON ?? 'python3';
const hasSaelens = spawnSync(python, ['-c', 'import sae_lens']).status === 0;

const place = mkdtempSync(join(tmpdir(), 'aedsl-saelens-'));
const db = join(place, 'results.db');
afterAll(() => rmSync(place, { recursive: true, force: true }));

interface Case {
  readonly encoder: string;
  readonly decoder: string;
  readonly loss?: string;
  readonly warns?: string;
}

const cases = {
  topk: {
    encoder: 'pre_bias()  h: dense(40, activation=topk(6), init=directions())  code: count_dead(steps=5)',
    decoder: 'decoder { dense(input.size, bias=false, init=transposed(h)) }',
  },
  abstopk: { encoder: 'code: dense(40, activation=abs_topk(6))', decoder: 'decoder { dense(input.size) }' },
  standard: { encoder: 'code: dense(40, activation=relu)', decoder: 'decoder tied(encoder, output=linear)' },
  jumprelu_each: {
    encoder: 'h: dense(40)  code: jump_relu(threshold=0.1, bandwidth=0.5)',
    decoder: 'decoder { dense(input.size) }',
  },
  gated: {
    encoder: 'pre_bias()  h: dense(40, bias=false)  code: gated()',
    decoder: 'decoder { dense(input.size, bias=false) }',
    loss: 'mse() + gate_mse() + 0.001 * gate_l1()',
  },
  gated_biased: {
    warns: 'AE532',
    encoder: 'h: dense(40)  code: gated()',
    decoder: 'decoder { dense(input.size) }',
    loss: 'mse() + gate_mse() + 0.001 * gate_l1()',
  },
  jumprelu: {
    encoder: 'pre_bias()  h: dense(40)  code: batch_topk(6, momentum=0.5)',
    decoder: 'decoder { dense(input.size, bias=false) }',
  },
} satisfies Readonly<Record<string, Case>>;
/** The architecture of SAELens; `jumprelu` here is of batch_topk. */
const names = Object.keys(cases);
const size = 64;

beforeAll(async () => {
  for (const [name, { encoder, decoder, loss = 'mse()', warns }] of Object.entries<Case>(cases)) {
    const file = join(place, `${name}.ae`);
    writeFileSync(
      file,
      `experiment ${name} { data digits(take=64, test=8) { center_crop(8) }  encoder { ${encoder} }  ${decoder}
        loss ${loss}  train adam(lr=0.01) { epochs = 1  batch = 16 } }`,
    );
    const ran = await aedsl('run', file, '--db', db);
    expect([ran.code, ran.err]).toEqual([0, warns === undefined ? '' : expect.stringContaining(warns)]);
    const written = await aedsl('export', 'last', '--db', db, '--as', 'saelens', '-o', join(place, name));
    expect(written.out.split('\n').length).toBe(3);
  }
}, 120_000);

/** Eight pictures, in rows. */
function rows(): Float32Array {
  const { test } = loadDigits(1, 8);
  if (test === null) throw new Error('no test part');
  const pixels = Float32Array.from(inMemory(test), (byte) => byte / 255);
  // The middle of each picture of 28 × 28.
  return Float32Array.from({ length: 8 * size }, (_, i) => {
    const [example, row, column] = [Math.floor(i / size), Math.floor((i % size) / 8), i % 8];
    return pixels[example * 784 + (row + 10) * 28 + column + 10] ?? 0;
  });
}

interface Saved {
  readonly config: { readonly architecture: string; readonly apply_b_dec_to_input: boolean; readonly k?: number };
  readonly tensor: (name: string) => readonly number[];
}

function saved(name: string): Saved {
  const { tensors } = decodeSafetensors(readFileSync(join(place, name, 'sae_weights.safetensors')));
  const tensor = (wanted: string) => [...(tensors.find((one) => one.name === wanted)?.values ?? [])].map(Number);
  return { config: JSON.parse(readFileSync(join(place, name, 'cfg.json'), 'utf8')), tensor };
}

/** The units of an example, by SAELens' formulas in float64. */
function unitsOf(x: readonly number[], { config, tensor }: Saved): readonly number[] {
  const [wEnc, bDec] = [tensor('W_enc'), tensor('b_dec')];
  const bEnc = config.architecture === 'gated' ? tensor('b_gate').map(() => 0) : tensor('b_enc');
  const given = x.map((value, i) => value - (config.apply_b_dec_to_input ? (bDec[i] ?? 0) : 0));
  const pre = bEnc.map((bias, unit) =>
    given.reduce((sum, value, i) => sum + value * (wEnc[i * bEnc.length + unit] ?? 0), bias),
  );
  const kept = (sizes: readonly number[]) =>
    new Set([...sizes.keys()].sort((a, b) => (sizes[b] ?? 0) - (sizes[a] ?? 0)).slice(0, config.k));
  switch (config.architecture) {
    case 'standard':
      return pre.map((value) => Math.max(value, 0));
    case 'topk':
      return pre.map((value, unit) => (kept(pre).has(unit) ? Math.max(value, 0) : 0));
    case 'abstopk':
      return pre.map((value, unit) => (kept(pre.map(Math.abs)).has(unit) ? value : 0));
    case 'gated': {
      const [gate, magnitude, log] = [tensor('b_gate'), tensor('b_mag'), tensor('r_mag')];
      return pre.map((value, unit) => {
        const isOpen = value + (gate[unit] ?? Number.NaN) > 0;
        return isOpen ? Math.max(0, value * Math.exp(log[unit] ?? 0) + (magnitude[unit] ?? Number.NaN)) : 0;
      });
    }
    default:
      return pre.map((value, unit) => (value > (tensor('threshold')[unit] ?? 0) ? value : 0));
  }
}

it.each(names)('the units and the reconstruction of an autoencoder by the formulas of SAELens: %s', async (name) => {
  const sae = saved(name);
  expect(sae.config).toMatchObject({
    architecture: name.replace(/_.*/, ''),
    d_in: size,
    d_sae: 40,
    dtype: 'float32',
  });
  const model = await load(`r${names.indexOf(name) + 1}`, { store: db });
  const images = rows();
  const code = model.encode(images).values;
  const rebuilt = model.reconstruct(images).values;
  const [wDec, bDec] = [sae.tensor('W_dec'), sae.tensor('b_dec')];
  for (let example = 0; example < 8; example++) {
    const units = unitsOf([...images.subarray(example * size, (example + 1) * size)], sae);
    for (const [unit, value] of units.entries()) expect(code[example * 40 + unit]).toBeCloseTo(value, 5);
    for (const [at, bias] of bDec.entries()) {
      const value = units.reduce((sum, unit, i) => sum + unit * (wDec[i * size + at] ?? 0), bias);
      expect(rebuilt[example * size + at]).toBeCloseTo(value, 5);
    }
  }
  model.dispose();
});

it('starts a training from what it exported, and refuses what it cannot compute', async () => {
  const weights = givenWeights(saelensWeights(join(place, 'topk'))).values;
  const own = await load('r1', { store: db });
  expect([...weights.keys()].sort()).toEqual([
    'decoder/0/weight',
    'encoder/0/value',
    'encoder/1/bias',
    'encoder/1/weight',
  ]);
  own.dispose();
  const back = givenWeights(saelensWeights(join(place, 'jumprelu_each'))).values;
  const each = await loadStored('r4', db, { library: builtinWords });
  expect([...back.keys()].sort()).toEqual([...each.weights.keys()].sort());
  for (const [key, values] of back) {
    expect(new Set(values).size).toBeGreaterThan(1);
    for (const [i, value] of values.entries()) expect(value).toBeCloseTo(each.weights.get(key)?.[i] ?? Number.NaN, 6);
  }
  const gates = givenWeights(saelensWeights(join(place, 'gated'))).values;
  const ofGates = await loadStored('r5', db, { library: builtinWords });
  expect(gates).toEqual(ofGates.weights);
  expect([...givenWeights(saelensWeights(join(place, 'jumprelu'))).values.keys()]).toContain('encoder/2/threshold');
  const again = await aedsl(
    'run',
    join(place, 'topk.ae'),
    '--db',
    db,
    '--init',
    join(place, 'topk'),
    '--max-steps',
    '1',
  );
  expect(again.code).toBe(0);
  const misfit = await aedsl('run', join(place, 'abstopk.ae'), '--db', db, '--init', join(place, 'topk'));
  expect(misfit.err).toContain("the experiment has no weight 'encoder.0.value'");
  const steps = ['--max-steps', '1', '--db', db];
  const startedFrom = (folder: string, encoder: string) => {
    const file = join(place, 'started.ae');
    const data = 'data digits(take=64, test=8) { center_crop(8) }';
    writeFileSync(
      file,
      `experiment started { ${data}  encoder { ${encoder} }  ${cases.abstopk.decoder}  loss mse()  train adam() { epochs = 1 } }`,
    );
    return aedsl('run', file, '--init', join(place, folder), ...steps);
  };
  expect((await startedFrom('abstopk', 'code: dense(40, activation=topk(6))')).err).toContain(
    "it is 'abstopk', and topk of the experiment is 'topk'",
  );
  expect((await startedFrom('abstopk', 'code: dense(40, activation=abs_topk(5))')).err).toContain(
    'it keeps 6 units, and abs_topk of the experiment 5',
  );
  expect((await startedFrom('abstopk', cases.abstopk.encoder)).code).toBe(0);
  // Thresholds that no step has moved apart.
  const jumping = 'h: dense(40)  code: jump_relu(threshold=0.1, frozen=true)';
  writeFileSync(
    join(place, 'equal.ae'),
    `experiment equal { data digits(take=64, test=8) { center_crop(8) }  encoder { ${jumping} }  ${cases.abstopk.decoder}
      loss mse()  train adam() { epochs = 1 } }`,
  );
  expect((await aedsl('run', join(place, 'equal.ae'), ...steps)).code).toBe(0);
  await aedsl('export', 'last', '--db', db, '--as', 'saelens', '-o', join(place, 'equal'));
  expect((await startedFrom('equal', jumping)).code).toBe(0);
  const said = (config: object) => {
    const folder = mkdtempSync(join(place, 'other-'));
    writeFileSync(join(folder, 'cfg.json'), JSON.stringify({ architecture: 'topk', ...config }));
    writeFileSync(
      join(folder, 'sae_weights.safetensors'),
      encodeSafetensors([{ name: 'b_dec', shape: [1, 2], values: Float32Array.of(1, 2) }]),
    );
    return () => saelensWeights(folder);
  };
  expect(said({})).toThrow("'b_dec' has the shape [1, 2]");
  expect(said({ architecture: 'other' })).toThrow('the architecture "other"');
  expect(said({ normalize_activations: 'layer_norm' })).toThrow('normalize_activations="layer_norm"');
  expect(said({ rescale_acts_by_decoder_norm: true })).toThrow('rescale_acts_by_decoder_norm');
  writeFileSync(
    join(place, 'deep.ae'),
    `experiment deep { data digits(take=8) { standardize() }  encoder { dense(8)  code: dense(4, activation=relu) }
      decoder { dense(input.size) }  loss mse()  train adam() { epochs = 1 } }`,
  );
  await aedsl('run', join(place, 'deep.ae'), '--db', db);
  const refused = await aedsl('export', 'last', '--db', db, '--as', 'saelens', '-o', join(place, 'deep'));
  expect([refused.code, refused.err]).toEqual([4, expect.stringContaining('the data are changed by standardize')]);
});

it.runIf(hasSaelens)('SAELens loads them, and computes the same', async () => {
  const script = `import sys, json, numpy, torch
from sae_lens import SAE
place, names = sys.argv[1], sys.argv[2].split(',')
x = torch.tensor(json.load(open(place + '/rows.json'))).reshape(8, -1)
for name in names:
    sae = SAE.load_from_disk(place + '/' + name)
    units = sae.encode(x)
    print(json.dumps([units.flatten().tolist(), sae.decode(units).flatten().tolist()]))`;
  const images = rows();
  writeFileSync(join(place, 'rows.json'), JSON.stringify([...images]));
  const { stdout, stderr } = spawnSync(python, ['-c', script, place, names.join()], { encoding: 'utf8' });
  const lines = stdout.trim().split('\n');
  expect(lines.length, stderr).toBe(names.length);
  for (const [i, line] of lines.entries()) {
    const [units, rebuilt]: readonly (readonly number[])[] = JSON.parse(line);
    const model = await load(`r${i + 1}`, { store: db });
    for (const [at, value] of model.encode(images).values.entries()) expect(units?.[at]).toBeCloseTo(value, 5);
    for (const [at, value] of model.reconstruct(images).values.entries()) expect(rebuilt?.[at]).toBeCloseTo(value, 5);
    model.dispose();
  }
});
