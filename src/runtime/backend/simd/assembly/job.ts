// The control block at the bottom of memory, and the protocol by which threads share one job.
//
// A job is an operation number and up to 1900 words of arguments. Work is cut into tiles; every thread that takes part
// claims the next tile from a counter until none is left. Which thread computes a tile can never change a result,
// because no tile reads what another tile of the same job writes. A thread that wakes late finds no tiles and costs
// nobody any time; the posting thread waits only for those that entered.

/** epoch << 8 | open << 7 | number of workers inside the job. */
export const STATE: usize = 64;
/** Next tile to claim. */
export const TILE: usize = 128;
/** Tiles that are done, for jobs whose last tile to be done has something left to do. */
export const DONE: usize = 132;
/** Number of workers asleep on STATE. */
export const SLEEPERS: usize = 192;
/** 1 while the posting thread sleeps on STATE. */
export const OWNER_SLEEPS: usize = 196;
/** Not 0 when a worker has died. */
export const DEAD: usize = 200;
/** Number of polls before a waiting thread sleeps. */
export const SPIN_LIMIT: usize = 204;
/** Not 0 once an update has left a weight of less than 2^-125: multiplications look for them from then on. */
export const TINY_WEIGHTS: usize = 212;
/** Not 0 where V8 makes one operation on 256 bits of two on 128 that lie side by side. */
const WIDE: usize = 216;
/** Operation number, then the arguments. */
export const JOB: usize = 256;

const OPEN: i32 = 128;
const INSIDE: i32 = 127;

/** Argument `i` of the job as a number. */
@inline
export function arg(i: i32): i32 {
  return load<i32>(JOB + 4 + (<usize>i << 2));
}

/** Argument `i` of the job as a float32. */
@inline
export function argF(i: i32): f32 {
  return load<f32>(JOB + 4 + (<usize>i << 2));
}

/** Argument `i` of the job as an address. */
@inline
export function argP(i: i32): usize {
  return <usize>load<u32>(JOB + 4 + (<usize>i << 2));
}

/** The next unclaimed tile; not less than the job's number of tiles when none is left. */
@inline
export function claim(): i32 {
  return atomic.add<i32>(TILE, 1);
}

/** Notes that a tile is done. True for the last of `tiles`, which sees what all others have written. */
@inline
export function lastOf(tiles: i32): bool {
  return atomic.add<i32>(DONE, 1) == tiles - 1;
}

/** The first bytes of a thread's workspace hold its number; panels of matrices come after them. */
export const PANELS: usize = 64;

/** The number of the thread that owns a workspace: 0 for the posting thread. */
@inline
export function threadNumber(work: usize): i32 {
  return load<i32>(work);
}

/** Returns whether vectors are best processed in pairs; tiles are wider then. */
@inline
export function isWide(): bool {
  return load<i32>(WIDE) != 0;
}

@inline
export function minI(a: i32, b: i32): i32 {
  return a < b ? a : b;
}

@inline
export function maxI(a: i32, b: i32): i32 {
  return a > b ? a : b;
}

/** The length of as few blocks as cover `length` when none is longer than `most`, all nearly the same. */
@inline
export function evenBlock(length: i32, most: i32): i32 {
  const blocks = maxI(1, (length + most - 1) / most);
  return (length + blocks - 1) / blocks;
}

/** Opens the job that the control block describes to the workers. */
export function openJob(): void {
  atomic.store<i32>(TILE, 0);
  atomic.store<i32>(DONE, 0);
  const epoch = (atomic.load<i32>(STATE) >> 8) + 1;
  atomic.store<i32>(STATE, (epoch << 8) | OPEN);
  if (atomic.load<i32>(SLEEPERS) > 0) atomic.notify(STATE, -1);
}

/**
 * Closes the job and waits until every worker that entered has left. Returns 0, or 1 when a worker has died or has
 * not come back within `patience` waits of 100 ms: the result is then unusable.
 */
export function closeJob(patience: i32): i32 {
  atomic.and<i32>(STATE, ~OPEN);
  let spins = 0;
  let waits = 0;
  const limit = load<i32>(SPIN_LIMIT);
  while (true) {
    const state = atomic.load<i32>(STATE);
    if ((state & INSIDE) == 0) return atomic.load<i32>(DEAD);
    if (++spins > limit) {
      if (atomic.load<i32>(DEAD) != 0 || waits > patience) return 1;
      atomic.store<i32>(OWNER_SLEEPS, 1);
      // 2: timed out
      if (atomic.wait<i32>(STATE, state, 100_000_000) == 2) ++waits;
      atomic.store<i32>(OWNER_SLEEPS, 0);
    }
  }
}

/** Waits for a job that is open and not the one of epoch `seen`; enters it and returns its epoch. */
export function enterJob(seen: i32): i32 {
  let spins = 0;
  const limit = load<i32>(SPIN_LIMIT);
  while (true) {
    const state = atomic.load<i32>(STATE);
    if ((state & OPEN) != 0 && state >> 8 != seen) {
      if (atomic.cmpxchg<i32>(STATE, state, state + 1) == state) return state >> 8;
    } else if (++spins > limit) {
      atomic.add<i32>(SLEEPERS, 1);
      atomic.wait<i32>(STATE, state, -1);
      atomic.sub<i32>(SLEEPERS, 1);
      spins = 0;
    }
  }
}

export function leaveJob(): void {
  atomic.sub<i32>(STATE, 1);
  if (atomic.load<i32>(OWNER_SLEEPS) != 0) atomic.notify(STATE, -1);
}
