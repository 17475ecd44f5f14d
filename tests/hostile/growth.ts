/**
 * How much more processor time eight times as much takes: about 8 where time grows as the size does, 64 where it grows as its
 * square. Another process on the machine changes the clock, and this hardly.
 */
export function growth(work: (size: number) => void, size: number): number {
  const small = size / 8;
  work(small);
  const shortest = Math.min(
    processorTime(() => work(small)),
    processorTime(() => work(small)),
  );
  // What takes no time to speak of is not measured by its growth.
  const grown = () => processorTime(() => work(size)) / Math.max(shortest, leastMicroseconds);
  const once = grown();
  // Only noise makes a second time shorter by much.
  return once < linearGrowth ? once : Math.min(once, grown());
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
