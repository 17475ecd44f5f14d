// The control block at the bottom of memory, and the protocol by which threads share a job.
//
// A job is an operation number and up to 1900 words of arguments, divided into tiles. Participating threads claim tiles
// from a counter until none is left. No tile reads what another tile of the job writes, so results don't depend on
// which thread computes it. The posting thread waits only for workers that have entered: one that wakes late delays
// nobody.

/** epoch << 8 | open << 7 | number of workers inside the job. */
export const STATE: usize = 64;
/** Next tile to claim. */
export const TILE: usize = 128;
/** Number of finished tiles, for jobs whose last tile has something left to do. */
export const DONE: usize = 132;
/** Number of workers asleep on STATE. */
export const SLEEPERS: usize = 192;
/** 1 while the posting thread sleeps on STATE. */
export const OWNER_SLEEPS: usize = 196;
/** Nonzero once a worker has died. */
export const DEAD: usize = 200;
/** Number of polls before a waiting thread sleeps. */
export const SPIN_LIMIT: usize = 204;
/** Nonzero once an update has left a tiny weight (see tiny.ts): from then on, multiplications look for them. */
export const TINY_WEIGHTS: usize = 212;
/** Nonzero if V8 merges adjacent 128-bit operations into 256-bit ones. */
const WIDE: usize = 216;
/** Operation number, then the arguments. */
export const JOB: usize = 256;

const OPEN: i32 = 128;
const INSIDE: i32 = 127;

/** Argument `i` of the job as an integer. */
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

/** Claims the next tile. The result is at least the job's number of tiles if none is left. */
@inline
export function claim(): i32 {
  return atomic.add<i32>(TILE, 1);
}

/** Counts a finished tile. Returns true for the last of `tiles`, which sees what all others have written. */
@inline
export function lastOf(tiles: i32): bool {
  return atomic.add<i32>(DONE, 1) == tiles - 1;
}

/** Offset of the matrix panels in a thread's workspace; the bytes before hold the thread's number. */
export const PANELS: usize = 64;

/** Number of the thread that owns a workspace; 0 for the posting thread. */
@inline
export function threadNumber(work: usize): i32 {
  return load<i32>(work);
}

/** Returns whether to process vectors in pairs, in wider tiles. */
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

/** Length of the blocks when `length` is divided into the fewest blocks of at most `most`, all nearly equal. */
@inline
export function evenBlock(length: i32, most: i32): i32 {
  const blocks = maxI(1, (length + most - 1) / most);
  return (length + blocks - 1) / blocks;
}

/** Opens the job in the control block to the workers. */
export function openJob(): void {
  atomic.store<i32>(TILE, 0);
  atomic.store<i32>(DONE, 0);
  const epoch = (atomic.load<i32>(STATE) >> 8) + 1;
  atomic.store<i32>(STATE, (epoch << 8) | OPEN);
  if (atomic.load<i32>(SLEEPERS) > 0) atomic.notify(STATE, -1);
}

/**
 * Closes the job and waits for the workers inside. Returns 0, or 1 if one has died or stays for more than `patience`
 * waits of 100 ms; the result is then unusable.
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

/** Waits for an open job whose epoch isn't `seen`, enters it, and returns its epoch. */
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
