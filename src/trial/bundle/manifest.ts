import { quoted } from '../../files/quoted.js';
import { runNumber } from '../../runtime/store/records.js';
import { BundleError } from './bundle-error.js';

/** What a bundle says of itself, in `bundle.json`. */
export interface Manifest {
  readonly experiment: string;
  /** As it was called where it was made. */
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
  /** Of aedsl. */
  readonly package: string;
  /** SHA-256 of every other file. */
  readonly files: Readonly<Record<string, string>>;
}

const version = 1;

export function encodeManifest(manifest: Manifest): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify({ version, ...manifest }, null, 2)}\n`);
}

/** @throws BundleError */
export function decodeManifest(bytes: Uint8Array): Manifest {
  const value = record(parsed(new TextDecoder().decode(bytes)));
  if (value.version !== version) {
    throw new BundleError(`a bundle of version ${String(value.version)}, and this aedsl reads ${version}`, {
      hint: 'use the version of aedsl that made it',
    });
  }
  const data = record(value.data);
  const manifest: Manifest = {
    experiment: text(value.experiment),
    run: runName(value.run),
    seed: number(value.seed),
    backend: text(value.backend),
    numerics: text(value.numerics),
    complete: value.complete === true,
    identity: text(value.identity),
    irSha256: text(value.irSha256),
    data: { name: text(data.name), sha256: text(data.sha256) },
    maxSteps: value.maxSteps === null ? null : number(value.maxSteps),
    initialSha256: value.initialSha256 === null ? null : text(value.initialSha256),
    weightsSha256: value.weightsSha256 === null ? null : text(value.weightsSha256),
    package: text(value.package),
    files: Object.fromEntries(Object.entries(record(value.files)).map(([name, sha256]) => [name, text(sha256)])),
  };
  if (!Buffer.from(encodeManifest(manifest)).equals(bytes)) {
    throw new BundleError('the bundle was altered: bundle.json is not as `aedsl bundle` writes it');
  }
  return manifest;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new BundleError('the bundle is damaged: its bundle.json is not JSON', { cause: error });
  }
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null)
    throw new BundleError('the bundle is damaged: bundle.json is incomplete');
  return Object.fromEntries(Object.entries(value));
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new BundleError('the bundle is damaged: a text is missing in bundle.json');
  return value;
}

/** A name that is told and taken for a number: nothing else belongs there. */
function runName(value: unknown): string {
  const name = text(value);
  if (runNumber(name) === null) throw new BundleError(`the bundle is damaged: ${quoted(name)} is no name of a run`);
  return name;
}

function number(value: unknown): number {
  if (typeof value !== 'number') throw new BundleError('the bundle is damaged: a number is missing in bundle.json');
  return value;
}
