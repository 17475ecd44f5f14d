/** Between two frames in any case: ten a second. */
const leastMilliseconds = 100;
/** Between frames that only show new values: what the eye reads doesn't change faster. */
const restfulMilliseconds = 500;
const mostMilliseconds = 2000;
/** Share of a core that frames may take while nobody presses a key. */
const share = 0.03;

export interface Timers {
  /** Milliseconds. */
  readonly now: () => number;
  /** @returns what cancels it */
  readonly after: (milliseconds: number, action: () => void) => () => void;
}

/** Decides when the screen is drawn: soon after a key, and otherwise so rarely that drawing takes little of the machine. */
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

  /** Something changed. `soon` after a key or another size of the terminal. */
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
    // A single slow frame, the first say, doesn't make the rest rare.
    this.#cost = 0.7 * this.#cost + 0.3 * (this.#drawn - begun);
  }
}
