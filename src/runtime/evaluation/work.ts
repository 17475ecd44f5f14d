/**
 * A long computation in small parts: it yields the share that is done, from 0 to 1, every few hundredths of a second,
 * and can be left there. Whoever drives it decides what happens in between, which changes no bit of the result.
 */
export type Work<T> = Generator<number, T, void>;

/** Does all of it at once. */
export function completed<T>(work: Work<T>): T {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

/** A part of a larger work, which takes it from one share to another. */
export function* between<T>(from: number, to: number, work: Work<T>): Work<T> {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    yield from + (to - from) * step.value;
  }
}
