import type { RecordedIn } from '../../project/recorded-place.js';
import { chainOf } from '../../runtime/training/chain-file.js';
import { type ChainLink, emptyChain } from '../../runtime/training/hash-chain.js';
import type { WeightValues } from '../../runtime/training/initial-weights.js';
import type { Witness, WitnessedPlace } from '../../runtime/training/witness.js';
import type { ReplayEnd, ReplayRequest, StepRange } from './engine.js';

/**
 * What two processes say to each other, one object of JSON a line: the request goes in, messages come out. Another revision
 * of this program may be at the other end, so a change needs a new version.
 */
export const protocolVersion = 1;

/** A request, and the engine that is to serve it. */
export interface RemoteRequest extends ReplayRequest {
  readonly backend: string;
  readonly threads: number | null;
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

/** @throws SyntaxError for what is no request of this version */
export function decodeRequest(text: string): RemoteRequest {
  const value = record(JSON.parse(text));
  if (value.version !== protocolVersion) throw new SyntaxError(`a request of version ${String(value.version)}`);
  return {
    recipe: string(value.recipe),
    irSha256: string(value.irSha256),
    dataSha256: string(value.dataSha256),
    recordedIn: placesOf(value.recordedIn),
    seed: number(value.seed),
    backend: string(value.backend),
    threads: value.threads === null ? null : number(value.threads),
    init: value.initial === null ? null : decodeWeights(value.initial),
    witness: list(value.witness).map(range),
    capture: list(value.capture).map(place),
    weights: value.weights === true,
  };
}

function placesOf(value: unknown): RecordedIn {
  const { path, dataFolder, here } = record(value);
  return { path: string(path), dataFolder: dataFolder === null ? null : string(dataFolder), here: string(here) };
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

/** @throws SyntaxError for what is no message */
export function decodeMessage(text: string): RemoteMessage {
  const value = record(JSON.parse(text));
  switch (value.type) {
    case 'link': {
      const [link] = chainOf({ ...emptyChain, links: [value.link] }).links;
      if (link) return { type: 'link', link };
      break;
    }
    case 'witness': {
      const [witness] = chainOf({ ...emptyChain, witnesses: [value.witness] }).witnesses;
      if (witness) return { type: 'witness', witness };
      break;
    }
    case 'tensor':
      return { type: 'tensor', place: place(value.place), values: float32(value.values) };
    case 'end': {
      const { status, weightsSha256, weights, weightsFileSha256 = null } = record(value.end);
      return {
        type: 'end',
        end: {
          status: status === 'complete' || status === 'diverged' ? status : 'interrupted',
          weightsSha256: string(weightsSha256),
          weights: weights === null ? null : decodeWeights(weights),
          weightsFileSha256: weightsFileSha256 === null ? null : string(weightsFileSha256),
        },
      };
    }
    case 'error':
      return { type: 'error', message: string(value.message), hint: string(value.hint) };
  }
  throw new SyntaxError('no message of a replay');
}

function encodeWeights(weights: WeightValues): readonly (readonly [string, string])[] {
  return [...weights].map(([key, values]) => [key, base64(values)]);
}

function decodeWeights(value: unknown): WeightValues {
  return new Map(
    list(value).map((entry) => {
      const [key, values] = list(entry);
      return [string(key), float32(values)];
    }),
  );
}

function base64({ buffer, byteOffset, byteLength }: Float32Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}

function float32(value: unknown): Float32Array {
  const bytes = Buffer.from(string(value), 'base64');
  return new Float32Array(Uint8Array.from(bytes).buffer);
}

function range(value: unknown): StepRange {
  const { stage, from, to } = record(value);
  return { stage: string(stage), from: number(from), to: number(to) };
}

function place(value: unknown): WitnessedPlace {
  const { stage, step, name } = record(value);
  return { stage: string(stage), step: number(step), name: string(name) };
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) throw new SyntaxError('an object is missing');
  return Object.fromEntries(Object.entries(value));
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new SyntaxError('a list is missing');
  return value;
}

function string(value: unknown): string {
  if (typeof value !== 'string') throw new SyntaxError('a text is missing');
  return value;
}

function number(value: unknown): number {
  if (typeof value !== 'number') throw new SyntaxError('a number is missing');
  return value;
}
