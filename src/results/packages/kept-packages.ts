import { createHash, randomUUID } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { readdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../files/folders.js';
import type { ProjectManifest } from './project-manifest.js';

/** Most cached installations, at a few hundred megabytes each. */
const mostKept = 4;

/**
 * Returns the packages of a lock file from the cache, installing them if needed.
 * @param cache folder of all installations
 * @param install creates `node_modules` in a folder with the lock file
 * @returns the path of `node_modules`; null if the lock file lists no package
 * @throws what `install` throws; nothing is cached then
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

/** Hashes everything that decides an installation's files, including npm's settings and which native code is built. */
function nameOf({ lock, settings }: ProjectManifest, scripts: boolean): string {
  const machine = [process.platform, process.arch, process.versions.modules];
  return createHash('sha256')
    .update(JSON.stringify([lock.text, settings, scripts, ...machine]))
    .digest('hex')
    .slice(0, 32);
}

/** An installation is named only when complete, so that an interrupted one is never used. */
async function makeWhole(
  kept: string,
  { manifest, lock, settings }: ProjectManifest,
  install: (folder: string) => Promise<void>,
): Promise<void> {
  const part = `${kept}.${randomUUID()}.part`;
  try {
    makeFolder(part);
    // The project's own scripts run in its own folder.
    const { scripts: _own, ...packages } = manifest;
    await writeFile(join(part, 'package.json'), JSON.stringify(packages));
    await writeFile(join(part, lock.name), lock.text);
    if (settings !== null) await writeFile(join(part, '.npmrc'), settings);
    await install(part);
    await rename(part, kept).catch((error: unknown) => {
      // Another process installed it first.
      if (!existsSync(kept)) throw error;
    });
  } finally {
    await rm(part, { recursive: true, force: true });
  }
}

/** Also deletes what a killed process left unfinished. */
async function forgetOldest(cache: string): Promise<void> {
  const paths = (await readdir(cache)).map((name) => join(cache, name));
  // Another process may have deleted one meanwhile.
  const used = paths.map((path) => ({ path, at: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 }));
  const old = used.sort((a, b) => b.at - a.at).slice(mostKept);
  for (const { path } of old) await rm(path, { recursive: true, force: true });
}
