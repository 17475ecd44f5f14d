import type { ConditionColumn } from './condition-column.js';
import type { DrawnRows } from './drawn-rows.js';
import type { StoredRows } from './stored-rows.js';
import type { WorldSpec } from './synth/spec.js';

/** Values of examples in memory. */
export type ValuesInMemory = Uint8Array | Float32Array | Float64Array;

/** Examples with their labels. */
export interface Part {
  readonly count: number;
  /**
   * Example after example, each in the order of the data set's shape (images: channel by channel, row by row). Bytes
   * mean byte / 255; floats mean themselves. Float64 is for values that would lose too much in float32: see
   * precision.ts. Those that would take much memory stay in their files, and others are drawn whenever they are needed.
   */
  readonly values: ValuesInMemory | StoredRows | DrawnRows;
  /** Classes from 0, one for each example; null for data without labels. */
  readonly labels: Uint8Array | Int32Array | null;
  /** The columns of its table that are conditions; absent if there are none. */
  readonly conditions?: readonly ConditionColumn[];
  /** The file of each example, as a path within its folder; absent for data that are not files each. */
  readonly files?: readonly string[];
}

/** Result of every loader. */
export interface Dataset {
  /** The word that asked for it: `mnist`, `npy`. */
  readonly name: string;
  /** Shape of one example: [channels, height, width] or [features]. */
  readonly shape: readonly number[];
  readonly train: Part;
  /** Null if the data set has no test part of its own. */
  readonly test: Part | null;
  /** Largest label of either part plus one; null without labels. */
  readonly classes: number | null;
  /** Names of classes 0, 1, …; null if they have none. */
  readonly classNames: readonly string[] | null;
  /** The names of the features; null for data without. */
  readonly columns: readonly string[] | null;
  /** Columns of its table that were neither selected nor dropped. */
  readonly unusedColumns: readonly string[];
  /** The features that its examples were made of; absent for a set without any that are known. */
  readonly truth?: WorldSpec;
  /** SHA-256, hexadecimal, of the decoded content, whatever file format it came in: see checksum.ts. */
  readonly checksum: string;
}
