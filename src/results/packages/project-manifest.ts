import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What npm reads to install the packages of a folder. */
export interface ProjectManifest {
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly lock: { readonly name: string; readonly text: string };
  /** The folder's settings of npm; null where it has none. */
  readonly settings: string | null;
}

/** Null where the folder has no lock file of packages, or what it has cannot be read. */
export function projectManifest(folder: string): ProjectManifest | null {
  const text = (name: string) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : null);
  // As npm chooses where there are both.
  const name = existsSync(join(folder, 'npm-shrinkwrap.json')) ? 'npm-shrinkwrap.json' : 'package-lock.json';
  const [manifest, lock] = [objectOf(text('package.json')), text(name)];
  if (manifest === null || lock === null) return null;
  return { manifest, lock: { name, text: lock }, settings: text('.npmrc') };
}

/**
 * Whether the same lock file gives the same packages in any folder: none of them lies in the folder itself, and nothing but
 * npm puts them there. `prepare` may run afterwards.
 */
export function isInstalledAnywhereAlike({ manifest, lock }: ProjectManifest, folder: string): boolean {
  const packages = objectOf(lock.text)?.packages;
  if (!isObject(packages) || existsSync(join(folder, 'binding.gyp'))) return false;
  const isLocal = (entry: unknown) =>
    isObject(entry) && (entry.link === true || String(entry.resolved ?? '').startsWith('file:'));
  if (Object.entries(packages).some(([path, entry]) => path !== '' && isLocal(entry))) return false;
  const scripts = isObject(manifest.scripts) ? Object.keys(manifest.scripts) : [];
  return !scripts.some((script) => ownScripts.includes(script));
}

/** Those that `npm ci` runs of a project itself, without `prepare` and what `npm run prepare` runs beside it. */
const ownScripts: readonly string[] = ['preinstall', 'install', 'postinstall', 'prepublish'];

function objectOf(text: string | null): Readonly<Record<string, unknown>> | null {
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch (error) {
    // npm says what is wrong with it.
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
