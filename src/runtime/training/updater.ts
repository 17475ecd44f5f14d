import { keep, type Tensor, tensor } from '@tensorflow/tfjs-core';
import type { ScheduleTime } from '../../compiler/library/word.js';
import type { ArgumentsAt } from '../lowering/arguments.js';
import { type FusedUpdate, type FusedWeight, fusedOperations } from '../lowering/fused-operations.js';
import type { ClipLowering, OptimizerLowering } from '../lowering/lowering.js';
import { type Activations, forward, type Network } from '../lowering/network.js';
import { evaluateObjective, type Objective, type ObjectiveTerm } from '../lowering/objective.js';
import { slotOf } from '../lowering/weights.js';
import type { NoiseSource } from './drawn-noise.js';
import { combinedNorm, gradientsOf, normOf, sumOfSquares } from './gradients.js';
import type { WeightValues } from './initial-weights.js';
import { OptimizerState, type SlotValues } from './optimizer-state.js';
import { type Outcome, Repeated, usedOnce } from './repeated.js';
import { scoped } from './scope.js';
import { elementsOf, scalarValue, type WeightStore } from './weight-store.js';
import type { StepWitness } from './witness.js';

/** How gradients become new weights. */
export interface UpdateRule {
  readonly optimizer: OptimizerLowering;
  /** Names of the tensors that the optimizer keeps per weight. */
  readonly slots: readonly string[];
  readonly argumentsAt: ArgumentsAt;
  readonly clip: { readonly lowering: ClipLowering; readonly argumentsAt: ArgumentsAt } | null;
}

/** A batch on the backend, as the network's first layer takes it. */
export interface TensorBatch {
  readonly input: Tensor;
  /** The clean input; the same tensor as `input` without a corruption. */
  readonly clean: Tensor;
  /** The desired output; the same tensor as `clean` without a target of its own. */
  readonly target: Tensor;
  /** The examples' classes, one-hot; null for a network that needs none. */
  readonly condition: Tensor | null;
}

export interface Moment {
  readonly time: ScheduleTime;
  readonly noise: NoiseSource;
}

/** Report of a step, from the batch and the weights before the update. */
export interface StepReport {
  /** Unweighted values of the objective's terms. */
  readonly terms: readonly number[];
  /** Values of `observe`. */
  readonly observed: readonly number[];
  /** Norms by key of the weight, before clipping and weight decay. */
  readonly gradientNorms: ReadonlyMap<string, number>;
  /** Joint norm of all gradients. */
  readonly gradientNorm: number;
  /** False if a term or a gradient wasn't finite; nothing was updated then. */
  readonly updated: boolean;
}

/** Numbers to take from a training pass besides the loss; not differentiated. */
export type Observe = (activations: Activations, target: Tensor) => readonly Tensor[];

/** Results of a batch before any weight is updated. */
interface TrainingPass {
  readonly terms: readonly Tensor[];
  readonly observed: readonly Tensor[];
  /** In the order of the trained weights. */
  readonly gradients: readonly Tensor[];
  /** The gradients' sums of squares. */
  readonly squares: readonly Tensor[];
  /** New values of running statistics, by key. */
  readonly statistics: ReadonlyMap<string, Tensor>;
}

/** Trains a network, one update at a time. */
export class Updater {
  readonly #network: Network;
  readonly #objective: Objective;
  readonly #rule: UpdateRule;
  readonly #weights: WeightStore;
  readonly #trained: readonly string[];
  /** What weights started from, of those whose constraint depends on it. */
  readonly #starts: ReadonlyMap<string, Tensor>;
  readonly state: OptimizerState;
  readonly #repeated = new Map<number, Repeated<TrainingPass>>();
  /** Weight updates by pass. A replayed pass leaves its gradients in the same tensors. */
  readonly #fused = new WeakMap<TrainingPass, (rule: FusedUpdate) => void>();
  #updates = 0;

  /**
   * @param starts what weights of constraints that see it started from
   * @param trained keys of the weights to update
   */
  constructor(
    network: Network,
    objective: Objective,
    rule: UpdateRule,
    weights: WeightStore,
    starts: WeightValues = new Map(),
    trained: readonly string[] = trainableKeys(network),
  ) {
    this.#network = network;
    this.#objective = objective;
    this.#rule = rule;
    this.#weights = weights;
    this.#trained = trained;
    this.#starts = startsOf(network, starts);
    this.state = new OptimizerState(new Map(trained.map((key) => [key, weights.get(key)])), rule.slots);
  }

