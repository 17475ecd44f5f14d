import seedrandom from 'seedrandom';

/**
 * Where a random number comes from: which replication, which place in the network, for what.
 * Together with a step and the index of an element it names one random number for all time.
 */
export interface StreamAddress {
  /** An integer; `evaluation` for what must be the same in every run, whatever its seed. */
  readonly seed: number | 'evaluation';
  /** Block and position among its layers (`encoder/1`), or the name of a part of the program (`data`). Never a label. */
  readonly path: string;
  /** `weight`, `eps`, `mask`, `crop`, …: what the numbers are used for. One purpose takes one kind of draw. */
  readonly purpose: string;
}

/** The two 32-bit words that select one of Philox's 2^64 sequences. */
export type StreamKey = readonly [number, number];

/**
 * The text an address is keyed by. Parts may hold ASCII letters, digits, `_`, `-`, `.` and `/`, so that the separator
 * can't occur in them and two addresses never share a text.
 *
 * @throws RangeError for a seed that is no safe integer, or a part with another character or none.
 */
export function canonicalAddress(address: StreamAddress): string {
  const { seed, path, purpose } = address;
  if (seed !== 'evaluation' && !Number.isSafeInteger(seed)) {
    throw new RangeError(`a seed is an integer of magnitude below 2^53, not ${seed}`);
  }
  for (const part of [path, purpose]) {
    if (!/^[A-Za-z0-9_./-]+$/.test(part)) {
      throw new RangeError(`a part of a stream's address has ASCII letters, digits, _, -, . and / only: '${part}'`);
    }
  }
  return `aedsl-stream-1|${seed}|${path}|${purpose}`;
}

/** The key of an address: the first two 32-bit words that seedrandom's generator gives for the address's text. */
export function streamKey(address: StreamAddress): StreamKey {
  const generator = seedrandom(canonicalAddress(address));
  return [generator.int32() >>> 0, generator.int32() >>> 0];
}
