import { streamKey } from '../../runtime/random/address.js';

/** Names the random streams that a file draws from, and collects their keys. */
export class StreamNames {
  readonly #seed: number;
  readonly #keys = new Map<string, readonly [number, number]>();

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** The expression for a stream's key. */
  of(path: string, purpose: string): string {
    const name = `${path} ${purpose}`;
    if (!this.#keys.has(name)) this.#keys.set(name, streamKey({ seed: this.#seed, path, purpose }));
    return `STREAMS[${JSON.stringify(name)}]`;
  }

  /** Defines all streams requested so far. */
  definition(): readonly string[] {
    const rows = [...this.#keys].map(
      ([name, key]) => `    ${JSON.stringify(name)}: (${key.map(hexadecimal).join(', ')}),`,
    );
    return ['# The keys of the random numbers, by place and purpose.', 'STREAMS = {', ...rows, '}'];
  }
}

function hexadecimal(word: number): string {
  return `0x${word.toString(16).padStart(8, '0')}`;
}
