import type { Objective } from '../metrics/usual-metric.js';
import { standInFor } from '../metrics/usual-metric.js';
import type { TrainingEvent } from '../runtime/events.js';
import type { EpochMetric } from '../runtime/store/records.js';
import type { SweepTrialRecord } from '../runtime/store/sweep-records.js';

export interface EpochValue {
  readonly epoch: number;
  readonly value: number;
}

/** The metric that a sweep is about, over the epochs of one trial's last stage. */
export class ObjectiveValues {
  readonly #objective: Objective | null;
  #stage: string | null = null;
  #values: EpochValue[] = [];

  constructor(objective: Objective | null) {
    this.#objective = objective;
  }

  /** Values of an earlier part of the trial. */
  restore(epochs: readonly EpochMetric[], lastStage: string | null): void {
    this.#stage = lastStage;
    const recorded = new Set(epochs.map(({ metric }) => metric));
    const name = this.#recorded((metric) => recorded.has(metric));
    this.#values = epochs
      .filter(({ stage, metric }) => stage === lastStage && metric === name)
      .map(({ epoch, value }) => ({ epoch, value }));
  }

  /** Restores only the best value of an earlier part, if nothing else of it is needed. */
  restoreBest({ objective, objectiveEpoch }: Pick<SweepTrialRecord, 'objective' | 'objectiveEpoch'>): void {
    if (objective !== null) this.#values = [{ epoch: objectiveEpoch ?? 0, value: objective }];
  }

  observe(event: TrainingEvent): void {
    if (event.event === 'trial_started') this.#stage = event.stages.at(-1)?.stage ?? null;
    if (event.event !== 'epoch' && event.event !== 'evaluation' && event.event !== 'diagnostics') return;
    const name = this.#recorded((metric) => Object.hasOwn(event.metrics, metric));
    const value = name === null ? undefined : event.metrics[name];
    if (value === undefined || event.stage !== this.#stage) return;
    const { epoch } = event;
    this.#values = [...this.#values.filter((known) => known.epoch < epoch), { epoch, value }];
  }

  /** The best over the epochs, the first of equal ones, or the last; null when there is none that is finite. */
  upTo(epoch: number): EpochValue | null {
    const known = this.#values.filter((one) => one.epoch <= epoch && Number.isFinite(one.value));
    if (this.#objective?.of === 'last') return known.at(-1) ?? null;
    return known.reduce<EpochValue | null>(
      (best, one) => (best === null || this.#costOf(one.value) < this.#costOf(best.value) ? one : best),
      null,
    );
  }

  /** The objective turned so that less is better; infinite when there is none. */
  cost(upTo = Number.POSITIVE_INFINITY): number {
    const found = this.upTo(upTo);
    return found === null ? Number.POSITIVE_INFINITY : this.#costOf(found.value);
  }

  /** The objective's metric, or what stands in for it. */
  #recorded(has: (metric: string) => boolean): string | null {
    if (this.#objective === null) return null;
    const { metric } = this.#objective;
    return has(metric) ? metric : standInFor(metric);
  }

  #costOf(value: number): number {
    return this.#objective?.goal === 'max' ? -value : value;
  }
}
