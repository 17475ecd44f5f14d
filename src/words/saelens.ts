import type { ArgumentsOf, Parameters } from '../compiler/library/parameter.js';

/** What `cfg.json` says of an activation, and the thresholds of its units. */
export interface SaelensActivation {
  readonly architecture: string;
  readonly k?: number;
  readonly rescale_acts_by_decoder_norm?: boolean;
  readonly threshold?: Float32Array;
}

/** An activation with its arguments. */
export interface SaelensUnits<P extends Parameters> {
  readonly args: ArgumentsOf<P>;
  readonly units: number;
  /** A weight of the layer. */
  weight(name: string): Float32Array;
}

/** What a layer is in a sparse autoencoder of SAELens. */
export type LayerInSaelens<P extends Parameters> =
  | { readonly is: 'affine' | 'input bias' | 'output bias' }
  | { readonly is: 'activation'; of(units: SaelensUnits<P>): SaelensActivation };
