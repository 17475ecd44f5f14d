import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { arch, cpus, platform, release } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { anyObject, readJson } from '../formats/json.js';
import { type GitState, gitState } from './git-state.js';
import { installedVersion, packageRoot } from './installed-package.js';
import { kernelsSha256 } from './kernels.js';

/** Software and hardware that a trial trains on. */
export interface Machine {
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
}

/**
 * Environment of a run, recorded beside its identity but never part of it. The machine is the one it last trained on;
 * everything else describes where it was started.
 */
export interface Environment extends Machine {
  readonly git: GitState | null;
  /** Arguments as typed, without the path of Node. */
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
  return { ...thisMachine(), git: gitState(folder, files), commandLine };
}

let machine: Machine | null = null;

/** Describes the machine and the installation, once. */
export function thisMachine(): Machine {
  machine ??= describeMachine();
  return machine;
}

function describeMachine(): Machine {
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
  };
}

/**
 * Puts the machine where a run trains into its recorded environment.
 * @param environment JSON
 * @returns the new JSON; null if it was recorded with that machine
 */
export function trainedOn(environment: string, { package: engine, node, os, cpu }: Machine): string | null {
  const recorded = readJson(anyObject, environment, 'the environment');
  const moved = JSON.stringify({ ...recorded, package: engine, node, os, cpu });
  return moved === JSON.stringify(recorded) ? null : moved;
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
