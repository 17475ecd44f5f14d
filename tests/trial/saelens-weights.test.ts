import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { decodeSafetensors, encodeSafetensors } from '../../src/runtime/formats/safetensors.js';
import { saelensWeights } from '../../src/trial/saelens-weights.js';

const place = mkdtempSync(join(tmpdir(), 'aedsl-sae-'));
afterAll(() => rmSync(place, { recursive: true, force: true }));

const tensors = {
  W_enc: { shape: [2, 3], values: Float32Array.of(1, 2, 3, 4, 5, 6) },
  b_enc: { shape: [3], values: Float32Array.of(7, 8, 9) },
  W_dec: { shape: [3, 2], values: Float32Array.of(10, 11, 12, 13, 14, 15) },
  b_dec: { shape: [2], values: Float32Array.of(16, 17) },
  threshold: { shape: [3], values: Float32Array.of(0.5, 0.5, 0.5) },
};

let count = 0;
/** A folder with a configuration and weights. */
function folderOf(config: object | string, changed: Partial<typeof tensors> = {}): string {
  const folder = join(place, `sae${++count}`);
  mkdirSync(folder);
  writeFileSync(join(folder, 'cfg.json'), typeof config === 'string' ? config : JSON.stringify(config));
  const all = Object.entries({ ...tensors, ...changed }).map(([name, tensor]) => ({ name, ...tensor }));
  writeFileSync(join(folder, 'sae_weights.safetensors'), encodeSafetensors(all));
  return folder;
}

/** Names and values of what is read. */
function read(folder: string): Readonly<Record<string, readonly number[]>> {
  const { tensors: found } = decodeSafetensors(saelensWeights(folder));
  return Object.fromEntries(found.map(({ name, values }) => [name, Array.from(values, Number)]));
}

const [encoder, decoder] = [
  [1, 4, 2, 5, 3, 6],
  [10, 12, 14, 11, 13, 15],
];

describe('the weights of an autoencoder of SAELens', () => {
  it('subtract the bias of the decoder first, where nothing else is said', () => {
    const withPreBias = {
      'encoder.0.value': [16, 17],
      'encoder.1.weight': encoder,
      'encoder.1.bias': [7, 8, 9],
      'decoder.0.weight': decoder,
    };
    expect(read(folderOf({ architecture: 'standard' }))).toEqual(withPreBias);
    expect(read(folderOf({ architecture: 'topk', apply_b_dec_to_input: true }))).toEqual(withPreBias);
    expect(read(folderOf({ architecture: 'standard', apply_b_dec_to_input: false }))).toEqual({
      'encoder.0.weight': encoder,
      'encoder.0.bias': [7, 8, 9],
      'decoder.0.weight': decoder,
      'decoder.0.bias': [16, 17],
    });
  });

  it('have one threshold, or the logarithm of each', () => {
    const jumprelu = { architecture: 'jumprelu', apply_b_dec_to_input: false };
    expect(read(folderOf(jumprelu))).toMatchObject({ 'encoder.1.threshold': [0.5] });
    const own = { ...jumprelu, metadata: { activation: 'jump_relu' } };
    expect(read(folderOf(own))).not.toHaveProperty('encoder.1.threshold');
    expect(read(folderOf(own))['encoder.1.log_threshold']).toEqual(new Array(3).fill(Math.fround(Math.log(0.5))));
    const each = { threshold: { shape: [3], values: Float32Array.of(1, 0, 1e-45) } };
    const found = read(folderOf(jumprelu, each));
    expect(found).not.toHaveProperty('encoder.1.threshold');
    expect(Object.values(found)).toContainEqual([0, -87, -87]);
  });

  it.each<readonly [config: object | string, message: string]>([
    [{}, 'cfg.json has the architecture nothing, not one of'],
    [{ architecture: 'other' }, 'cfg.json has the architecture "other", not one of standard'],
    [{ architecture: 'gated' }, "'b_gate'"],
    [{ architecture: 'x'.repeat(100) }, `cfg.json has the architecture "${'x'.repeat(59)}, not one of`],
    [
      { architecture: 'standard', apply_b_dec_to_input: 1 },
      'apply_b_dec_to_input in cfg.json is neither true nor false',
    ],
    [{ architecture: 'standard', normalize_activations: 'layer_norm' }, 'normalize_activations="layer_norm"'],
    [{ architecture: 'standard', reshape_activations: 'hook_z' }, 'reshape_activations="hook_z"'],
    [{ architecture: 'standard', rescale_acts_by_decoder_norm: true }, 'cfg.json has rescale_acts_by_decoder_norm'],
    ['[', 'cfg.json'],
  ])('are refused with %j', (config, message) => {
    expect(() => saelensWeights(folderOf(config))).toThrow(message);
  });

  it('are refused with a tensor of another rank, and without one', () => {
    const flat = { W_enc: { shape: [6], values: tensors.W_enc.values } };
    expect(() => saelensWeights(folderOf({ architecture: 'standard' }, flat))).toThrow("'W_enc' has the shape [6]");
    const empty = join(place, 'empty');
    mkdirSync(empty);
    expect(() => saelensWeights(empty)).toThrow('cfg.json');
    writeFileSync(join(empty, 'cfg.json'), '{"architecture": "standard"}');
    expect(() => saelensWeights(empty)).toThrow('sae_weights.safetensors');
  });
});
