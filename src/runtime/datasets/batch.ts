import { type RandomStream, type StreamAt, stream } from '../random/stream.js';
import { type Corruption, corrupt, corruptionPurpose } from './corruption.js';
import type { Part } from './dataset.js';
import { unitValues } from './gather.js';
import { ordinals } from './ordinals.js';
import { pixelReader } from './pixels.js';
import { areDouble } from './stored-rows.js';
import { areInDouble, isPixelTransform, type Transform, type ValueChange } from './transform.js';
import type { BatchPosition } from './windows.js';

/** Makes what the network sees out of stored examples. */
export interface BatchMaker {
  /** Shape of one example: [channels, height, width] or [features]. */
  readonly shape: readonly number[];
  /** Number of values per example. */
  readonly size: number;
  /**
   * The examples of `part` that `indices` names, clean: `target` is [indices.length, size], channel by channel, row by
   * row. With corruptions also what they leave: `input`, of the same layout; without it is not touched.
   */
  fill(
    part: Part,
    indices: Uint32Array,
    at: BatchPosition,
    target: Float32Array,
    corrupted?: { readonly corruptions: readonly Corruption[]; readonly input: Float32Array },
  ): void;
  /** The clean examples in float64, not rounded. */
  inDouble(part: Part, indices: Uint32Array, at: BatchPosition): Float64Array;
}

/**
 * The order is: the raw values (byte / 255, or the floats themselves); crops, `resize` and `flip`, in their order; the
 * corruptions up to the last that acts on raw values; the value transforms, in their order, on both target and input;
 * the other corruptions. All arithmetic is float32, each operation rounded once, as the words' files specify. Examples stored
 * in float64 (precision.ts), and those of a model trained on such examples, are processed in float64 throughout and
 * rounded once at the end.
 *
 * Random numbers: (seed, `data`, `corruption`), for the second corruption `corruption_2`, and (seed, `data`, `binarize`) — `binarize_2` for the second stochastic
 * one — with element (firstExample + i) size + j for value j of example i, and the pixels' own. Target and input have
 * the same draw of `binarize`. Training uses its seed and the step; an evaluation the seed `evaluation` and step 0.
 *
 * @param shape of the stored examples
 * @param streamAt draws the noise and the stochastic `binarize`: the same numbers, whoever draws them
 * @throws RangeError for a crop that doesn't fit
 */
export function batchMaker(
  shape: readonly number[],
  transforms: readonly Transform[],
  seed: number | 'evaluation',
  streamAt: StreamAt = stream,
): BatchMaker {
  const pixels = pixelReader(shape, transforms.filter(isPixelTransform), seed);
  const size = pixels.shape.reduce((product, n) => product * n, 1);
  const noises: RandomStream[] = [];
  const noise = (i: number): RandomStream => {
    noises[i] ??= streamAt({ seed, path: 'data', purpose: corruptionPurpose(i) });
    return noises[i];
  };
  const damage = (
    values: Float32Array | Float64Array,
    corruptions: readonly Corruption[],
    acts: 'before the transforms' | 'after them',
    step: number,
    first: number,
  ) => {
    const before = corruptions.findLastIndex(({ damages }) => damages === 'raw values') + 1;
    for (const [i, corruption] of corruptions.entries()) {
      if (i < before === (acts === 'before the transforms')) corrupt(values, corruption, noise(i), step, first);
    }
  };
  const streamOf = (purpose: string) => streamAt({ seed, path: 'data', purpose });
  const changes = valueChanges(transforms, streamOf);
  const doubleChanges = valueChangesInDouble(transforms, size, streamOf);
  const isInDouble = areInDouble(transforms);
  const makeInDouble = (
    part: Part,
    indices: Uint32Array,
    at: BatchPosition,
    corruptions: readonly Corruption[],
  ): { readonly target: Float64Array; readonly input: Float64Array } => {
    const target = new Float64Array(indices.length * size);
    pixels.fill(part, indices, at, target);
    const first = at.firstExample * size;
    const input = corruptions.length === 0 ? target : target.slice();
    damage(input, corruptions, 'before the transforms', at.step, first);
    for (const change of doubleChanges) change(input === target ? [target] : [target, input], at.step, first);
    damage(input, corruptions, 'after them', at.step, first);
    return { target, input };
  };
  return {
    shape: pixels.shape,
    size,
    inDouble: (part, indices, at) => makeInDouble(part, indices, at, []).target,
    fill(part, indices, at, target, corrupted) {
      if (target.length !== indices.length * size) {
        throw new RangeError(`${indices.length} examples of ${size} values need as much room, not ${target.length}`);
      }
      if (isInDouble || areDouble(part.values)) {
        const made = makeInDouble(part, indices, at, corrupted?.corruptions ?? []);
        target.set(made.target);
        corrupted?.input.set(made.input);
        return;
      }
      pixels.fill(part, indices, at, target);
      const first = at.firstExample * size;
      const seen = [target];
      if (corrupted !== undefined) {
        corrupted.input.set(target);
        damage(corrupted.input, corrupted.corruptions, 'before the transforms', at.step, first);
        seen.push(corrupted.input);
      }
      for (const change of changes) change(seen, at.step, first);
      if (corrupted !== undefined) damage(corrupted.input, corrupted.corruptions, 'after them', at.step, first);
    },
  };
}

