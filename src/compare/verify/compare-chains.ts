import type { ChainLink, ChainState } from '../../runtime/training/hash-chain.js';
import type { Witness } from '../../runtime/training/witness.js';

/** The steps of a stage in which two trainings parted: the same after `after` updates, no more after `until`. */
export interface PartingWindow {
  readonly stage: string;
  readonly after: number;
  readonly until: number;
}

/** The first tensor, in the order of execution, that is not the same in two trainings. */
export interface DifferingTensor {
  readonly stage: string;
  /** The number of the update, from 1. */
  readonly step: number;
  readonly name: string;
  readonly elements: number;
  /** Which tensor of the step it is, from 1, and how many there are. */
  readonly place: number;
  readonly of: number;
}

/** Compares a growing chain with another one: its links, and the steps that both have witnesses of. */
export class ChainComparison {
  readonly #expected: readonly ChainLink[];
  readonly #witnesses: readonly Witness[];
  #same = 0;
  #window: PartingWindow | null = null;

  constructor({ links, witnesses }: Pick<ChainState, 'links' | 'witnesses'>) {
    this.#expected = links;
    this.#witnesses = witnesses;
  }

  /**
   * Compares a step tensor by tensor. Called before the link that follows the step, and is more sensitive: a rounding
   * difference in one value may leave the weights and the loss unchanged.
   */
  see(witness: Witness): void {
    if (this.#window !== null || firstDifferingTensor(this.#witnesses, [witness]) === null) return;
    this.#window = { stage: witness.stage, after: this.#sameWithin(witness.stage), until: witness.step };
  }

  /** @returns whether there is something left to compare */
  follow(link: ChainLink): boolean {
    const expected = this.#expected[this.#same];
    if (this.#window !== null || expected === undefined) return false;
    if (expected.stage !== link.stage || expected.step !== link.step || expected.sha256 !== link.sha256) {
      this.#window = { stage: expected.stage, after: this.#sameWithin(expected.stage), until: expected.step };
      return false;
    }
    this.#same++;
    return this.#same < this.#expected.length;
  }

  /** Null while the two are the same. */
  get window(): PartingWindow | null {
    return this.#window;
  }

  /** Updates in which they are the same, of all stages. */
  get sameSteps(): number {
    return stepsOf(this.#expected.slice(0, this.#same));
  }

  get complete(): boolean {
    return this.#same === this.#expected.length;
  }

  #sameWithin(stage: string): number {
    const last = this.#expected[this.#same - 1];
    return last?.stage === stage ? last.step : 0;
  }
}

/** Updates that a chain covers, of all its stages. */
export function stepsOf(links: readonly ChainLink[]): number {
  const last = new Map(links.map(({ stage, step }) => [stage, step]));
  return [...last.values()].reduce((sum, step) => sum + step, 0);
}

/**
 * The first tensor in which two trainings differ, among the steps that both have witnesses of; null if all match.
 * Tensors are matched by name, as another version of this program may record others.
 */
export function firstDifferingTensor(expected: readonly Witness[], found: readonly Witness[]): DifferingTensor | null {
  for (const { stage, step, tensors } of expected) {
    const other = found.find((witness) => witness.stage === stage && witness.step === step);
    if (!other) continue;
    const again = new Map(other.tensors.map((tensor) => [tensor.name, tensor]));
    for (const [i, { name, elements, sha256 }] of tensors.entries()) {
      const same = again.get(name);
      if (!same || (same.sha256 === sha256 && same.elements === elements)) continue;
      return { stage, step, name, elements, place: i + 1, of: tensors.length };
    }
  }
  return null;
}
