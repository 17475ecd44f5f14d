import type { ChainLink, ChainState } from './hash-chain.js';
import type { Witness, WitnessedTensor } from './witness.js';

/** The text is not a chain that this version wrote. */
export class ChainFileError extends Error {
  override readonly name = 'ChainFileError';
  readonly hint = 'train the run again; its weights are not affected';
}

/** Of the format, which a reader of another version refuses. */
const version = 1;

/** A chain as a file: JSON, the same bytes for the same chain. */
export function encodeChain({ digest, added, links, witnesses }: ChainState): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify({ version, digest, added, links, witnesses })}\n`);
}

/** @throws ChainFileError */
export function decodeChain(bytes: Uint8Array): ChainState {
  const file = record(parsed(new TextDecoder().decode(bytes)));
  if (file.version !== version) throw new ChainFileError(`a chain of version ${String(file.version)}, not ${version}`);
  return chainOf(file);
}

/**
 * A chain from JSON that was read.
 * @throws ChainFileError
 */
export function chainOf(value: unknown): ChainState {
  const { digest, added, links, witnesses } = record(value);
  const [low, high] = list(added).map(count);
  if (low === undefined || high === undefined) throw new ChainFileError('a number is missing in the chain');
  return {
    digest: text(digest),
    added: [low, high],
    links: list(links).map(link),
    witnesses: list(witnesses).map(witness),
  };
}

function link(value: unknown): ChainLink {
  const { stage, step, sha256 } = record(value);
  return { stage: text(stage), step: count(step), sha256: text(sha256) };
}

function witness(value: unknown): Witness {
  const { stage, step, tensors } = record(value);
  return { stage: text(stage), step: count(step), tensors: list(tensors).map(tensor) };
}

function tensor(value: unknown): WitnessedTensor {
  const { name, elements, sha256 } = record(value);
  return { name: text(name), elements: count(elements), sha256: text(sha256) };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new ChainFileError('the chain is not JSON', { cause: error });
  }
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ChainFileError('no object in a chain');
  return Object.fromEntries(Object.entries(value));
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new ChainFileError('a list is missing in the chain');
  return value;
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new ChainFileError('a text is missing in the chain');
  return value;
}

function count(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new ChainFileError('a number is missing in the chain');
  }
  return value;
}
