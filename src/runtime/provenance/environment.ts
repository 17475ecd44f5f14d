import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { arch, cpus, platform, release } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { type GitState, gitState } from './git-state.js';
import { installedVersion, packageRoot } from './installed-package.js';
import { kernelsSha256 } from './kernels.js';

/** Where and with what a run was made; recorded beside its identity and never part of it. */
export interface Environment {
  readonly package: {
    readonly version: string;
    /** SHA-256 of the lock file that pins the dependencies; null if there is none. */
    readonly lockfileSha256: string | null;
    /** SHA-256 of the `simd` backend's kernels. */
    readonly kernelsSha256: string | null;
  };
  readonly node: string;
  readonly os: { readonly platform: string; readonly release: string; readonly arch: string };
  readonly cpu: { readonly model: string; readonly cores: number };
  readonly git: GitState | null;
  /** As started, without the path of Node. */
  readonly commandLine: readonly string[];
}

/**
 * Describes the machine, the installation and the repository around `folder`.
 *
 * @param folder of the experiment
 * @param files of the experiment, including those it extends
 */
export async function collectEnvironment(
  folder: string,
  commandLine: readonly string[],
  files: readonly string[] = [],
): Promise<Environment> {
  const processors = cpus();
  return {
    package: {
      version: installedVersion(),
      lockfileSha256: lockfileSha256(packageRoot()),
      kernelsSha256: kernelsSha256(),
    },
    node: process.version,
    os: { platform: platform(), release: release(), arch: arch() },
    cpu: { model: processors[0]?.model.trim() ?? 'unknown', cores: processors.length },
    git: gitState(folder, files),
    commandLine,
  };
}

/** Folder to run git in for an experiment: that of its file; the current folder if that is gone or unknown. */
export function experimentFolder(file: string | null): string {
  const folder = file === null ? process.cwd() : dirname(resolve(file));
  return existsSync(folder) ? folder : process.cwd();
}

const lockfiles = ['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock'];

/** Uses the lock file of the package in a clone, and that of the dependent project in an installation. */
function lockfileSha256(folder: string): string | null {
  const lockfile = lockfiles.map((name) => join(folder, name)).find(existsSync);
  if (lockfile !== undefined) return createHash('sha256').update(readFileSync(lockfile)).digest('hex');
  return dirname(folder) === folder ? null : lockfileSha256(dirname(folder));
}
