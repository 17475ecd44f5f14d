import { accessSync, constants } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder } from '../files/folders.js';
import { isSystemError, systemReason } from '../files/system-error.js';
import { type FileContent, writeFile } from '../files/write-file.js';
import { exitCodes, Failure } from './failure.js';

/**
 * Writes a command's output, whole or not at all.
 * @throws Failure that names the file, where the system refuses
 */
export function writeOutput(path: string, content: FileContent): void {
  try {
    writeFile(path, content);
  } catch (error) {
    throw writeFailure(path, error);
  }
}

/** As {@link writeOutput}, in a folder that is made where there is none. */
export function writeOutputInFolder(path: string, content: FileContent): void {
  makeOutputFolder(dirname(path));
  writeOutput(path, content);
}

/** Makes a folder for outputs, where there is none. @throws Failure that names it, where nothing can be written in it */
export function makeOutputFolder(path: string): void {
  try {
    makeFolder(path);
    accessSync(path, constants.W_OK);
  } catch (error) {
    throw writeFailure(path, error);
  }
}

/** The failure that an error of the system is, with the name of the file or folder; any other error itself. */
export function writeFailure(path: string, error: unknown): unknown {
  if (!isSystemError(error)) return error;
  return new Failure(exitCodes.environment, `cannot write '${path}': ${systemReason(error)}`, hintFor(error.code), {
    cause: error,
  });
}

function hintFor(code: string): string {
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'make its folder first, or name another one';
  return 'what was there before is untouched';
}