/** Output of the value transforms for each of the 256 bytes; null if it depends on more than the byte. */
export function valueTable(transforms: readonly Transform[]): Float32Array | null {
  const table = unitValues();
  for (const transform of transforms) {
    if (isPixelTransform(transform)) continue;
    const { change, numbers } = transform;
    if (change.isDrawn || Object.keys(numbers).length > 0) return null;
    change.apply(table);
  }
  return table;
}

/** A value transform with its random numbers, applied to the target and to the input, if there is one. */
type SeenChange<Values> = (seen: readonly Values[], step: number, first: number) => void;

function valueChanges(transforms: readonly Transform[], streamOf: PurposeStream): readonly SeenChange<Float32Array>[] {
  const ordinal = ordinals();
  return transforms.flatMap((transform): readonly SeenChange<Float32Array>[] => {
    if (isPixelTransform(transform)) return [];
    const { word, change } = transform;
    if (change.isDrawn) return [drawnChange(change, streamOf(ordinal(word)))];
    return [
      (seen) => {
        for (const values of seen) change.apply(values);
      },
    ];
  });
}

/** @param size values of one example */
function valueChangesInDouble(
  transforms: readonly Transform[],
  size: number,
  streamOf: PurposeStream,
): readonly SeenChange<Float64Array>[] {
  const ordinal = ordinals();
  return transforms.flatMap((transform): readonly SeenChange<Float64Array>[] => {
    if (isPixelTransform(transform)) return [];
    const { word, change } = transform;
    if (change.isDrawn) return [drawnChange(change, streamOf(ordinal(word)))];
    return [
      (seen) => {
        for (const values of seen) {
          for (let i = 0; i < values.length; i++) values[i] = change.inDouble(values[i] ?? 0, i % size);
        }
      },
    ];
  });
}

/** The stream of a purpose. */
type PurposeStream = (purpose: string) => RandomStream;

/** Target and input have the same draw. */
function drawnChange(
  change: Extract<ValueChange, { readonly isDrawn: true }>,
  source: RandomStream,
): SeenChange<Float32Array | Float64Array> {
  return (seen, step, first) => {
    const drawn = uniforms(source, seen[0]?.length ?? 0, step, first);
    for (const values of seen) change.apply(values, drawn);
  };
}

function uniforms(source: RandomStream, count: number, step: number, first: number): Float32Array {
  const drawn = new Float32Array(count);
  source.uniform(drawn, step, first);
  return drawn;
}
