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

/** Follows one chain along another, link by link, as it is made. */
export class ChainComparison {
  readonly #expected: readonly ChainLink[];
  #same = 0;
  #window: PartingWindow | null = null;

  constructor(expected: Pick<ChainState, 'links'>) {
    this.#expected = expected.links;
  }

  /** @returns whether there is something left to compare */
  follow(link: ChainLink): boolean {
    const expected = this.#expected[this.#same];
    if (this.#window !== null || expected === undefined) return false;
    if (expected.stage !== link.stage || expected.step !== link.step || expected.sha256 !== link.sha256) {
      const last = this.#expected[this.#same - 1];
      const after = last?.stage === expected.stage ? last.step : 0;
      this.#window = { stage: expected.stage, after, until: expected.step };
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
}

/** Updates that a chain covers, of all its stages. */
export function stepsOf(links: readonly ChainLink[]): number {
  const last = new Map(links.map(({ stage, step }) => [stage, step]));
  return [...last.values()].reduce((sum, step) => sum + step, 0);
}

/**
 * The first tensor in which two trainings differ, among the steps that both bear witness of; null where all are the same.
 * A tensor that only one of them has differs.
 */
export function firstDifferingTensor(expected: readonly Witness[], found: readonly Witness[]): DifferingTensor | null {
  for (const witness of expected) {
    const other = found.find(({ stage, step }) => stage === witness.stage && step === witness.step);
    if (!other) continue;
    const of = Math.max(witness.tensors.length, other.tensors.length);
    for (let i = 0; i < of; i++) {
      const [a, b] = [witness.tensors[i], other.tensors[i]];
      if (a && b && a.name === b.name && a.sha256 === b.sha256 && a.elements === b.elements) continue;
      const { name, elements } = a ?? b ?? { name: 'nothing', elements: 0 };
      return { stage: witness.stage, step: witness.step, name, elements, place: i + 1, of };
    }
  }
  return null;
}
