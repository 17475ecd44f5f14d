import * as v from 'valibot';
import type { WordModule } from '../../compiler/library/word.js';
import {
  count,
  listOf,
  nullable,
  object,
  oneOf,
  readJson,
  type Schema,
  text,
  truth,
  variant,
} from '../../runtime/formats/json.js';
import { chainLink, witness } from '../../runtime/training/chain-file.js';
import type { ChainLink } from '../../runtime/training/hash-chain.js';
import type { WeightValues } from '../../runtime/training/initial-weights.js';
import type { Witness, WitnessedPlace } from '../../runtime/training/witness.js';
import type { ReplayEnd, ReplayRequest } from './engine.js';

/**
 * What two processes say to each other, one object of JSON a line: the request goes in, messages come out. Another revision
 * of this program may be at the other end, so a change needs a new version.
 */
export const protocolVersion = 1;

/** A request, and the engine that is to serve it. */
export interface RemoteRequest extends ReplayRequest {
  readonly backend: string;
  readonly threads: number | null;
  /** The modules of words from outside, whose code the other end runs; older revisions know none. */
  readonly words: readonly WordModule[];
}

export type RemoteMessage =
  | { readonly type: 'link'; readonly link: ChainLink }
  | { readonly type: 'witness'; readonly witness: Witness }
  | { readonly type: 'tensor'; readonly place: WitnessedPlace; readonly values: Float32Array }
  | { readonly type: 'end'; readonly end: ReplayEnd }
  | { readonly type: 'error'; readonly message: string; readonly hint: string };

export function encodeRequest({ init, ...request }: RemoteRequest): string {
  return JSON.stringify({ version: protocolVersion, ...request, initial: init && encodeWeights(init) });
}

/** @throws JsonError for what is no request of this version */
export function decodeRequest(json: string): RemoteRequest {
  return readJson(request, json, 'the request');
}

export function encodeMessage(message: RemoteMessage): string {
  switch (message.type) {
    case 'tensor':
      return JSON.stringify({ ...message, values: base64(message.values) });
    case 'end': {
      const { weights, ...end } = message.end;
      return JSON.stringify({ type: 'end', end: { ...end, weights: weights && encodeWeights(weights) } });
    }
    case 'link':
    case 'witness':
    case 'error':
      return JSON.stringify(message);
  }
}

/** @throws JsonError for what is no message */
export function decodeMessage(json: string): RemoteMessage {
  return readJson(message, json, 'the message');
}

function encodeWeights(weights: WeightValues): readonly (readonly [string, string])[] {
  return [...weights].map(([key, values]) => [key, base64(values)]);
}

function base64({ buffer, byteOffset, byteLength }: Float32Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}

const most = 1_000_000;

const float32 = v.pipe(
  text,
  v.transform((values) => new Float32Array(Uint8Array.from(Buffer.from(values, 'base64')).buffer)),
);

const weights: Schema<WeightValues> = v.pipe(
  listOf(v.strictTuple([text, float32]), most),
  v.transform((entries) => new Map(entries)),
);

const witnessedPlace = object({ stage: text, step: count, name: text });

const request: Schema<RemoteRequest> = v.pipe(
  object({
    version: v.literal(protocolVersion, `is not ${protocolVersion}, which this aedsl speaks`),
    recipe: text,
    irSha256: text,
    dataSha256: text,
    recordedIn: object({ path: text, dataFolder: nullable(text), here: text }),
    seed: count,
    backend: text,
    threads: nullable(count),
    words: v.optional(listOf(object({ name: text, path: text, sha256: text }), 100), []),
    initial: nullable(weights),
    witness: listOf(object({ stage: text, from: count, to: count }), most),
    capture: listOf(witnessedPlace, most),
    weights: truth,
  }),
  v.transform(({ version: _, initial: init, ...rest }) => ({ ...rest, init })),
);

const message = variant<RemoteMessage>('type', {
  link: object({ type: oneOf('link'), link: chainLink }),
  witness: object({ type: oneOf('witness'), witness }),
  tensor: object({ type: oneOf('tensor'), place: witnessedPlace, values: float32 }),
  end: object({
    type: oneOf('end'),
    end: object({
      status: oneOf('complete', 'diverged', 'interrupted'),
      weightsSha256: text,
      weights: nullable(weights),
      weightsFileSha256: nullable(text),
    }),
  }),
  error: object({ type: oneOf('error'), message: text, hint: text }),
});
