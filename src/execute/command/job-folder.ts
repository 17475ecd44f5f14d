import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import { readRegularFile } from '../../files/read-file.js';
import { writeAtomically } from '../../files/write-file.js';
import { parseRecipe, stringifyRecipe } from '../../project/recipe.js';
import { mostThreads } from '../../runtime/backend/backend.js';
import { mostDataBytes } from '../../runtime/datasets/data-limits.js';
import {
  anyNumber,
  anyObject,
  count,
  JsonError,
  listOf,
  nullable,
  object,
  oneOf,
  parseJson,
  readJsonFile,
  recordOf,
  type Schema,
  text,
  truth,
  wholeNumber,
} from '../../runtime/formats/json.js';
import type { CheckpointRecord } from '../../runtime/store/records.js';
import type { CheckpointPlace } from '../executor.js';
import type { Follow, TrialJob } from '../job.js';

/** Changes whenever a job or a message has another shape: another version of aedsl may be at the other end. */
const version = 1;

const limits = { jobBytes: 256 * 2 ** 20, names: 1_000_000, modules: 100 } as const;

/** File in the folder of a job. */
export interface JobFile {
  /** A name without folders. */
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
}

const fileName = v.pipe(text, v.regex(/^\w[\w.-]{0,99}$/, 'is not a plain file name'));
const named = { file: fileName, sha256: text, bytes: count } as const;

export const jobFile: Schema<JobFile> = object(named);

export const checkpointRecord: Schema<CheckpointRecord> = object({
  stage: count,
  step: count,
  epochs: count,
  seconds: anyNumber,
  ...named,
});

const witnessedPlace = { stage: text, step: count, name: text } as const;

const follow: Schema<Follow> = object({
  witness: listOf(object({ stage: text, from: count, to: count }), limits.names),
  capture: listOf(object(witnessedPlace), limits.names),
});

/** A job as JSON; what is long is in files beside it. */
const job = object({
  version: oneOf(version),
  trial: count,
  recipe: anyObject,
  words: listOf(object({ name: text, path: text, sha256: text }), limits.modules),
  dataFiles: recordOf(text, limits.names),
  seed: count,
  expected: nullable(
    object({
      identity: v.exactOptional(text),
      numerics: v.exactOptional(text),
      irSha256: v.exactOptional(text),
      dataSha256: v.exactOptional(text),
    }),
  ),
  backend: text,
  threads: nullable(wholeNumber(1, mostThreads)),
  untilEpoch: nullable(count),
  checkpoints: nullable(object({ seconds: nullable(anyNumber), epochs: nullable(wholeNumber(1)) })),
  from: nullable(checkpointRecord),
  trained: nullable(jobFile),
  init: nullable(jobFile),
  previews: truth,
  follow: v.exactOptional(follow),
});

/**
 * Writes a job, with the files it needs, into its own folder.
 * @param checkpoints the place of the checkpoint to resume from; null if none are kept
 * @returns the path of the job's file
 * @throws the system's error
 */
export function writeJob(folder: string, given: TrialJob, checkpoints: CheckpointPlace | null): string {
  const path = join(folder, 'job.json');
  const put = (name: string, bytes: Uint8Array | null) => bytes && putFile(folder, name, bytes);
  const from = given.from && checkpoints && readCheckpoint(checkpoints.folder, given.from);
  const written = {
    version,
    ...given,
    recipe: parseJson(given.recipe),
    checkpoints: checkpoints && given.checkpoints,
    from: from && { ...given.from, ...putFile(folder, 'from.safetensors', from) },
    trained: put('trained.safetensors', given.trained),
    init: put('init.safetensors', given.init),
  };
  writeAtomically(path, `${path}.part`, `${JSON.stringify(written)}\n`);
  return path;
}

/**
 * Reads a job that anybody may have written.
 * @throws FileError, JsonError for what is no job of this version, or whose files are not those that it names
 */
export function readJob(path: string): TrialJob {
  const { version: _, recipe, trained, init, ...rest } = readJsonFile(job, path, limits.jobBytes);
  const get = (file: JobFile | null) => file && getFile(dirname(path), file);
  if (rest.from !== null) getFile(dirname(path), rest.from);
  return {
    ...rest,
    recipe: stringifyRecipe(parseRecipe(JSON.stringify(recipe))),
    trained: get(trained),
    init: get(init),
  };
}

function readCheckpoint(folder: string, { file, bytes }: CheckpointRecord): Uint8Array {
  return readRegularFile(join(folder, file), bytes);
}

/** Durably writes a file of a job. */
export function putFile(folder: string, name: string, bytes: Uint8Array): JobFile {
  const path = join(folder, name);
  writeAtomically(path, `${path}.part`, bytes);
  return { file: name, sha256: sha256Of(bytes), bytes: bytes.length };
}

/** @throws FileError; JsonError for a file of other content than was said */
export function getFile(folder: string, { file, sha256, bytes: length }: JobFile): Uint8Array {
  const bytes = readRegularFile(join(folder, file), Math.min(length, mostDataBytes));
  if (bytes.length === length && sha256Of(bytes) === sha256) return bytes;
  throw new JsonError(`the file '${file}' of the job is not the one that was written: its checksum differs`);
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
