import { getBackend, memory } from '@tensorflow/tfjs-core';
import type { TrainingEvent } from '../runtime/events.js';

/** Interval between speed reports. */
const REPORT_MILLISECONDS = 1000;

export interface PaceReport {
  readonly stepsPerSecond: number;
  readonly bytes: number;
}

/** Reports a trial's speed once a second. */
export class Pace {
  readonly #timer: NodeJS.Timeout;
  #steps = 0;
  #since = performance.now();

  constructor(say: (report: PaceReport) => void) {
    this.#timer = setInterval(() => {
      const now = performance.now();
      const stepsPerSecond = (this.#steps * 1000) / (now - this.#since);
      say({ stepsPerSecond, bytes: bytesHeld() });
      this.#steps = 0;
      this.#since = now;
    }, REPORT_MILLISECONDS);
  }

  observe(event: TrainingEvent): void {
    if (event.event === 'steps') this.#steps += Math.max(0, ...Object.values(event.series).map(({ length }) => length));
  }

  end(): void {
    clearInterval(this.#timer);
  }
}

/** Memory of this thread: heap, external memory, and tensors if it has a backend. */
export function bytesHeld(): number {
  const { heapTotal, external } = process.memoryUsage();
  return heapTotal + external + (getBackend() ? memory().numBytes : 0);
}
