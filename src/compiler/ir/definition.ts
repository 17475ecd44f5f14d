import type { Formula, NetworkEnd } from './formula.js';

/** What a person's own word means, as plain data: part of the IR of an experiment that uses it. */
export interface Definition {
  readonly name: string;
  readonly role: 'loss' | 'penalty' | 'activation';
  readonly parameters: readonly DefinedParameter[];
  readonly formula: Formula;
}

export type DefinedParameter = DefinedNumber | DefinedLayer;

export interface DefinedNumber {
  readonly kind: 'number';
  readonly name: string;
  /** Null: every call gives one. */
  readonly default: number | null;
  /** A condition on the parameters; null for any number. */
  readonly where: Formula | null;
  /** `where` as it is written. */
  readonly condition: string | null;
}

/** The label of a layer. */
export interface DefinedLayer {
  readonly kind: 'layer';
  readonly name: string;
  /** The layer that it is by default: the encoder's last, or the decoder's. */
  readonly default: NetworkEnd;
}
