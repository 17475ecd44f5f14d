import { constants, realpathSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { userCache } from '../../runtime/datasets/places.js';
import { execute } from './execute.js';
import { keptPackages } from './kept-packages.js';
import { isInstalledAnywhereAlike, projectManifest } from './project-manifest.js';

export interface InstallOptions {
  /** Whether to run install scripts, which build native parts, of packages and of the project. */
  readonly scripts: boolean;
  readonly signal: AbortSignal;
  /** Called before npm installs, which can take minutes. */
  readonly onInstall?: () => void;
  /** Cache of installations; in the user's cache folder by default. */
  readonly cache?: string;
  /** Runs npm in a folder. */
  readonly npm?: (args: readonly string[], folder: string) => Promise<unknown>;
}

/**
 * Installs a folder's packages by its lock file, like `npm ci`. Installations are cached by lock file and copied:
 * compiling a native package takes minutes, a copy seconds. Each folder gets its own copy, so that builds in it affect
 * no other folder.
 * @throws InstallationError
 */
export async function installPackages(folder: string, options: InstallOptions): Promise<void> {
  const { scripts, signal, onInstall = () => {}, cache = join(userCache(process.env), 'packages') } = options;
  const npm = options.npm ?? ((args: readonly string[], place: string) => execute('npm', args, place, signal));
  const clean = ['ci', '--no-audit', '--no-fund', ...(scripts ? [] : ['--ignore-scripts'])];
  const project = projectManifest(folder);
  if (project === null || !isInstalledAnywhereAlike(project, folder)) {
    onInstall();
    await npm(clean, folder);
    return;
  }
  const modules = await keptPackages(project, cache, scripts, async (place) => {
    onInstall();
    await npm(clean, place);
  });
  if (modules !== null) await copyPackages(modules, folder);
  if (scripts) await npm(['run', 'prepare', '--if-present'], folder);
}

/**
 * Copies `node_modules` into a folder. Links between packages stay links; files share blocks if the file system can.
 */
export function copyPackages(modules: string, folder: string): Promise<void> {
  const options = { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE };
  return cp(realpathSync(modules), join(folder, 'node_modules'), options);
}
