import { getBackend, memory } from '@tensorflow/tfjs-core';
import type { TrainingEvent } from '../runtime/events.js';

/** Between two reports of how fast a trial trains. */
const REPORT_MILLISECONDS = 1000;

export interface PaceReport {
  readonly stepsPerSecond: number;
  readonly bytes: number;
}

/** Says once a second how fast the trial trains. */
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

/** Of this thread: its heap, what its heap holds on to outside, and its tensors, once there is a backend for them. */
export function bytesHeld(): number {
  const { heapTotal, external } = process.memoryUsage();
  return heapTotal + external + (getBackend() ? memory().numBytes : 0);
}
