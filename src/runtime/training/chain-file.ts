import * as v from 'valibot';
import { anything, checked, count, JsonError, listOf, object, parseJson, type Schema, text } from '../formats/json.js';
import type { ChainLink, ChainState } from './hash-chain.js';
import type { Witness } from './witness.js';

/** The text is not a chain that this version wrote. */
export class ChainFileError extends Error {
  override readonly name = 'ChainFileError';
  readonly hint = 'train the run again; its weights are not affected';
}

/** Version of the format; readers refuse any other. */
const version = 1;

/** With a link about every 128 steps, enough for a billion steps. */
const mostLinks = 10_000_000;
const mostTensors = 1_000_000;

/** Encodes a chain as JSON; equal chains give equal bytes. */
export function encodeChain({ digest, added, links, witnesses }: ChainState): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify({ version, digest, added, links, witnesses })}\n`);
}

/** @throws ChainFileError */
export function decodeChain(bytes: Uint8Array): ChainState {
  try {
    const file = parseJson(new TextDecoder().decode(bytes), 'the chain');
    const { version: written } = checked(object({ version: anything }), file, 'the chain');
    if (written !== version) throw new ChainFileError(`a chain of version ${String(written)}, not ${version}`);
    return checked(chainState, file, 'the chain');
  } catch (error) {
    if (error instanceof JsonError) throw new ChainFileError(error.message, { cause: error });
    throw error;
  }
}

export const chainLink: Schema<ChainLink> = object({ stage: text, step: count, sha256: text });

export const witness: Schema<Witness> = object({
  stage: text,
  step: count,
  tensors: listOf(object({ name: text, elements: count, sha256: text }), mostTensors),
});

export const chainState: Schema<ChainState> = object({
  digest: text,
  added: v.tuple([count, count], 'is no pair of numbers'),
  links: listOf(chainLink, mostLinks),
  witnesses: listOf(witness, mostLinks),
});
