import * as v from 'valibot';
import { quoted } from '../../files/quoted.js';
import {
  anything,
  checked,
  count,
  JsonError,
  nullable,
  object,
  parseJson,
  recordOf,
  type Schema,
  text,
  truth,
} from '../../runtime/formats/json.js';
import { runNumber } from '../../runtime/store/records.js';
import { BundleError } from './bundle-error.js';

/** Contents of `bundle.json`. */
export interface Manifest {
  readonly experiment: string;
  /** Id of the run in the results it was packed from. */
  readonly run: string;
  readonly seed: number;
  readonly backend: string;
  readonly numerics: string;
  readonly complete: boolean;
  readonly identity: string;
  readonly irSha256: string;
  readonly data: { readonly name: string; readonly sha256: string };
  readonly maxSteps: number | null;
  readonly initialSha256: string | null;
  readonly weightsSha256: string | null;
  /** Version of aedsl. */
  readonly package: string;
  /** SHA-256 of every other file. */
  readonly files: Readonly<Record<string, string>>;
}

const version = 1;
const mostFiles = 10_000;

export function encodeManifest(manifest: Manifest): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify({ version, ...manifest }, null, 2)}\n`);
}

/** @throws BundleError */
export function decodeManifest(bytes: Uint8Array): Manifest {
  const manifest = read(bytes);
  if (!Buffer.from(encodeManifest(manifest)).equals(bytes)) {
    throw new BundleError('the bundle was altered: bundle.json is not as `aedsl bundle` writes it');
  }
  return manifest;
}

function read(bytes: Uint8Array): Manifest {
  try {
    const value = parseJson(new TextDecoder().decode(bytes), 'bundle.json');
    const { version: written } = checked(object({ version: anything }), value, 'bundle.json');
    if (written !== version) {
      throw new BundleError(`a bundle of version ${String(written)}, and this aedsl reads ${version}`, {
        hint: 'use the version of aedsl that made it',
      });
    }
    return checked(manifest, value, 'bundle.json');
  } catch (error) {
    if (error instanceof JsonError) throw new BundleError(`the bundle is damaged: ${error.message}`, { cause: error });
    throw error;
  }
}

/** A run's name, which is displayed and parsed as a number: nothing else is allowed. */
const runName = v.pipe(
  text,
  v.check(
    (name) => runNumber(name) !== null,
    ({ input }) => `is ${quoted(input)}, and no name of a run`,
  ),
);

const manifest: Schema<Manifest> = object({
  experiment: text,
  run: runName,
  seed: count,
  backend: text,
  numerics: text,
  complete: truth,
  identity: text,
  irSha256: text,
  data: object({ name: text, sha256: text }),
  maxSteps: nullable(count),
  initialSha256: nullable(text),
  weightsSha256: nullable(text),
  package: text,
  files: recordOf(text, mostFiles),
});
