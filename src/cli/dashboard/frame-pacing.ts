/** Minimum between frames: ten a second. */
const leastMilliseconds = 100;
/** Minimum between frames that only show new values, which the eye does not read faster. */
const restfulMilliseconds = 500;
const mostMilliseconds = 2000;
/** Share of a core for drawing while no key is pressed. */
const share = 0.03;

export interface Timers {
  /** Milliseconds. */
  readonly now: () => number;
  /** @returns a function that cancels it */
  readonly after: (milliseconds: number, action: () => void) => () => void;
}

/** Decides when to draw: soon after a key, otherwise seldom enough to leave the machine to the training. */
export class FramePacing {
  readonly #timers: Timers;
  readonly #draw: () => void;
  #drawn = Number.NEGATIVE_INFINITY;
  #cost = 0;
  #pending: { readonly due: number; readonly cancel: () => void } | null = null;

  constructor(timers: Timers, draw: () => void) {
    this.#timers = timers;
    this.#draw = draw;
  }

  /** Requests a frame; `soon` after a key or a resize. */
  request(soon: boolean): void {
    const pause = soon
      ? leastMilliseconds
      : Math.min(mostMilliseconds, Math.max(restfulMilliseconds, this.#cost / share));
    const due = Math.max(this.#timers.now(), this.#drawn + pause);
    if (this.#pending !== null) {
      if (this.#pending.due <= due) return;
      this.#pending.cancel();
    }
    const cancel = this.#timers.after(Math.max(0, due - this.#timers.now()), () => this.#frame());
    this.#pending = { due, cancel };
  }

  stop(): void {
    this.#pending?.cancel();
    this.#pending = null;
  }

  #frame(): void {
    this.#pending = null;
    const begun = this.#timers.now();
    this.#draw();
    this.#drawn = this.#timers.now();
    // A single slow frame, such as the first, does not slow down the rest.
    this.#cost = 0.7 * this.#cost + 0.3 * (this.#drawn - begun);
  }
}
