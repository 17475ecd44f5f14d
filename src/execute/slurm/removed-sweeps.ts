import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { removeUnlessUsed } from '../command/jobs-folder.js';
import { submittedBeside } from './sweep-folder.js';

/** Whether the results of a database have a sweep. @param sweep `s3` */
export type HasSweep = (sweep: string) => boolean;

/** Files in the folders of submitted sweeps that the results no longer have. @throws the system's error */
export function filesOfRemovedSweeps(store: string, has: HasSweep): readonly { readonly bytes: number }[] {
  return foldersOf(store, has).flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).flatMap((name) => {
      const status = lstatSync(join(folder, name));
      return status.isDirectory() ? [] : [{ bytes: status.size }];
    }),
  );
}

/** Removes the folders of submitted sweeps that the results no longer have. @throws the system's error */
export function forgetRemovedSweeps(store: string, has: HasSweep): void {
  for (const folder of foldersOf(store, has)) rmSync(folder, { recursive: true, force: true });
  removeUnlessUsed(submittedBeside(store));
}

/** Without links, which lead elsewhere. */
function foldersOf(store: string, has: HasSweep): readonly string[] {
  const submitted = submittedBeside(store);
  if (lstatSync(submitted, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  return readdirSync(submitted, { withFileTypes: true }).flatMap((entry) =>
    /^s[1-9]\d{0,14}$/.test(entry.name) && entry.isDirectory() && !has(entry.name) ? join(submitted, entry.name) : [],
  );
}
