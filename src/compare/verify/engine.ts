import type { RecordedIn } from '../../project/recorded-place.js';
import type { ChainLink } from '../../runtime/training/hash-chain.js';
import type { WeightValues } from '../../runtime/training/initial-weights.js';
import type { Witness, WitnessedPlace } from '../../runtime/training/witness.js';

/** Steps of a stage, both ends included. */
export interface StepRange {
  readonly stage: string;
  readonly from: number;
  readonly to: number;
}

/** A training to be done again. */
export interface ReplayRequest {
  /** JSON, as a run stores it. */
  readonly recipe: string;
  /** What it has to compile to. */
  readonly irSha256: string;
  /** Of the data's content. */
  readonly dataSha256: string;
  /** Where its data are looked for. */
  readonly recordedIn: RecordedIn;
  readonly seed: number;
  /** Weights that the run was told to start from. */
  readonly init: WeightValues | null;
  /** Steps to bear witness of, beside those that always are. */
  readonly witness: readonly StepRange[];
  /** Tensors of witness steps whose values are wanted. */
  readonly capture: readonly WitnessedPlace[];
  /** Whether the weights at the end are wanted. */
  readonly weights: boolean;
}

export interface ReplayListener {
  /** @returns whether to go on */
  onLink(link: ChainLink): boolean;
  onWitness(witness: Witness): void;
  onTensor(place: WitnessedPlace, values: Float32Array): void;
}

export interface ReplayEnd {
  /** `interrupted` where the listener ended it. */
  readonly status: 'complete' | 'diverged' | 'interrupted';
  /** Of the kept weights. */
  readonly weightsSha256: string;
  /** By key; null unless they were wanted. */
  readonly weights: WeightValues | null;
  /** SHA-256 of the file that the run keeps; null from a revision that doesn't say. */
  readonly weightsFileSha256: string | null;
}

/** Something that can train a run again. */
export interface Engine {
  /** `this engine, 2 threads` */
  readonly name: string;
  /** @throws VerifyError and what a run throws */
  replay(request: ReplayRequest, listener: ReplayListener, signal?: AbortSignal): Promise<ReplayEnd>;
  /** Gives back what it holds: a folder, a process. */
  dispose(): void;
}

export function inRange(ranges: readonly StepRange[], stage: string, step: number): boolean {
  return ranges.some((range) => range.stage === stage && range.from <= step && step <= range.to);
}

export function samePlace(a: WitnessedPlace, b: WitnessedPlace): boolean {
  return a.stage === b.stage && a.step === b.step && a.name === b.name;
}
