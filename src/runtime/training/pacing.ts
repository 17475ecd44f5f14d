/** Makes a long loop give way now and then, and says when it is time to show something. */
export class Pacing {
  readonly #clock: () => number;
  #shown: number;
  #gaveWay: number;

  /** @param clock milliseconds */
  constructor(clock: () => number) {
    this.#clock = clock;
    this.#shown = clock();
    this.#gaveWay = this.#shown;
  }

  /** About four times a second. */
  get isTimeToShow(): boolean {
    const now = this.#clock();
    if (now - this.#shown < 250) return false;
    this.#shown = now;
    return true;
  }

  /** Whether signals, timers and displays have waited for a while. */
  get isTimeToGiveWay(): boolean {
    return this.#clock() - this.#gaveWay >= 40;
  }

  /** Lets them run. */
  async giveWay(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.#gaveWay = this.#clock();
  }
}
