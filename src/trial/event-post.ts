import type { TrainingEvent } from '../runtime/events.js';

/** Interval between posts while a trial trains. */
export const POST_MILLISECONDS = 100;

/**
 * Batches a training's events, so that epochs of a few milliseconds do not cost the writing process more than the
 * training itself: events are posted a tenth of a second after the last post, and when a stage begins or ends.
 */
export class EventPost {
  readonly #post: (events: readonly TrainingEvent[]) => void;
  readonly #clock: () => number;
  readonly #interval: number;
  #waiting: TrainingEvent[] = [];
  #posted: number;

  /**
   * @param clock monotonic, ms
   * @param interval between two posts, ms; 0 to post each event by itself
   */
  constructor(post: (events: readonly TrainingEvent[]) => void, clock: () => number, interval = POST_MILLISECONDS) {
    this.#post = post;
    this.#clock = clock;
    this.#interval = interval;
    this.#posted = clock();
  }

  take(event: TrainingEvent): void {
    this.#waiting.push(event);
    if (!waits(event) || this.#clock() - this.#posted >= this.#interval) this.flush();
  }

  /** Call this before sending anything else: a checkpoint follows all earlier events. */
  flush(): void {
    if (this.#waiting.length === 0) return;
    const events = this.#waiting;
    this.#waiting = [];
    this.#posted = this.#clock();
    this.#post(events);
  }
}

/** Whether more events of its kind follow soon. */
function waits({ event }: TrainingEvent): boolean {
  switch (event) {
    case 'steps':
    case 'epoch':
    case 'evaluation':
    case 'diagnostics':
      return true;
    case 'trial_started':
    case 'stage_started':
    case 'checkpoint':
    case 'evaluating':
    case 'stage_done':
    case 'trial_done':
      return false;
  }
}
