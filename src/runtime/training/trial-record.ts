import type { TrainingEvent } from '../events.js';
import type { Metrics } from './metrics.js';

/** Forwards events, and remembers the last value of every metric. */
export class TrialRecord {
  readonly #emit: (event: TrainingEvent) => void;
  readonly #metrics: Map<string, number>;

  /** @param metrics of an earlier part of the trial */
  constructor(emit: (event: TrainingEvent) => void, metrics: Metrics) {
    this.#emit = emit;
    this.#metrics = new Map(Object.entries(metrics));
  }

  emit(event: TrainingEvent): void {
    if (event.event === 'epoch' || event.event === 'evaluation' || event.event === 'diagnostics') {
      this.correct(event.metrics);
    }
    this.#emit(event);
  }

  /** Sets metrics of the kept weights, in place of those of the last ones. */
  correct(metrics: Metrics): void {
    for (const [name, value] of Object.entries(metrics)) this.#metrics.set(name, value);
  }

  get metrics(): Metrics {
    return Object.fromEntries(this.#metrics);
  }
}
