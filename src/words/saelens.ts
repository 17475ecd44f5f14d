import type { ArgumentsOf, Parameters } from '../compiler/library/parameter.js';

/** An activation in `cfg.json`, and the thresholds of its units. */
export interface SaelensActivation {
  readonly architecture: string;
  readonly k?: number;
  readonly rescale_acts_by_decoder_norm?: boolean;
  readonly threshold?: Float32Array;
  /** Vectors of one number a unit that stand in the place of `b_enc`, by name. */
  readonly biases?: Readonly<Record<string, Float32Array>>;
}

/** An activation with its arguments. */
export interface SaelensUnits<P extends Parameters> {
  readonly args: ArgumentsOf<P>;
  readonly units: number;
  /** The bias of the dense layer below; null without one. */
  readonly bias: Float32Array | null;
  /** A weight of the layer. */
  weight(name: string): Float32Array;
}

/** The role of a layer in a sparse autoencoder of SAELens. */
export type LayerInSaelens<P extends Parameters> =
  | { readonly is: 'affine' | 'input bias' | 'output bias' | 'identity' }
  | { readonly is: 'activation'; of(units: SaelensUnits<P>): SaelensActivation };
