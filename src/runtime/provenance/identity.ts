import { createHash } from 'node:crypto';
import { canonicalJson } from '../../compiler/ir/canonical.js';

/** Everything that determines the bits of a trial's result, and nothing else. */
export interface Identity {
  /** Content hash of the experiment's IR. */
  readonly irSha256: string;
  /** Checksum of the data set, as its loader defines it. */
  readonly dataSha256: string;
  readonly seed: number;
  /** Backends that give identical bits form one class. */
  readonly backendClass: string;
  readonly numericsVersion: string;
  /** Updates after which each stage ends; null for a full trial. */
  readonly maxSteps?: number | null;
  /** SHA-256 of the given initial weights; null if they are drawn. */
  readonly initialSha256?: string | null;
}

/**
 * Name of a trial, everywhere and for good: the SHA-256 of the canonical JSON of the parts, in hexadecimal. Null parts
 * are omitted, so a trial that is cut short or starts from given weights has a different name.
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
