import type { StepsDone } from '../events.js';

/** Collects values of every step, and returns them in blocks. */
export class StepSeries {
  readonly #stage: string;
  #firstStep: number;
  #values = new Map<string, number[]>();
  #length = 0;

  constructor(stage: string, firstStep: number) {
    this.#stage = stage;
    this.#firstStep = firstStep;
  }

  /** @param values the same names at every step */
  add(values: Readonly<Record<string, number>>): void {
    for (const name of Object.keys(values)) {
      const value = values[name] ?? Number.NaN;
      const series = this.#values.get(name);
      if (series) series.push(value);
      else this.#values.set(name, [value]);
    }
    this.#length++;
  }

  /** Returns the values since the last call; null if there are none. */
  flush(): StepsDone | null {
    if (this.#length === 0) return null;
    const series = Object.fromEntries([...this.#values].map(([name, values]) => [name, Float32Array.from(values)]));
    const firstStep = this.#firstStep;
    this.#firstStep += this.#length;
    this.#values = new Map();
    this.#length = 0;
    return { event: 'steps', stage: this.#stage, firstStep, series };
  }
}
