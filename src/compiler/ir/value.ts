import type { Definition } from './definition.js';

/** Value of an argument once names are resolved and params substituted. */
export type Value =
  | number
  | boolean
  | string
  | null
  | WordValue
  | LayerReference
  | readonly number[]
  | readonly string[]
  | readonly LayerReference[];

export const families = [
  'layer',
  'structure',
  'initializer',
  'decoder',
  'loss',
  'corruption',
  'optimizer',
  'clip',
  'constraint',
  'schedule',
  'dataset',
  'transform',
  'stage',
  'stop',
  'resampling',
  'evaluation',
  'figure',
] as const;

/** Kind of a word; a word may only occur where its family is expected. */
export type Family = (typeof families)[number];

/** A word where it is used: its name, and its meaning if the experiment defines it. */
export interface WordUse {
  readonly word: string;
  /** Absent for a word of the library. */
  readonly definition?: Definition;
}

/** A word with its arguments: `salt(0.3)`, `switch(0.5, 0.9, after=5)`. */
export interface WordValue extends WordUse {
  readonly kind: 'word';
  readonly family: Family;
  readonly version: number;
  readonly arguments: Arguments;
}

/** Output of a layer, by its position in the desugared block, independent of labels. */
export interface LayerReference {
  readonly kind: 'layer';
  readonly block: 'encoder' | 'decoder';
  /** Index in the IR's list of layers of that block; -1 in the encoder for the network's input. */
  readonly index: number;
  /** Head of a layer with several outputs: `z.mu`. */
  readonly head: string | null;
}

export type Origin = 'given' | 'default' | 'inserted';

export interface ArgumentValue {
  readonly value: Value;
  readonly origin: Origin;
}

/**
 * Looks up an untrusted name. A plain `record[name]` would also find inherited properties such as `constructor` and
 * `toString`.
 */
export function ownValue<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** By parameter name, in signature order; complete. */
export type Arguments = Readonly<Record<string, ArgumentValue>>;

/** Values of a word's arguments, without their origin. */
export function plainArguments(args: Arguments): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(args).map(([name, { value }]) => [name, value]));
}

export function isWordValue(value: Value): value is WordValue {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'word';
}

export function isLayerReference(value: Value): value is LayerReference {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'layer';
}

/** The network's input, as a layer of the decoder or the encoder takes it. */
export const inputReference: LayerReference = { kind: 'layer', block: 'encoder', index: -1, head: null };

export function isInputReference({ block, index }: Pick<LayerReference, 'block' | 'index'>): boolean {
  return block === 'encoder' && index < 0;
}

/** The layers that a value names: one, those of a list, or none. */
export function layersNamedBy(value: Value): readonly LayerReference[] {
  if (isLayerReference(value)) return [value];
  if (!isList(value)) return [];
  const items: readonly (number | string | LayerReference)[] = value;
  return items.flatMap((item) => (typeof item === 'object' ? [item] : []));
}

/** The layers that any of a word's arguments name, in order. */
export function layersNamedIn(args: Arguments): readonly LayerReference[] {
  return Object.values(args).flatMap(({ value }) => layersNamedBy(value));
}

export function isSchedule(value: Value): value is WordValue {
  return isWordValue(value) && value.family === 'schedule';
}

export function isNumbers(value: Value): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'number');
}

export function isList(value: Value): value is readonly number[] | readonly string[] | readonly LayerReference[] {
  return Array.isArray(value);
}
