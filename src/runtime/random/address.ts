import seedrandom from 'seedrandom';

/**
 * Address of a random number: the replication, the place in the network and the purpose. With a step and an element
 * index it determines one random number, permanently.
 */
export interface StreamAddress {
  /** An integer; `evaluation` for draws that must be the same in every run, whatever its seed. */
  readonly seed: number | 'evaluation';
  /**
   * Block and position among its layers (`encoder/1`), or the name of a part of the program (`data`). Never a label.
   */
  readonly path: string;
  /** `weight`, `eps`, `mask`, `crop`, …: the use of the numbers. Each purpose has one kind of draw. */
  readonly purpose: string;
}

/** The two 32-bit words that select one of Philox's 2^64 sequences. */
export type StreamKey = readonly [number, number];

/**
 * Text that keys an address. Parts may contain ASCII letters, digits, `_`, `-`, `.` and `/`, so that the separator
 * can't occur in them and distinct addresses have distinct texts.
 *
 * @throws RangeError for a seed that is not a safe integer, or a part that is empty or has other characters
 */
export function canonicalAddress(address: StreamAddress): string {
  const { seed, path, purpose } = address;
  if (seed !== 'evaluation' && !Number.isSafeInteger(seed)) {
    throw new RangeError(`a seed must be an integer of magnitude below 2^53, not ${seed}`);
  }
  for (const part of [path, purpose]) {
    if (!/^[A-Za-z0-9_./-]+$/.test(part)) {
      throw new RangeError(
        `a part of a stream's address may only have ASCII letters, digits, _, -, . and /: '${part}'`,
      );
    }
  }
  return `aedsl-stream-1|${seed}|${path}|${purpose}`;
}

/** Key of an address: the first two 32-bit words of seedrandom's generator, seeded with the address's text. */
export function streamKey(address: StreamAddress): StreamKey {
  const generator = seedrandom(canonicalAddress(address));
  return [generator.int32() >>> 0, generator.int32() >>> 0];
}
