import { createHash } from 'node:crypto';
import type { WeightValues } from './initial-weights.js';
import { noSteps, type StepDigest, withStep } from './step-digest.js';
import { weightsSha256 } from './weights-sha256.js';
import { StepWitness, type Witness, type WitnessListener } from './witness.js';

/** The state of the chain after some updates of a stage; a hash covers everything that came before it. */
export interface ChainLink {
  readonly stage: string;
  /** Updates of the stage that are done. */
  readonly step: number;
  readonly sha256: string;
}

/**
 * What is kept of how a training went: enough to say, after another training, up to where the two were the same to the
 * bit. Plain JSON, so that a checkpoint can hold it.
 */
export interface ChainState {
  /** Of the last link: SHA-256 in hexadecimal. */
  readonly digest: string;
  /** What the updates since then have added. */
  readonly added: StepDigest;
  readonly links: readonly ChainLink[];
  readonly witnesses: readonly Witness[];
}

/** An update that is done. */
export interface ChainedStep {
  readonly stage: string;
  /** Of the stage, from 1. */
  readonly step: number;
  /** Of the batch's examples in the training part. */
  readonly indices: Uint32Array;
  /** The terms of the loss, without their weights. */
  readonly terms: readonly number[];
}

export const emptyChain: ChainState = { digest: '0'.repeat(64), added: noSteps, links: [], witnesses: [] };

/** Updates between two links, beyond the powers of two. */
const linkEvery = 128;

export interface ChainOptions {
  /** Of an earlier part of the training. */
  readonly state?: ChainState | null;
  /** Steps to bear witness of, beside those that always are. */
  readonly alsoWitness?: (stage: string, step: number) => boolean;
  readonly onLink?: (link: ChainLink) => void;
  readonly onWitness?: (witness: Witness) => void;
  /** Is shown the values of every tensor of a witness step. */
  readonly onTensor?: WitnessListener;
}

/**
 * A chain of hashes along a training. Every update adds its batch's indices and the terms of its loss to a digest of 64 bits
 * (step-digest.ts); after update n of a stage, n a power of two, a multiple of 128 or the last, comes a link, which covers
 * the weights too:
 *
 *     d ← SHA-256(d ‖ digest of the steps since the last link ‖ SHA-256 of the weights)
 *
 * Which updates have links and witnesses depends on their numbers alone, so the chain is the same, byte for byte, for any
 * number of threads, for any times of checkpoints, and for a training that was interrupted and resumed.
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
   * Who is to be shown the tensors of an update, in the order in which they come to be; null for nearly all updates.
   * @param step of the stage, from 1: the update that is about to be done
   * @param first whether it is the first of the stage, or of one of its layers
   */
  witness(stage: string, step: number, first = false): StepWitness | null {
    const wanted = first || isPowerOfTwo(step) || this.#options.alsoWitness?.(stage, step) === true;
    return wanted ? new StepWitness({ stage, step }, this.#options.onTensor ?? null) : null;
  }

  /** @param weights those that the stage trains; asked for where they are hashed */
  add(step: ChainedStep, witness: StepWitness | null, weights: () => WeightValues): void {
    this.#added = withStep(this.#added, step.indices, step.terms);
    if (witness) this.#keep(witness.finished());
    if (isPowerOfTwo(step.step) || step.step % linkEvery === 0) this.#link(step.stage, step.step, weights());
  }

  /** The last update of a stage is done. */
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
