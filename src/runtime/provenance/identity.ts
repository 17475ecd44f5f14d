import { createHash } from 'node:crypto';
import { canonicalJson } from '../../compiler/ir/canonical.js';

/** All that decides the bits of a trial's result, and nothing else. */
export interface Identity {
  /** Content hash of the experiment's IR. */
  readonly irSha256: string;
  /** Checksum of the data set, as its loader defines it. */
  readonly dataSha256: string;
  readonly seed: number;
  /** Backends that give the same bits are one class. */
  readonly backendClass: string;
  /** Version of the arithmetic. */
  readonly numericsVersion: string;
}

/** SHA-256 of the canonical JSON of the parts, in hexadecimal: the name of the trial, everywhere and for ever. */
export function trialIdentity({ irSha256, dataSha256, seed, backendClass, numericsVersion }: Identity): string {
  const json = canonicalJson({ irSha256, dataSha256, seed, backendClass, numericsVersion });
  return createHash('sha256').update(json).digest('hex');
}
