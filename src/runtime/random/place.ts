import type { StreamKey } from './address.js';

/** A range of a stream's random numbers, for an engine that generates them where they are used. */
export interface RandomPlace {
  readonly key: StreamKey;
  /** Read at every draw; in a repeated computation, only this advances. */
  readonly at: { readonly step: number };
  /** Index of the first element. */
  readonly first: number;
}
