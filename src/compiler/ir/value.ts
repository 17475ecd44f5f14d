/** What an argument can be once names have been resolved and params replaced by their values. */
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
  'initializer',
  'decoder',
  'loss',
  'corruption',
  'optimizer',
  'clip',
  'schedule',
  'dataset',
  'transform',
  'stage',
  'stop',
  'evaluation',
  'figure',
] as const;

/** What a word is for; a word may stand only where its family is expected. */
export type Family = (typeof families)[number];

/** A word with its arguments: `salt(0.3)`, `switch(0.5, 0.9, after=5)`. */
export interface WordValue {
  readonly kind: 'word';
  readonly family: Family;
  readonly word: string;
  readonly version: number;
  readonly arguments: Arguments;
}

/** The output of a layer, by its place in the desugared block, so that no label is in it. */
export interface LayerReference {
  readonly kind: 'layer';
  readonly block: 'encoder' | 'decoder';
  /** Index in the IR's list of layers of that block. */
  readonly index: number;
  /** A head of a layer that has several outputs: `z.mu`. */
  readonly head: string | null;
}

export type Origin = 'given' | 'default' | 'inserted';

export interface ArgumentValue {
  readonly value: Value;
  readonly origin: Origin;
}

/**
 * What a record holds under a name that a text gives. A plain `record[name]` also finds what every object inherits, such as
 * `constructor` and `toString`.
 */
export function ownValue<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** By parameter name, in the order of the signature; every parameter is there. */
export type Arguments = Readonly<Record<string, ArgumentValue>>;

export function isWordValue(value: Value): value is WordValue {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'word';
}

export function isLayerReference(value: Value): value is LayerReference {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'layer';
}

export function isSchedule(value: Value): value is WordValue {
  return isWordValue(value) && value.family === 'schedule';
}

export function isList(value: Value): value is readonly number[] | readonly string[] | readonly LayerReference[] {
  return Array.isArray(value);
}
