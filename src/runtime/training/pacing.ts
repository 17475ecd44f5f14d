/** Lets a long loop yield now and then, and tells it when to update displays. */
export class Pacing {
  readonly #clock: () => number;
  #shown: number;
  #gaveWay: number;

  /** @param clock in milliseconds */
  constructor(clock: () => number) {
    this.#clock = clock;
    this.#shown = clock();
    this.#gaveWay = this.#shown;
  }

  /** True about four times a second. */
  get isTimeToShow(): boolean {
    const now = this.#clock();
    if (now - this.#shown < 250) return false;
    this.#shown = now;
    return true;
  }

  /** Whether signals, timers and displays have been waiting for a while. */
  get isTimeToGiveWay(): boolean {
    return this.#clock() - this.#gaveWay >= 40;
  }

  async giveWay(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.#gaveWay = this.#clock();
  }
}