  /** Resumes after `updates` updates. The weights are already those of that moment. */
  restore(slots: SlotValues, updates: number): void {
    this.state.restore(slots);
    // Updates of recorded passes refer to the old slots.
    this.rest();
    this.#updates = updates;
  }

  /**
   * A forward and a backward pass, and one update of every weight.
   * @param observe the same at every step
   * @param witness observes every tensor of the step
   */
  step(
    batch: TensorBatch,
    moment: Moment,
    observe: Observe = () => [],
    witness: StepWitness | null = null,
  ): StepReport {
    return scoped(() => {
      const compute = () => this.#pass(batch, moment, observe, witness);
      const use = (pass: TrainingPass) => this.#finish(pass, moment, witness);
      if (witness !== null) return usedOnce(compute(), use);
      return this.#repeatedFor(batch).use(this.#dependencies(batch, moment), compute, use);
    });
  }

  /**
   * Names of the terms that count at this moment and have no gradient on any weight; takes a pass for each of several.
   * @param gradientNorm of all terms together
   */
  termsWithoutGradient(batch: TensorBatch, moment: Moment, gradientNorm: number): readonly string[] {
    const counted = this.#objective.filter((term) => term.weightAt(moment.time) !== 0);
    if (counted.length === 1 && gradientNorm > 0) return [];
    return counted.filter((term) => !this.#moves(term, batch, moment)).map(({ name }) => name);
  }

  #moves(term: ObjectiveTerm, batch: TensorBatch, moment: Moment): boolean {
    const isMoved = ({ gradients }: TrainingPass) =>
      gradients.some((gradient) => elementsOf(gradient).some((element) => element !== 0));
    return scoped(() =>
      usedOnce(
        this.#pass(batch, moment, () => [], null, [term]),
        isMoved,
      ),
    );
  }

