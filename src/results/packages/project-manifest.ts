import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  anything,
  checked,
  JsonError,
  lenient,
  object,
  readJson,
  recordOf,
  type Schema,
  text,
  truth,
} from '../../runtime/formats/json.js';

export interface ProjectManifest {
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly lock: { readonly name: string; readonly text: string };
  /** The folder's npm settings; null if it has none. */
  readonly settings: string | null;
}

/** Null if the folder has no readable lock file. */
export function projectManifest(folder: string): ProjectManifest | null {
  const fileText = (name: string) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : null);
  // npm prefers it too.
  const name = existsSync(join(folder, 'npm-shrinkwrap.json')) ? 'npm-shrinkwrap.json' : 'package-lock.json';
  const [manifest, lock] = [read(aRecord, fileText('package.json'), 'package.json'), fileText(name)];
  if (manifest === null || lock === null) return null;
  return { manifest, lock: { name, text: lock }, settings: fileText('.npmrc') };
}

interface LockedPackage {
  readonly link: boolean | null;
  readonly resolved: string | null;
}

/**
 * Whether the lock file gives the same packages in any folder: none is a path in the folder itself, and only npm writes
 * them. `prepare` may run afterwards.
 */
export function isInstalledAnywhereAlike({ manifest, lock }: ProjectManifest, folder: string): boolean {
  const packages = read(lockedPackages, lock.text, lock.name)?.packages ?? null;
  if (packages === null || existsSync(join(folder, 'binding.gyp'))) return false;
  const isLocal = ([path, { link, resolved }]: readonly [string, LockedPackage]) =>
    path !== '' && (link === true || (resolved ?? '').startsWith('file:'));
  if (Object.entries(packages).some(isLocal)) return false;
  const named = checked(scripts, manifest, 'package.json').scripts ?? {};
  return !Object.keys(named).some((script) => ownScripts.includes(script));
}

/** Scripts of the project itself that `npm ci` runs, except `prepare` and what `npm run prepare` runs with it. */
const ownScripts: readonly string[] = ['preinstall', 'install', 'postinstall', 'prepublish'];

const aRecord = recordOf(anything, 1_000_000);
const scripts = object({ scripts: lenient(aRecord) });
const lockedPackages = object({
  packages: lenient(recordOf(object({ link: lenient(truth), resolved: lenient(text) }), 1_000_000)),
});

/** Null if invalid: npm reports what is wrong. */
function read<T>(schema: Schema<T>, json: string | null, place: string): T | null {
  if (json === null) return null;
  try {
    return readJson(schema, json, place);
  } catch (error) {
    if (error instanceof JsonError) return null;
    throw error;
  }
}
