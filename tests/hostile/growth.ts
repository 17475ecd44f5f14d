/**
 * How much more processor time eight times as much takes: about 8 where time grows as the size does, 64 where it grows as its
 * square. Another process on the machine changes the clock, and this hardly.
 */
export function growth(work: (size: number) => void, size: number): number {
  const small = size / 8;
  work(small);
  const times = { small: Number.POSITIVE_INFINITY, large: Number.POSITIVE_INFINITY };
  for (let i = 0; i < 2; i++) {
    times.small = Math.min(
      times.small,
      processorTime(() => work(small)),
    );
    times.large = Math.min(
      times.large,
      processorTime(() => work(size)),
    );
  }
  // What takes no time to speak of is not measured by its growth.
  return times.large / Math.max(times.small, leastMicroseconds);
}

/** Growth that no quadratic algorithm stays under, and that noise hardly reaches. */
export const linearGrowth = 28;

const leastMicroseconds = 2000;

/** In microseconds. */
function processorTime(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
