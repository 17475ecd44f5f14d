import { createHash, randomUUID } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { readdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../files/folders.js';
import type { ProjectManifest } from './project-manifest.js';

/** Those that were used last; each is a few hundred megabytes. */
const mostKept = 4;

/**
 * The packages of a lock file, from the kept ones or installed there.
 * @param cache the folder of all that are kept
 * @param install makes `node_modules` in a folder that has the lock file
 * @returns the path of `node_modules`; null where the lock file names no package
 * @throws what `install` throws; nothing is kept then
 */
export async function keptPackages(
  project: ProjectManifest,
  cache: string,
  scripts: boolean,
  install: (folder: string) => Promise<void>,
): Promise<string | null> {
  const kept = join(cache, nameOf(project, scripts));
  if (!existsSync(kept)) await makeWhole(kept, project, install);
  const now = new Date();
  await utimes(kept, now, now);
  await forgetOldest(cache);
  const modules = join(kept, 'node_modules');
  return existsSync(modules) ? modules : null;
}

/** What decides which files an installation has: also npm's settings, and whose native code is built. */
function nameOf({ lock, settings }: ProjectManifest, scripts: boolean): string {
  const machine = [process.platform, process.arch, process.versions.modules];
  return createHash('sha256')
    .update(JSON.stringify([lock.text, settings, scripts, ...machine]))
    .digest('hex')
    .slice(0, 32);
}

/** An installation gets its name when it is complete, so that one that was interrupted is never used. */
async function makeWhole(
  kept: string,
  { manifest, lock, settings }: ProjectManifest,
  install: (folder: string) => Promise<void>,
): Promise<void> {
  const part = `${kept}.${randomUUID()}.part`;
  try {
    makeFolder(part);
    // The project's own scripts belong to its folder, and run there.
    const { scripts: _own, ...packages } = manifest;
    await writeFile(join(part, 'package.json'), JSON.stringify(packages));
    await writeFile(join(part, lock.name), lock.text);
    if (settings !== null) await writeFile(join(part, '.npmrc'), settings);
    await install(part);
    await rename(part, kept).catch((error: unknown) => {
      // Another process was as quick.
      if (!existsSync(kept)) throw error;
    });
  } finally {
    await rm(part, { recursive: true, force: true });
  }
}

/** Also what a process that was killed left unfinished. */
async function forgetOldest(cache: string): Promise<void> {
  const paths = (await readdir(cache)).map((name) => join(cache, name));
  // Another process may have forgotten one meanwhile.
  const used = paths.map((path) => ({ path, at: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 }));
  const old = used.sort((a, b) => b.at - a.at).slice(mostKept);
  for (const { path } of old) await rm(path, { recursive: true, force: true });
}
