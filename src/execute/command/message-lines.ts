import * as v from 'valibot';
import type { PreviewPicture, TrainingEvent } from '../../runtime/events.js';
import {
  anyNumber,
  count,
  listOf,
  nullable,
  object,
  oneOf,
  readJson,
  recordOf,
  type Schema,
  text,
  truth,
  variant,
} from '../../runtime/formats/json.js';
import type { TrainingResult } from '../../runtime/store/run-writer.js';
import { chainLink, witness } from '../../runtime/training/chain-file.js';
import type { TrialMessage } from '../job.js';
import { checkpointRecord, getFile, type JobFile, jobFile, putFile } from './job-folder.js';

/** The message `trained`, with the weights and the chain in files of the job's folder. */
interface TrainedFiles {
  readonly type: 'trained';
  readonly result: Omit<TrainingResult, 'weights' | 'chain'> & {
    readonly weights: JobFile;
    readonly chain: JobFile;
  };
}

type Line = Exclude<TrialMessage, { readonly type: 'trained' | 'lost' }> | TrainedFiles;

/** A message as a line of JSON, without its end. @param folder of the job @throws the system's error */
export function messageLine(message: Exclude<TrialMessage, { readonly type: 'lost' }>, folder: string): string {
  if (message.type !== 'trained') return JSON.stringify(message, jsonValue);
  const { weights, chain, ...result } = message.result;
  const files = {
    weights: putFile(folder, 'weights.safetensors', weights),
    chain: putFile(folder, 'chain.json', chain),
  };
  return JSON.stringify({ type: 'trained', result: { ...result, ...files } } satisfies TrainedFiles, jsonValue);
}

/**
 * Reads a line that any program may have written.
 * @param folder of the job
 * @throws JsonError for what is no message, FileError for one whose files are missing
 */
export function readMessageLine(text: string, folder: string): TrialMessage {
  const message = readJson(line, text, 'the message');
  if (message.type !== 'trained') return message;
  const { weights, chain, ...result } = message.result;
  return { type: 'trained', result: { ...result, weights: getFile(folder, weights), chain: getFile(folder, chain) } };
}

/** Numbers that JSON lacks as text, arrays as base64. */
function jsonValue(this: unknown, key: string, value: unknown): unknown {
  // A Buffer has been made an object by its toJSON.
  const original: unknown = this instanceof Object ? Reflect.get(this, key) : value;
  if (original instanceof Uint8Array || original instanceof Float32Array) return base64(original);
  if (typeof value !== 'number') return value;
  if (Object.is(value, -0)) return '-0';
  return Number.isFinite(value) ? value : String(value);
}

function base64({ buffer, byteOffset, byteLength }: Uint8Array | Float32Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}

const limits = { names: 1_000_000, events: 1_000_000, stages: 10_000, pictures: 10_000 } as const;

const number: Schema<number> = v.union(
  [v.pipe(v.picklist(['NaN', 'Infinity', '-Infinity', '-0']), v.transform(Number)), anyNumber],
  'is not a number',
);
const numbers = recordOf(number, limits.names);
const texts = listOf(text, limits.names);

const bytes: Schema<Uint8Array> = v.pipe(
  text,
  v.transform((encoded) => new Uint8Array(Buffer.from(encoded, 'base64'))),
);

/** float32, little-endian. */
const floats: Schema<Float32Array> = v.pipe(
  bytes,
  v.check(({ length }) => length % 4 === 0, 'is not a list of float32 values'),
  v.transform(({ buffer, byteLength }) => new Float32Array(buffer, 0, byteLength / 4)),
);

const divergence = nullable(object({ stage: text, step: count, layer: text }));

const event = variant<TrainingEvent>('event', {
  trial_started: object({
    event: oneOf('trial_started'),
    experiment: text,
    seed: count,
    backend: text,
    examples: object({ train: count, validation: count, test: count }),
    parameters: count,
    stages: listOf(object({ stage: text, epochs: count, steps: count }), limits.stages),
    targets: numbers,
  }),
  stage_started: object({
    event: oneOf('stage_started'),
    stage: text,
    epochs: count,
    stepsPerEpoch: count,
    steps: v.exactOptional(count),
  }),
  steps: object({ event: oneOf('steps'), stage: text, firstStep: count, series: recordOf(floats, limits.names) }),
  epoch: object({ event: oneOf('epoch'), stage: text, epoch: count, metrics: numbers, stepsPerSecond: number }),
  evaluation: object({
    event: oneOf('evaluation'),
    stage: text,
    part: oneOf('train', 'validation', 'test'),
    epoch: count,
    metrics: numbers,
  }),
  evaluating: object({ event: oneOf('evaluating'), names: texts, done: count, of: count, share: number }),
  diagnostics: object({ event: oneOf('diagnostics'), stage: text, epoch: count, metrics: numbers }),
  checkpoint: object({ event: oneOf('checkpoint'), stage: text, step: count, sha256: text }),
  stage_done: object({
    event: oneOf('stage_done'),
    stage: text,
    epochs: count,
    steps: count,
    reason: oneOf('complete', 'early_stop', 'max_steps'),
  }),
  trial_done: object({
    event: oneOf('trial_done'),
    status: oneOf('complete', 'diverged', 'interrupted', 'failed'),
    metrics: numbers,
    weightsSha256: text,
    divergence,
    seconds: number,
  }),
});

const picture: Schema<PreviewPicture> = v.pipe(
  object({
    name: text,
    width: count,
    height: count,
    rgb: bytes,
    tiles: nullable(object({ count, columns: count, width: count, height: count, rows: count })),
  }),
  v.check(({ width, height, rgb }) => rgb.length === 3 * width * height, 'has another size than its pixels'),
);

const ended = { metrics: numbers, weightsSha256: text } as const;

const line = variant<Line>('type', {
  machine: object({
    type: oneOf('machine'),
    machine: object({
      package: object({ version: text, lockfileSha256: nullable(text), kernelsSha256: nullable(text) }),
      node: text,
      os: object({ platform: text, release: text, arch: text }),
      cpu: object({ model: text, cores: count }),
    }),
  }),
  events: object({ type: oneOf('events'), events: listOf(event, limits.events) }),
  checkpoint: object({ type: oneOf('checkpoint'), checkpoint: checkpointRecord }),
  preview: object({
    type: oneOf('preview'),
    moment: object({ stage: text, epoch: count }),
    pictures: listOf(picture, limits.pictures),
  }),
  report: object({ type: oneOf('report'), stepsPerSecond: number, bytes: count }),
  note: object({ type: oneOf('note'), text }),
  link: object({ type: oneOf('link'), link: chainLink }),
  witness: object({ type: oneOf('witness'), witness }),
  tensor: object({
    type: oneOf('tensor'),
    place: object({ stage: text, step: count, name: text }),
    values: floats,
  }),
  trained: object({
    type: oneOf('trained'),
    result: object({
      ...ended,
      status: oneOf('complete', 'diverged'),
      divergence,
      seconds: number,
      curves: texts,
      weights: jobFile,
      chain: jobFile,
    }),
  }),
  ended: object({
    type: oneOf('ended'),
    end: object({
      ...ended,
      status: oneOf('complete', 'diverged', 'interrupted'),
      pictures: listOf(object({ name: text, png: bytes }), limits.pictures),
      failures: listOf(object({ what: text, reason: text }), limits.names),
      unfinished: truth,
      atEpoch: v.exactOptional(count),
    }),
  }),
  failed: object({ type: oneOf('failed'), reason: text, hint: v.exactOptional(text) }),
});