  /** Frees a step's memory for something else; the next steps allocate it again. */
  rest(): void {
    for (const repeated of this.#repeated.values()) repeated.dispose();
    this.#repeated.clear();
  }

  dispose(): void {
    this.state.dispose();
    for (const start of this.#starts.values()) start.dispose();
    this.rest();
  }

  /** Everything a batch determines, as tensors, without reading back any number. */
  #pass(
    batch: TensorBatch,
    moment: Moment,
    observe: Observe,
    witness: StepWitness | null,
    objective: Objective = this.#objective,
  ): Outcome<TrainingPass> {
    const statistics = new Map<string, Tensor>();
    // A shared layer updates its statistics with each use.
    const superseded: Tensor[] = [];
    let terms: readonly Tensor[] = [];
    let observed: readonly Tensor[] = [];
    const found = gradientsOf(
      () => {
        const activations = forward(this.#network, batch.input, {
          weights: this.#weights.tensors,
          condition: batch.condition,
          training: true,
          sampling: true,
          ...moment,
          noise: witness?.seeingNoise(moment.noise) ?? moment.noise,
          update: (key, value) => {
            const before = statistics.get(key);
            if (before) superseded.push(before);
            statistics.set(key, keep(value.clone()));
          },
          updated: (key) => statistics.get(key),
        });
        witness?.seePass(this.#network, activations, batch.target);
        const { clean, target } = batch;
        const pass = { network: this.#network, activations, weights: this.#weights.tensors, clean, target };
        const value = evaluateObjective(objective, pass, moment.time);
        // TF.js frees everything made in here except the differentiated scalar.
        terms = value.terms.map(keep);
        observed = observe(activations, batch.target).map(keep);
        return value.total;
      },
      this.#trained.map((key) => this.#weights.get(key)),
    );
    const gradients = this.#constrained(found);
    const squares = gradients.map(sumOfSquares);
    const tensors = [...terms, ...observed, ...gradients, ...squares, ...statistics.values(), ...superseded];
    return { value: { terms, observed, gradients, squares, statistics }, tensors };
  }

  #finish(pass: TrainingPass, { time }: Moment, witness: StepWitness | null): StepReport {
    const { gradients, squares, statistics } = pass;
    const terms = pass.terms.map(scalarValue);
    const observed = pass.observed.map(scalarValue);
    witness?.seeGradients(this.#trained, gradients);
    const norms = gradients.map((gradient, i) => normOf(gradient, squares[i]));
    const gradientNorm = combinedNorm(norms);
    const updated = this.#counted(terms, time).every(Number.isFinite) && norms.every(Number.isFinite);
    if (updated) {
      this.#update(pass, gradientNorm, time);
      this.#project();
      for (const [key, value] of statistics) this.#weights.assign(key, value);
    }
    witness?.seeUpdated(this.#weights, this.state, this.#trained);
    const gradientNorms = new Map(this.#trained.map((key, i) => [key, norms[i] ?? 0]));
    return { terms, observed, gradientNorms, gradientNorm, updated };
  }

  /** Batches of one size share a recording. */
  #repeatedFor({ input }: TensorBatch): Repeated<TrainingPass> {
    const size = input.shape[0] ?? 0;
    const known = this.#repeated.get(size);
    if (known) return known;
    const repeated = new Repeated<TrainingPass>();
    this.#repeated.set(size, repeated);
    return repeated;
  }

  /** Everything a pass depends on, besides the values in these tensors. */
  #dependencies({ input, clean, target, condition }: TensorBatch, { time, noise }: Moment): readonly unknown[] {
    const dependencies: unknown[] = [input, clean, target, condition, noise, ...this.#weights.tensors.values()];
    for (const { argumentsAt } of this.#network.nodes) dependencies.push(...Object.values(argumentsAt(time)));
    for (const { argumentsAt, weightAt } of this.#objective) {
      dependencies.push(weightAt(time), ...Object.values(argumentsAt(time)));
    }
    return dependencies;
  }

  /** The terms that count in the loss at this moment; a schedule may have set a weight to 0. */
  #counted(terms: readonly number[], time: ScheduleTime): readonly number[] {
    return terms.filter((_, i) => this.#objective[i]?.weightAt(time) !== 0);
  }

  #update(pass: TrainingPass, gradientNorm: number, time: ScheduleTime): void {
    const { optimizer, argumentsAt, clip } = this.#rule;
    this.#updates++;
    const gradients = clip ? clip.lowering.clip(clip.argumentsAt(time), pass.gradients, gradientNorm) : pass.gradients;
    const fused = fusedOperations();
    if (fused && optimizer.fusedUpdate) {
      const known = clip ? undefined : this.#fused.get(pass);
      const update = known ?? fused.updateOf(this.#fusedWeights(gradients));
      if (!known && !clip) this.#fused.set(pass, update);
      update(optimizer.fusedUpdate(argumentsAt(time), this.#updates));
      return;
    }
    const update = optimizer.update(argumentsAt(time), this.#updates);
    this.#trained.forEach((key, i) => {
      // A copy: an optimizer may keep the gradient.
      const { weight, slots } = update(
        this.#weights.get(key),
        gradientOf(gradients, key, i).clone(),
        this.state.of(key),
      );
      this.#weights.replace(key, weight);
      this.state.replace(key, slots);
    });
  }

  /** The gradients as the weights' constraints leave them. */
  #constrained(gradients: readonly Tensor[]): readonly Tensor[] {
    const constraints = new Map(this.#network.weights.map(({ key, constraint }) => [key, constraint]));
    return this.#trained.map((key, i) => {
      const gradient = gradientOf(gradients, key, i);
      return constraints.get(key)?.gradient(this.#weights.get(key), gradient) ?? gradient;
    });
  }

  /** Returns the updated weights to their constraints. */
  #project(): void {
    for (const { key, constraint } of this.#network.weights) {
      if (!constraint || !this.#trained.includes(key)) continue;
      const weight = this.#weights.get(key);
      this.#weights.assign(key, constraint.projected(weight, this.#starts.get(key) ?? weight));
    }
  }

  #fusedWeights(gradients: readonly Tensor[]): readonly FusedWeight[] {
    const names = this.#rule.slots;
    return this.#trained.map((key, i) => {
      const slots = this.state.of(key);
      return {
        weight: this.#weights.get(key),
        gradient: gradientOf(gradients, key, i),
        slots: names.map((slot) => slotOf(slots, slot)),
      };
    });
  }
}

function gradientOf(clipped: readonly Tensor[], key: string, i: number): Tensor {
  const gradient = clipped[i];
  if (!gradient) throw new RangeError(`the clipping left no gradient of '${key}'`);
  return gradient;
}

/** @throws RangeError for a constraint that sees a start, without one */
function startsOf({ weights }: Network, starts: WeightValues): ReadonlyMap<string, Tensor> {
  const seen = weights.filter(({ constraint }) => constraint?.seesStart === true);
  return new Map(
    seen.map(({ key, shape }) => {
      const values = starts.get(key);
      if (!values) throw new RangeError(`what '${key}' started from is unknown`);
      return [key, keep(tensor(values.slice(), [...shape], 'float32'))];
    }),
  );
}

export function trainableKeys(network: Network): readonly string[] {
  return network.weights.filter(({ trainable }) => trainable).map(({ key }) => key);
}
