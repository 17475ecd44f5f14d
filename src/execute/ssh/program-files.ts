import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import * as v from 'valibot';
import { readRegularFile } from '../../files/read-file.js';
import { object, readJsonFile, recordOf, text } from '../../runtime/formats/json.js';

/** aedsl as it is installed here, for a host that lacks it. */
export interface ProgramFiles {
  /** SHA-256 of the names and contents. */
  readonly sha256: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** What starts, below the folder of the package. */
const mainFile = 'dist/src/cli/main.js';

/** Where aedsl is on a host. @param sha256 of its files */
export function programBelow(base: string, sha256: string): string {
  return `${base}/programs/${sha256}/${mainFile}`;
}

/** Whether a path is one of `programBelow`, of any version. */
export function isProgramBelow(base: string, path: string): boolean {
  const sha256 = path.slice(`${base}/programs/`.length).split('/', 1)[0] ?? '';
  return /^[0-9a-f]{64}$/.test(sha256) && path === programBelow(base, sha256);
}

const folders = ['dist/programs', 'dist/src/runtime/backend/simd'];
const single = [mainFile, 'dist/src/execute/trial-host.js', 'dist/src/execute/trial-thread.js', 'package.json'];
const unneeded = /\.(?:map|d\.ts|md|tsbuildinfo)$/;
const limits = { file: 2 ** 28, manifest: 2 ** 20 } as const;
const manifest = object({ dependencies: v.optional(recordOf(text, 1000), {}) });

/**
 * The files of aedsl that train a trial, read from an installation.
 * @param main the file that started this process
 * @throws FileError, the system's error
 */
export function programFiles(main: string): ProgramFiles {
  const root = resolve(dirname(main), '../../..');
  const { dependencies } = readJsonFile(manifest, join(root, 'package.json'), limits.manifest);
  const paths = new Map<string, string>();
  for (const name of single) paths.set(name, join(root, name));
  for (const folder of folders) addBelow(paths, join(root, folder), folder);
  // Optional ones are SQLite, and databases stay here.
  for (const name of Object.keys(dependencies)) addBelow(paths, packageFolder(root, name), `node_modules/${name}`);
  const files = new Map(
    [...paths].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, path]) => [name, readRegularFile(path, limits.file)]),
  );
  const hash = createHash('sha256');
  for (const [name, bytes] of files) hash.update(`${name}\n${bytes.length}\n`).update(bytes);
  return { sha256: hash.digest('hex'), files };
}

/** As Node finds it: a package manager may have put it beside us. */
function packageFolder(root: string, name: string): string {
  for (let folder = root; ; folder = dirname(folder)) {
    const place = join(folder, 'node_modules', name);
    if (existsSync(place) || dirname(folder) === folder) return place;
  }
}

function addBelow(paths: Map<string, string>, folder: string, name: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !unneeded.test(entry.name)) {
      paths.set(`${name}/${relative(folder, path).split(sep).join('/')}`, path);
    }
  }
}
