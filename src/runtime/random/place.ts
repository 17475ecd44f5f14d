import type { StreamKey } from './address.js';

/** Some random numbers of a stream, for an engine that generates them where they are used. */
export interface RandomPlace {
  readonly key: StreamKey;
  /** Read at every draw: where a computation is repeated, this is what moves on. */
  readonly at: { readonly step: number };
  /** Index of the first element. */
  readonly first: number;
}
