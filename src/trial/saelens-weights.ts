import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FileError } from '../files/read-file.js';
import { log } from '../numerics/float32.js';
import { transposed } from '../numerics/transposed.js';
import { UsageError } from '../project/usage-error.js';
import { DatasetError } from '../runtime/datasets/dataset-error.js';
import { readTensors } from '../runtime/datasets/safetensors.js';
import { anything, JsonError, readJsonFile, recordOf } from '../runtime/formats/json.js';
import { encodeSafetensors, type Float32Tensor } from '../runtime/formats/safetensors.js';
import { gateBias, logScale, magnitudeBias } from '../words/layer/gated.js';
import { jumpRelu, logThreshold } from '../words/layer/jump_relu.js';
import type { SaelensForm } from './weights-file.js';

const mostConfigBytes = 2 ** 20;
const mostConfigNames = 1000;

const architectures: readonly unknown[] = ['standard', 'topk', 'abstopk', 'batchtopk', 'jumprelu', 'gated'];

/** Whether a path is the folder of a sparse autoencoder of SAELens. */
export function isSaelensFolder(path: string): boolean {
  const config = join(path, 'cfg.json');
  // Below a file, the system complains of more than a missing entry.
  return existsSync(config) && statSync(config).isFile();
}

/**
 * The weights of a sparse autoencoder that SAELens saved, as a safetensors file with the names that they have in an
 * experiment: `pre_bias()` if the decoder's bias is subtracted from the input, `dense`, `batch_topk` if all units have one
 * threshold, `jump_relu` if each has its own, `gated` if they have gates, and `dense`.
 *
 * @throws UsageError for a folder that can't be read or has another kind of autoencoder
 */
export function saelensWeights(folder: string): Uint8Array {
  try {
    const config = configIn(folder);
    const { hasPreBias, hasThreshold, isGated } = architectureIn(config, folder);
    const read = readTensors(join(folder, 'sae_weights.safetensors'));
    const tensor = (name: string, rank: number): Float32Tensor => {
      const { dims, data } = read(name).array;
      if (dims.length !== rank) throw refused(folder, `'${name}' has the shape [${dims.join(', ')}]`);
      return { name, shape: dims, values: Float32Array.from(data) };
    };
    const bias = tensor('b_dec', 1);
    const [pre, after] = hasPreBias ? [1, 2] : [0, 1];
    return encodeSafetensors([
      ...(hasPreBias ? [{ ...bias, name: 'encoder.0.value' }] : []),
      turned(tensor('W_enc', 2), `encoder.${pre}.weight`),
      ...(isGated
        ? [
            { ...tensor('b_gate', 1), name: `encoder.${after}.${gateBias}` },
            { ...tensor('b_mag', 1), name: `encoder.${after}.${magnitudeBias}` },
            { ...tensor('r_mag', 1), name: `encoder.${after}.${logScale}` },
          ]
        : [{ ...tensor('b_enc', 1), name: `encoder.${pre}.bias` }]),
      ...(hasThreshold ? [thresholds(tensor('threshold', 1), `encoder.${after}`, ofEachUnit(config))] : []),
      turned(tensor('W_dec', 2), 'decoder.0.weight'),
      ...(hasPreBias ? [] : [{ ...bias, name: 'decoder.0.bias' }]),
    ]);
  } catch (error) {
    if (error instanceof FileError || error instanceof DatasetError) throw refused(folder, error.message, error.hint);
    throw error;
  }
}

/** The activation that a folder's configuration names. @throws UsageError like `saelensWeights` */
export function saelensForm(folder: string): SaelensForm {
  const { architecture, k } = configIn(folder);
  if (typeof architecture !== 'string') throw refused(folder, 'cfg.json names no architecture');
  return { folder, architecture, k: typeof k === 'number' ? k : null };
}

function configIn(folder: string): Readonly<Record<string, unknown>> {
  try {
    return readJsonFile(recordOf(anything, mostConfigNames), join(folder, 'cfg.json'), mostConfigBytes);
  } catch (error) {
    if (error instanceof JsonError) throw refused(folder, error.message);
    throw error;
  }
}

/** @throws UsageError for one that computes something else than layers of aedsl */
function architectureIn(config: Readonly<Record<string, unknown>>, folder: string) {
  const {
    architecture,
    apply_b_dec_to_input: hasPreBias = true,
    normalize_activations: normalized = 'none',
    reshape_activations: reshaped = 'none',
    rescale_acts_by_decoder_norm: rescaled = false,
  } = config;
  if (!architectures.includes(architecture)) {
    const known = architectures.join(', ');
    throw refused(folder, `cfg.json has the architecture ${shownJson(architecture)}, not one of ${known}`);
  }
  if (typeof hasPreBias !== 'boolean')
    throw refused(folder, 'apply_b_dec_to_input in cfg.json is neither true nor false');
  const hint = 'fold it into the weights in Python first, with the methods of the SAE whose names begin with fold_';
  for (const [name, value] of Object.entries({ normalize_activations: normalized, reshape_activations: reshaped })) {
    if (value !== 'none') throw refused(folder, `cfg.json has ${name}=${shownJson(value)}`, hint);
  }
  if (rescaled !== false) throw refused(folder, 'cfg.json has rescale_acts_by_decoder_norm', hint);
  return { hasPreBias, hasThreshold: architecture === 'jumprelu', isGated: architecture === 'gated' };
}

/** The logarithm of the least normal number: thresholds are above 0 in `jump_relu`. */
const leastLogarithm = -87;

/** Whether the thresholds are those of `jump_relu` though they may be equal, as a folder of our own says. */
function ofEachUnit({ metadata }: Readonly<Record<string, unknown>>): boolean {
  const isObject = typeof metadata === 'object' && metadata !== null;
  return isObject && 'activation' in metadata && metadata.activation === jumpRelu.name;
}

function thresholds({ shape, values }: Float32Tensor, address: string, ofEach: boolean): Float32Tensor {
  const [first = 0] = values;
  if (!ofEach && values.every((value) => value === first)) {
    return { name: `${address}.threshold`, shape: [1], values: Float32Array.of(first) };
  }
  const logarithms = values.map((value) => (value > 0 ? Math.max(leastLogarithm, log(value)) : leastLogarithm));
  return { name: `${address}.${logThreshold}`, shape, values: logarithms };
}

function shownJson(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 60);
}

function turned({ shape: [rows = 0, columns = 0], values }: Float32Tensor, name: string): Float32Tensor {
  return { name, shape: [columns, rows], values: transposed(values, rows, columns) };
}

function refused(
  folder: string,
  problem: string,
  hint = 'take a folder that SAELens or `aedsl export RUN --as saelens` wrote',
): UsageError {
  return new UsageError(`cannot start from '${folder}': ${problem}`, hint);
}
