import { createHash } from 'node:crypto';
import type { WeightValues } from './initial-weights.js';
import { noSteps, type StepDigest, withStep } from './step-digest.js';
import { weightsSha256 } from './weights-sha256.js';
import { StepWitness, type Witness, type WitnessListener } from './witness.js';

/** The chain's state after some updates of a stage. Its hash covers everything before it. */
export interface ChainLink {
  readonly stage: string;
  /** Updates of the stage done so far. */
  readonly step: number;
  readonly sha256: string;
}

/**
 * Fingerprint of a training's course. Comparing two shows how far the trainings were bit-identical. Plain JSON, so that
 * checkpoints can hold it.
 */
export interface ChainState {
  /** SHA-256 of the last link, in hexadecimal. */
  readonly digest: string;
  /** Digest of the updates since the last link. */
  readonly added: StepDigest;
  readonly links: readonly ChainLink[];
  readonly witnesses: readonly Witness[];
}

/** A completed update. */
export interface ChainedStep {
  readonly stage: string;
  /** Step of the stage, from 1. */
  readonly step: number;
  /** Indices of the batch's examples in the training part. */
  readonly indices: Uint32Array;
  /** The unweighted terms of the loss. */
  readonly terms: readonly number[];
}

export const emptyChain: ChainState = { digest: '0'.repeat(64), added: noSteps, links: [], witnesses: [] };

/** Updates between links, besides the powers of two. */
const linkEvery = 128;

export interface ChainOptions {
  /** State of an earlier part of the training. */
  readonly state?: ChainState | null;
  /** Further steps to witness. */
  readonly alsoWitness?: (stage: string, step: number) => boolean;
  readonly onLink?: (link: ChainLink) => void;
  readonly onWitness?: (witness: Witness) => void;
  /** Receives the values of every tensor of a witnessed step. */
  readonly onTensor?: WitnessListener;
}

/**
 * A chain of hashes along a training. Every update adds its batch's indices and its loss terms to a 64-bit digest
 * (step-digest.ts). After update n of a stage, if n is a power of two, a multiple of 128 or the last, a link is added,
 * which also covers the weights:
 *
 *     d ← SHA-256(d ‖ digest of the steps since the last link ‖ SHA-256 of the weights)
 *
 * Only the numbers of updates determine which have links and witnesses, so the chain is byte-identical for any number
 * of threads, any checkpoint times and any interruptions.
 */
export class HashChain {
  readonly #options: ChainOptions;
  readonly #links: ChainLink[];
  readonly #witnesses: Witness[];
  #digest: Uint8Array;
  #added: StepDigest;

  constructor(options: ChainOptions = {}) {
    const { digest, added, links, witnesses } = options.state ?? emptyChain;
    this.#options = options;
    this.#digest = Buffer.from(digest, 'hex');
    this.#added = added;
    this.#links = [...links];
    this.#witnesses = [...witnesses];
  }

  /**
   * A witness for the tensors of the coming update, in order of computation; null for nearly all updates.
   * @param step of the stage, from 1
   * @param first whether it is the first of the stage, or of one of its layers
   */
  witness(stage: string, step: number, first = false): StepWitness | null {
    const wanted = first || isPowerOfTwo(step) || this.#options.alsoWitness?.(stage, step) === true;
    return wanted ? new StepWitness({ stage, step }, this.#options.onTensor ?? null) : null;
  }

  /** @param weights returns the weights that the stage trains; called only when they are hashed */
  add(step: ChainedStep, witness: StepWitness | null, weights: () => WeightValues): void {
    this.#added = withStep(this.#added, step.indices, step.terms);
    if (witness) this.#keep(witness.finished());
    if (isPowerOfTwo(step.step) || step.step % linkEvery === 0) this.#link(step.stage, step.step, weights());
  }

  /** Ends a stage after its last update. */
  endStage(stage: string, step: number, weights: () => WeightValues): void {
    const last = this.#links.at(-1);
    if (step > 0 && (last?.stage !== stage || last.step !== step)) this.#link(stage, step, weights());
  }

  state(): ChainState {
    return {
      digest: Buffer.from(this.#digest).toString('hex'),
      added: this.#added,
      links: [...this.#links],
      witnesses: [...this.#witnesses],
    };
  }

  #link(stage: string, step: number, weights: WeightValues): void {
    const hash = createHash('sha256').update(this.#digest);
    this.#digest = hash.update(Uint32Array.from(this.#added)).update(weightsSha256(weights), 'hex').digest();
    this.#added = noSteps;
    const link = { stage, step, sha256: Buffer.from(this.#digest).toString('hex') };
    this.#links.push(link);
    this.#options.onLink?.(link);
  }

  #keep(witness: Witness): void {
    this.#witnesses.push(witness);
    this.#options.onWitness?.(witness);
  }
}

function isPowerOfTwo(n: number): boolean {
  return n > 0 && (n & (n - 1)) === 0;
}
