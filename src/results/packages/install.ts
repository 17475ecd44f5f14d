import { constants, realpathSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { userCache } from '../../runtime/datasets/places.js';
import { execute } from './execute.js';
import { keptPackages } from './kept-packages.js';
import { isInstalledAnywhereAlike, projectManifest } from './project-manifest.js';

export interface InstallOptions {
  /** Whether packages' scripts run, which build their native parts, and the project's own. */
  readonly scripts: boolean;
  readonly signal: AbortSignal;
  /** Told before npm installs, which can take minutes. */
  readonly onInstall?: () => void;
  /** Where installations are kept; in the user's cache by default. */
  readonly cache?: string;
  /** Runs npm in a folder. */
  readonly npm?: (args: readonly string[], folder: string) => Promise<unknown>;
}

/**
 * Installs the packages of a folder as its lock file says, like `npm ci`. Packages are installed once for each lock file,
 * kept, and copied: compiling a native one takes minutes, a copy seconds. A copy is the folder's own, so that whatever is
 * built in it changes nobody else's.
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

/** Puts a copy of a `node_modules` into a folder. Links between packages stay links; files share blocks where they can. */
export function copyPackages(modules: string, folder: string): Promise<void> {
  const options = { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE };
  return cp(realpathSync(modules), join(folder, 'node_modules'), options);
}
