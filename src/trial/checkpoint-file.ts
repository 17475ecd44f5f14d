import { checked, JsonError, object, parseJson, type Schema, text } from '../runtime/formats/json.js';
import {
  decodeSafetensors,
  encodeSafetensors,
  type Float32Tensor,
  float32Tensors,
  SafetensorsError,
} from '../runtime/formats/safetensors.js';
import type { TrainingState } from '../runtime/training/state.js';
import { trainingState } from './checkpoint-state.js';

/** Everything needed to resume a trial. `History` is what its final pictures are drawn from, as plain data. */
export interface Checkpoint<History> {
  /** The trial's identity. */
  readonly identity: string;
  readonly state: TrainingState;
  readonly history: History;
}

/** A damaged checkpoint, or one of another version. */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError';
  readonly hint = 'it is trained again from its beginning if you run it anew';
}

/** Changes with the shape of the state. */
const version = '1';

/**
 * A safetensors file: the state's arrays as tensors named by their place in it, the rest as JSON metadata. The same
 * state gives the same bytes.
 */
export function encodeCheckpoint(checkpoint: Checkpoint<unknown>): Uint8Array {
  const tensors: Float32Tensor[] = [];
  const json = JSON.stringify(withoutArrays(checkpoint, 'checkpoint', tensors));
  return encodeSafetensors(tensors, { aedsl_checkpoint: version, json });
}

/**
 * Decodes a checkpoint. Its SHA-256 comes from the database, which is untrusted too, so its shape is checked.
 *
 * @param history schema of what pictures are drawn from
 * @throws CheckpointError for a file that is damaged or of another version
 */
export function decodeCheckpoint<History>(bytes: Uint8Array, history: Schema<History>): Checkpoint<History> {
  try {
    return decoded(bytes, history);
  } catch (error) {
    if (error instanceof JsonError || error instanceof SafetensorsError) {
      throw new CheckpointError(`the checkpoint is damaged: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

function decoded<History>(bytes: Uint8Array, history: Schema<History>): Checkpoint<History> {
  const file = decodeSafetensors(bytes);
  const { aedsl_checkpoint: written, json = '' } = file.metadata;
  if (written !== version) {
    throw new CheckpointError(`the checkpoint is of version ${written ?? '?'}, and this aedsl reads ${version}`);
  }
  const tensors = new Map(float32Tensors(file).map(({ name, values }) => [name, values]));
  return checked(object({ identity: text, state: trainingState, history }), revived(parseJson(json), tensors), '');
}

const arrayKey = '$float32';
const numberKey = '$number';

/** JSON has no arrays of floats, no NaN, no infinities and no negative zero. */
function withoutArrays(value: unknown, place: string, tensors: Float32Tensor[]): unknown {
  if (value instanceof Float32Array) {
    tensors.push({ name: place, shape: [value.length], values: value });
    return { [arrayKey]: place };
  }
  if (typeof value === 'number') {
    if (Object.is(value, -0)) return { [numberKey]: '-0' };
    return Number.isFinite(value) ? value : { [numberKey]: String(value) };
  }
  if (Array.isArray(value)) return value.map((item, i) => withoutArrays(item, `${place}.${i}`, tensors));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withoutArrays(item, `${place}.${key}`, tensors)]),
  );
}

/** The inverse of {@link withoutArrays}; JSON that was parsed is not deep. */
function revived(value: unknown, tensors: ReadonlyMap<string, Float32Array>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => revived(item, tensors));
  if (numberKey in value) return Number(value[numberKey]);
  if (!(arrayKey in value)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, revived(item, tensors)]));
  }
  const values = tensors.get(String(value[arrayKey]));
  if (!values) throw new CheckpointError(`the checkpoint has no array '${String(value[arrayKey])}'`);
  return values;
}
