import type { ArgumentsOf, Parameters } from '../../compiler/library/parameter.js';
import type { TransformWord } from '../../compiler/library/word.js';
import type { RandomStream } from '../random/stream.js';
import type { RawUnits } from './raw-units.js';
import type { BatchPosition } from './windows.js';

/** A transform with what it does to examples. */
export type DataTransform<P extends Parameters = Parameters, N extends string = string> =
  | PixelTransformWord<P>
  | ValueTransformWord<P, N>;

/** Cuts or moves pixels. */
export interface PixelTransformWord<P extends Parameters = Parameters> extends TransformWord<P> {
  readonly acts: 'before corruption';
  pixels(args: ArgumentsOf<P>): Crop | ImageChange;
}

/**
 * Changes every value by itself. Without numbers of the training part it treats all features alike.
 * @typeParam N names of the numbers that it takes from the training part
 */
export interface ValueTransformWord<P extends Parameters = Parameters, N extends string = never>
  extends TransformWord<P> {
  readonly acts: 'after corruption';
  readonly fits?: TakenNumbers<N>;
  values(args: ArgumentsOf<P>, numbers: Readonly<Record<N, FittedNumbers>>): ValueChange;
}

/** The numbers that a transform takes from the training part. */
export interface TakenNumbers<N extends string = string> {
  readonly names: readonly N[];
  take(training: TrainingValues): Readonly<Record<N, FittedNumbers>>;
}

/** One number per value of an example; float64 if examples are stored in it. */
export type FittedNumbers = Float32Array | Float64Array;

/** Statistics of the training part, per value of an example as the transform receives it. */
export interface TrainingValues {
  extremes(): { readonly min: FittedNumbers; readonly max: FittedNumbers };
  /** Mean and population standard deviation (divided by n), which is 0 for a constant value. */
  moments(): { readonly mean: FittedNumbers; readonly std: FittedNumbers };
}

/** Cuts a window out of every image. */
export type Crop = FixedCrop | DrawnCrop;

interface Window {
  readonly kind: 'crop';
  readonly size: readonly [height: number, width: number];
}

interface FixedCrop extends Window {
  readonly isDrawn: false;
  /** Window offset along a side that is `room` pixels longer than the window. */
  start(room: number): number;
}

interface DrawnCrop extends Window {
  readonly isDrawn: true;
  /** Window offsets for a batch, from the step's random numbers starting at `first`. */
  starts(out: Uint32Array, room: number, source: RandomStream, step: number, first: number): void;
}

/** Makes other images of images. */
export interface ImageChange {
  readonly kind: 'images';
  /**
   * Prepares the change for images with these planes; null if it does nothing.
   * @param random the stream of a purpose; null in an evaluation
   */
  prepare(planes: Planes, random: ((purpose: string) => RandomStream) | null): ImageStep | null;
}

/** The planes of an image. */
export interface Planes {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

export interface ImageStep {
  readonly size: readonly [height: number, width: number];
  /** Consecutive images, each channel by channel, row by row. */
  apply(images: Float32Array, count: number, at: BatchPosition): Float32Array;
}

export type ValueChange = FixedChange | DrawnChange;

interface Undone {
  /** The way back from what it gives. */
  readonly undo: RawUnits;
}

interface FixedChange extends Undone {
  readonly isDrawn: false;
  /** In place, example after example, in float32 with each operation rounded once. */
  apply(values: Float32Array): void;
  /** The same of value `feature` of an example in float64, not rounded. */
  inDouble(value: number, feature: number): number;
  /** The same map without clipping; absent if it doesn't clip. */
  readonly uncut?: FixedChange;
}

interface DrawnChange extends Undone {
  readonly isDrawn: true;
  /** In place. @param uniforms one for each value */
  apply(values: Float32Array | Float64Array, uniforms: Float32Array): void;
}

/** A transform with its arguments, and with the numbers that it took from the training part. */
export type Transform = PixelTransform | ValueTransform;

export interface PixelTransform {
  readonly word: string;
  readonly pixels: Crop | ImageChange;
}

export interface CropTransform extends PixelTransform {
  readonly pixels: Crop;
}

export interface ValueTransform {
  readonly word: string;
  /** Whether what it gives counts as raw. */
  readonly makesRaw: boolean;
  /** By the names of `fits`; empty for one that takes none. */
  readonly numbers: Readonly<Record<string, FittedNumbers>>;
  readonly change: ValueChange;
}

/** A transform as written: a value transform doesn't have its statistics yet. */
export type TransformRequest = PixelTransform | ValueRequest;

export interface ValueRequest {
  readonly word: string;
  readonly fits: TakenNumbers | null;
  fitted(numbers: Readonly<Record<string, FittedNumbers>>): ValueTransform;
}

export function isPixelTransform(transform: TransformRequest | Transform): transform is PixelTransform {
  return 'pixels' in transform;
}

export function isCrop(transform: TransformRequest | Transform): transform is CropTransform {
  return isPixelTransform(transform) && transform.pixels.kind === 'crop';
}

/**
 * Whether the transforms are computed in float64, whatever the examples are kept in: the training examples needed it.
 */
export function areInDouble(transforms: readonly Transform[]): boolean {
  return transforms.some(
    (transform) =>
      !isPixelTransform(transform) &&
      Object.values(transform.numbers).some((numbers) => numbers instanceof Float64Array),
  );
}
