import { lstatSync, mkdtempSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { isSystemError, systemCode } from '../../files/system-error.js';

/** Names the host and the process that made a folder, so that another one knows when it is abandoned. */
const prefix = 'aedsl-trial';
const folderName = new RegExp(`^${prefix}-\\d+-(.+)-(\\d+)-\\w{6}$`);

/** Makes a folder for a job. @throws the system's error */
export function makeJobFolder(jobs: string, trial: number): string {
  return mkdtempSync(join(jobs, `${prefix}-${trial}-${hostname()}-${process.pid}-`));
}

/** Folder of the jobs of a results database. */
export function jobsBeside(store: string): string {
  return `${resolve(store)}.jobs`;
}

/** Removes folders of jobs whose process on this machine was killed before it could. @throws the system's error */
export function removeAbandonedJobs(jobs: string): void {
  for (const { path, host, pid } of jobFolders(jobs)) {
    if (host === hostname() && !isRunning(pid)) rmSync(path, { recursive: true, force: true });
  }
}

/** Files in all folders of jobs, whoever made them. @throws the system's error */
export function filesOfJobs(jobs: string): readonly { readonly path: string; readonly bytes: number }[] {
  return jobFolders(jobs).flatMap(({ path: folder }) =>
    readdirSync(folder).map((name) => {
      const path = join(folder, name);
      return { path, bytes: lstatSync(path).size };
    }),
  );
}

/** Removes all folders of jobs. Nobody may be training them: the results must be open alone. @throws the system's error */
export function removeJobs(jobs: string): void {
  for (const { path } of jobFolders(jobs)) rmSync(path, { recursive: true, force: true });
  removeUnlessUsed(jobs);
}

/** Removes the folder of jobs, unless something is left in it. */
export function removeUnlessUsed(jobs: string): void {
  try {
    rmdirSync(jobs);
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
}

function jobFolders(jobs: string): readonly { readonly path: string; readonly host: string; readonly pid: number }[] {
  if (lstatSync(jobs, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  return readdirSync(jobs, { withFileTypes: true }).flatMap((entry) => {
    const [, host, pid] = folderName.exec(entry.name) ?? [];
    return host === undefined || !entry.isDirectory() ? [] : [{ path: join(jobs, entry.name), host, pid: Number(pid) }];
  });
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return systemCode(error) !== 'ESRCH';
  }
}
