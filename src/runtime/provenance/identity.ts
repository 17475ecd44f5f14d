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
  /** Updates after which each stage ends; null for a whole trial. */
  readonly maxSteps?: number | null;
  /** SHA-256 of the weights that it starts from; null where they are drawn. */
  readonly initialSha256?: string | null;
}

/**
 * SHA-256 of the canonical JSON of the parts, in hexadecimal: the name of the trial, everywhere and for ever. What is null
 * is left out, so a trial that is cut short or starts from given weights has a name of its own.
 */
export function trialIdentity(identity: Identity): string {
  const { irSha256, dataSha256, seed, backendClass, numericsVersion, maxSteps = null, initialSha256 = null } = identity;
  const json = canonicalJson({
    irSha256,
    dataSha256,
    seed,
    backendClass,
    numericsVersion,
    ...(maxSteps === null ? {} : { maxSteps }),
    ...(initialSha256 === null ? {} : { initialSha256 }),
  });
  return createHash('sha256').update(json).digest('hex');
}
